//! Ways through the plane from all samples, as a figure for paper; and which curve goes with which.

use roswave_engine::signal::align::{Align, Aligner, Clock, Limits};
use roswave_widgets::figure::{Axis, Figure, Kind, Layer};
use roswave_widgets::theme;

use super::CurveSamples;
use crate::board::{Between, PanelSpec};

/// What is said while there is nothing to draw.
pub const NEEDS_BOTH: &str = "An XY plot needs a field along X and one along Y: drop one on each";

/// Which curves go together, as `(x, y)`: the first one along Y with the first one along X, and so on; when there are
/// fewer along X, the last of them serves the rest.
pub fn pairs(on_x: &[bool]) -> Vec<(usize, usize)> {
    let of = |wanted: bool| (0..on_x.len()).filter(move |index| on_x.get(*index) == Some(&wanted));
    let xs: Vec<usize> = of(true).collect();
    let Some(last) = xs.last() else {
        return Vec::new();
    };
    of(false)
        .enumerate()
        .map(|(nth, y)| (*xs.get(nth).unwrap_or(last), y))
        .collect()
}

/// How an aligner brings the two together.
pub fn align(between: Between) -> Align {
    match between {
        Between::Linear => Align::Linear,
        Between::Hold => Align::Hold,
    }
}

/// An aligner for two inputs, with room for so many samples.
pub fn aligner(between: Between, queue: usize) -> Option<Aligner> {
    let limits = Limits {
        queue,
        ..Limits::default()
    };
    Aligner::new(2, align(between), Clock::Any, limits).ok()
}

/// The two axes: named after the only curve along them.
pub fn axes(equal: bool, xs: &[&CurveName<'_>], ys: &[&CurveName<'_>]) -> (Axis, Axis) {
    let axis = |curves: &[&CurveName<'_>], letter: &str| {
        let first = curves.first();
        let is_one = first.is_some_and(|first| curves.iter().all(|curve| curve.name == first.name));
        let name = first.filter(|_| is_one).map_or(letter, |curve| curve.name);
        let unit = first
            .map(|first| first.unit)
            .filter(|unit| curves.iter().all(|curve| curve.unit == *unit));
        Axis::linear(name).unit(unit.unwrap_or_default())
    };
    let (x, y) = (axis(xs, "X"), axis(ys, "Y"));
    (if equal { x.equal() } else { x }, y)
}

/// What an axis has to know of a curve.
#[derive(Clone, Copy, Debug)]
pub struct CurveName<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its unit; empty when it is not known.
    pub unit: &'a str,
}

pub(super) fn xy(spec: &PanelSpec, curves: &[CurveSamples], version: u64) -> Result<Figure, String> {
    let on_x: Vec<bool> = curves.iter().map(|curve| curve.on_x).collect();
    let pairs: Vec<(&CurveSamples, &CurveSamples)> = pairs(&on_x)
        .into_iter()
        .filter_map(|(x, y)| Some((curves.get(x)?, curves.get(y)?)))
        .collect();
    if pairs.is_empty() {
        return Err(NEEDS_BOTH.to_owned());
    }
    fn name(curve: &CurveSamples) -> CurveName<'_> {
        CurveName {
            name: &curve.name,
            unit: &curve.unit,
        }
    }
    let names: Vec<_> = pairs.iter().map(|(x, y)| (name(x), name(y))).collect();
    let (xs, ys): (Vec<_>, Vec<_>) = names.iter().map(|(x, y)| (x, y)).unzip();
    let (x_axis, y_axis) = axes(spec.equal, &xs, &ys);
    let mut figure = Figure::new(version, x_axis, y_axis);
    for (x, y) in pairs {
        let way = way(spec.between, x, y)?;
        figure = figure.layer(Layer::new(&y.name, theme::curve(y.color), Kind::Trail(way.into())));
    }
    Ok(figure)
}

/// All points of two curves that are brought to the same times.
fn way(between: Between, x: &CurveSamples, y: &CurveSamples) -> Result<Vec<[f64; 2]>, String> {
    let most = x.samples.0.len().max(y.samples.0.len()).clamp(2, 1 << 20);
    let mut aligner = aligner(between, most).ok_or("too many samples to bring together: show less time")?;
    let mut points = Vec::with_capacity(most);
    let mut take = |_: i64, values: &[f64], gap: bool| {
        if gap && !points.is_empty() {
            points.push([f64::NAN; 2]);
        }
        if let [x, y] = values {
            points.push([*x, *y]);
        }
    };
    for (input, curve) in [x, y].into_iter().enumerate() {
        let (times, values, gaps) = &curve.samples;
        for ((time, value), gap) in times.iter().zip(values).zip(gaps) {
            aligner.push(input, *time, *value, *gap);
        }
    }
    aligner.finish(&mut take);
    Ok(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_paired_in_their_order() {
        assert_eq!(pairs(&[true, false, false]), [(0, 1), (0, 2)]);
        assert_eq!(pairs(&[true, false, true, false, false]), [(0, 1), (2, 3), (2, 4)]);
        assert_eq!(pairs(&[false, false]), []);
        assert_eq!(pairs(&[true]), []);
    }

    fn curve(name: &str, step_ns: i64, on_x: bool, value: impl Fn(f64) -> f64) -> CurveSamples {
        let times: Vec<i64> = (0..1_000_000_000 / step_ns).map(|n| n * step_ns).collect();
        let values: Vec<f64> = times.iter().map(|time| value(*time as f64 * 1e-9)).collect();
        let gaps = vec![false; times.len()];
        CurveSamples {
            name: name.to_owned(),
            color: 0,
            unit: "m".to_owned(),
            timing: None,
            on_x,
            samples: (times, values, gaps),
        }
    }

    #[test]
    fn rates_that_do_not_match_are_brought_together() {
        let x = curve("x", 1_000_000, true, |t| t);
        let y = curve("y", 7_000_000, false, |t| 2.0 * t);
        let spec = PanelSpec::default();
        let figure = xy(&spec, &[x.clone(), y.clone()], 3).expect("a figure");
        assert_eq!((figure.x.name().as_str(), figure.y.name().as_str()), ("x (m)", "y (m)"));
        let Kind::Trail(points) = &figure.layers[0].kind else {
            panic!("not a trail: {:?}", figure.layers[0]);
        };
        let sound: Vec<_> = points.iter().filter(|[_, y]| !y.is_nan()).collect();
        assert!(sound.len() > 980, "{}", sound.len());
        assert!(sound.iter().all(|[x, y]| (y - 2.0 * x).abs() < 1e-9), "linear");
        let hold = PanelSpec {
            between: Between::Hold,
            equal: true,
            ..spec
        };
        let figure = xy(&hold, &[x, y], 4).expect("a figure");
        assert!(figure.x.equal);
        let Kind::Trail(points) = &figure.layers[0].kind else {
            panic!("not a trail");
        };
        let held: Vec<_> = points.iter().filter(|[x, _]| *x <= 0.987).collect();
        assert!(held.len() > 980, "{}", held.len());
        // The line of twice the slope, up to seven milliseconds late.
        let wrong = held
            .iter()
            .find(|[x, y]| !(*y <= 2.0 * x + 1e-9 && 2.0 * x - y < 0.0141));
        assert_eq!(wrong, None, "held");
    }

    #[test]
    fn without_a_partner_it_says_what_to_do() {
        let only = curve("y", 1_000_000, false, |t| t);
        assert_eq!(
            xy(&PanelSpec::default(), &[only], 0).expect_err("no figure"),
            NEEDS_BOTH
        );
    }
}
