//! Arrays of the latest message over their index, or over the angle of a laser scan.

use std::sync::Arc;

use roswave_engine::cdr::{FieldPath, Value};
use roswave_engine::csv::field;
use roswave_engine::schema::Schema;
use roswave_engine::signal::FieldRef;
use roswave_widgets::figure::{Axis, Figure, Kind, Layer};
use roswave_widgets::theme;

use crate::board::PanelSpec;

/// Curves that one array is drawn as at most.
const CURVES_MAX: usize = 32;

/// An array with the message that it is in.
#[derive(Clone, Debug)]
pub struct Array {
    /// Where it is.
    pub at: FieldRef,
    /// The number of its colour.
    pub color: usize,
    /// The type of the message, and its bytes; `None` while there is no message.
    pub message: Option<(Arc<Schema>, Arc<[u8]>)>,
}

/// What is drawn of an array.
#[derive(Debug, PartialEq)]
struct Drawn {
    /// What X counts, and in which unit.
    x: (String, &'static str),
    unit: &'static str,
    /// Name and points of each curve.
    curves: Vec<(String, Vec<[f64; 2]>)>,
    notes: Vec<String>,
}

pub(super) fn profile(spec: &PanelSpec, arrays: &[Array], version: u64) -> Result<Figure, String> {
    if arrays.is_empty() {
        return Err("Drag an array here: ranges, data, position".to_owned());
    }
    let mut why = None;
    let mut drawn = Vec::new();
    for array in arrays {
        match draw(array, spec.angle) {
            Ok(it) => drawn.push((array, it)),
            Err(error) => why = Some(error),
        }
    }
    let (Some((_, first)), false) = (drawn.first(), drawn.is_empty()) else {
        return Err(why.unwrap_or_default());
    };
    let same_x = drawn.iter().all(|(_, it)| it.x == first.x);
    let (name, unit) = if same_x {
        first.x.clone()
    } else {
        ("Index".to_owned(), "")
    };
    let same_unit = drawn.iter().all(|(_, it)| it.unit == first.unit);
    let mut figure = Figure::new(
        version,
        Axis::linear(name).unit(unit),
        Axis::linear("Value").unit(if same_unit { first.unit } else { "" }),
    );
    for (array, it) in drawn {
        for (nth, (name, points)) in it.curves.into_iter().enumerate() {
            let color = theme::curve(array.color + nth);
            figure = figure.layer(Layer::new(name, color, Kind::Line(points.into())));
        }
        figure = it.notes.into_iter().fold(figure, Figure::note);
    }
    // What is wrong with the others stands below.
    Ok(why.into_iter().fold(figure, Figure::note))
}

/// The elements as comma-separated values, one per line.
#[must_use]
pub fn csv(arrays: &[Array]) -> String {
    use std::fmt::Write as _;

    let mut text = "array,index,value\n".to_owned();
    for array in arrays {
        let Some((schema, payload)) = &array.message else {
            continue;
        };
        let message = Value::decode(schema, payload).ok();
        let numbers = message.and_then(|message| message.get(&array.at.field).and_then(numbers));
        let name = field(&array.at.to_string());
        for (index, value) in numbers.iter().flatten().enumerate() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name},{index},{value:?}");
        }
    }
    text
}

fn draw(array: &Array, by_angle: bool) -> Result<Drawn, String> {
    let at = &array.at;
    let Some((schema, payload)) = &array.message else {
        return Err(format!("waiting for a message of {}", at.topic));
    };
    let message = Value::decode(schema, payload).map_err(|error| format!("{}: {error}", at.topic))?;
    let value = message.get(&at.field);
    let numbers = value.and_then(numbers).ok_or_else(|| {
        format!("{at} is no array of numbers in the latest message; drag one whose row says how many it has")
    })?;
    let unit = schema.unit(&at.field).unwrap_or_default();
    if let Some(layout) = Layout::of(&message, &at.field) {
        return Ok(layout.draw(at, &numbers, unit));
    }
    let scale = if by_angle { angles(&message, &at.field) } else { None };
    let (x, from, step) = match scale {
        Some((from, step)) => (("Angle".to_owned(), "°"), from.to_degrees(), step.to_degrees()),
        None => (("Index".to_owned(), ""), 0.0, 1.0),
    };
    let mut notes = vec![format!("{at}: {} elements", numbers.len())];
    if by_angle && scale.is_none() {
        notes.push("no angle_min and angle_increment beside it: drawn over the index".to_owned());
    }
    Ok(Drawn {
        x,
        unit,
        curves: vec![(at.to_string(), spaced(from, step, &numbers))],
        notes,
    })
}

/// Numbers at even steps. What is no number, such as the range of a beam that met nothing, interrupts the line.
fn spaced(from: f64, step: f64, numbers: &[f64]) -> Vec<[f64; 2]> {
    #[expect(clippy::cast_precision_loss, reason = "an index")]
    let x = |index: usize| from + step * index as f64;
    let points = numbers.iter().enumerate();
    points
        .map(|(index, value)| [x(index), if value.is_finite() { *value } else { f64::NAN }])
        .collect()
}

/// The elements of an array of numbers.
fn numbers(value: &Value) -> Option<Vec<f64>> {
    match value {
        Value::Bytes(bytes) => Some(bytes.iter().map(|byte| f64::from(*byte)).collect()),
        Value::Numbers(numbers) => Some(numbers.iter().filter_map(|number| number.as_f64()).collect()),
        Value::List(values) => values.iter().map(Value::as_f64).collect(),
        _ => None,
    }
}

/// The field beside another one.
fn beside(field: &FieldPath, name: &str) -> Option<FieldPath> {
    let text = match field.as_str().rsplit_once('.') {
        Some((parent, _)) => format!("{parent}.{name}"),
        None => name.to_owned(),
    };
    FieldPath::parse(&text).ok()
}

/// The angle of the first beam and from beam to beam, in radians.
fn angles(message: &Value, field: &FieldPath) -> Option<(f64, f64)> {
    let number = |name: &str| message.number(&beside(field, name)?);
    let (from, step) = (number("angle_min")?, number("angle_increment")?);
    (from.is_finite() && step.is_finite() && step != 0.0).then_some((from, step))
}

/// How the numbers of a `std_msgs` multi-array are laid out.
#[derive(Debug, PartialEq)]
struct Layout {
    offset: usize,
    /// Label and size of each dimension, the outermost first.
    dimensions: Vec<(String, usize)>,
}

impl Layout {
    /// The layout beside a field, when it has dimensions.
    fn of(message: &Value, field: &FieldPath) -> Option<Self> {
        let layout = message.get(&beside(field, "layout")?)?;
        let whole = |value: &Value| match value {
            Value::U32(number) => Some(*number as usize),
            _ => None,
        };
        let Value::List(dimensions) = layout.field("dim")? else {
            return None;
        };
        let dimensions = dimensions.iter().map(|dimension| {
            let label = match dimension.field("label")? {
                Value::String(label) => label.chars().take(40).collect(),
                _ => return None,
            };
            Some((label, whole(dimension.field("size")?)?))
        });
        let dimensions: Vec<_> = dimensions.collect::<Option<_>>()?;
        let offset = whole(layout.field("data_offset")?)?;
        (!dimensions.is_empty()).then_some(Self { offset, dimensions })
    }

    /// One curve along the innermost dimension for each place in the others.
    fn draw(&self, at: &FieldRef, numbers: &[f64], unit: &'static str) -> Drawn {
        let named = |(label, _): &(String, usize), nth: usize| {
            if label.is_empty() {
                format!("dim {nth}")
            } else {
                label.clone()
            }
        };
        let last = self.dimensions.len() - 1;
        let (outer, inner) = self.dimensions.split_at(last);
        let along = inner
            .first()
            .map_or_else(String::new, |dimension| named(dimension, last));
        let length = inner.first().map_or(0, |dimension| dimension.1).max(1);
        let data = numbers.get(self.offset..).unwrap_or_default();
        let wanted = outer.iter().map(|dimension| dimension.1).fold(1, usize::saturating_mul);
        let there = data.len().div_ceil(length);
        let curves = data.chunks(length).take(wanted.min(CURVES_MAX)).enumerate();
        let curves = curves.map(|(row, numbers)| {
            let mut rest = row;
            let mut places = Vec::new();
            for (nth, dimension) in outer.iter().enumerate().rev() {
                let size = dimension.1.max(1);
                places.push(format!("{}[{}]", named(dimension, nth), rest % size));
                rest /= size;
            }
            places.reverse();
            let name = if places.is_empty() {
                at.to_string()
            } else {
                places.join(" ")
            };
            (name, spaced(0.0, 1.0, numbers))
        });
        let curves: Vec<_> = curves.collect();
        let shape: Vec<String> = self.dimensions.iter().map(|(_, size)| size.to_string()).collect();
        let mut notes = vec![format!("{at}: {}", shape.join(" × "))];
        if wanted > CURVES_MAX {
            notes.push(format!("the first {CURVES_MAX} of {wanted} rows are drawn"));
        }
        if wanted.saturating_mul(length) != data.len() {
            notes.push(format!(
                "the layout speaks of {wanted} × {length} numbers, the message has {}: {there} rows",
                data.len()
            ));
        }
        Drawn {
            x: (along, ""),
            unit,
            curves,
            notes,
        }
    }
}

#[cfg(test)]
mod tests {
    use roswave_engine::cdr::Encoder;
    use roswave_engine::name::TypeName;
    use roswave_engine::schema::Registry;

    use super::*;

    fn array(at: &str, ty: &str, write: impl FnOnce(&mut Encoder)) -> Array {
        let name = TypeName::new(ty).expect("a name");
        let found = Registry::with_prefixes(Vec::new())
            .find(&name, None)
            .expect("a bundled type");
        let mut encoder = Encoder::new();
        write(&mut encoder);
        Array {
            at: at.parse().expect("a field"),
            color: 0,
            message: Some((found.schema, encoder.payload().into())),
        }
    }

    fn scan(out: &mut Encoder) {
        out.header(roswave_engine::clock::Timestamp(0), "laser");
        for value in [-0.5, 0.5, 0.25, 0.0, 0.1, 0.0, 30.0] {
            out.f32(value);
        }
        out.sequence(5);
        for value in [1.0, 2.0, f32::INFINITY, 4.0, 5.0] {
            out.f32(value);
        }
        out.sequence(0);
    }

    fn multi(rows: u32, columns: u32, numbers: u32) -> Array {
        array("/array:data", "std_msgs/msg/Float64MultiArray", |out| {
            out.sequence(2);
            for (label, size) in [("row", rows), ("column", columns)] {
                out.string(label);
                out.u32(size);
                out.u32(0);
            }
            out.u32(0);
            out.sequence(numbers as usize);
            (0..numbers).for_each(|n| out.f64(f64::from(n)));
        })
    }

    fn points(layer: &Layer) -> &[[f64; 2]] {
        match &layer.kind {
            Kind::Line(points) => points,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_scan_lies_over_its_index_or_its_angle() {
        let scan = array("/scan:ranges", "sensor_msgs/msg/LaserScan", scan);
        let figure = profile(&PanelSpec::default(), std::slice::from_ref(&scan), 1).expect("a figure");
        assert_eq!(
            (figure.x.name().as_str(), figure.y.name().as_str()),
            ("Index", "Value (m)")
        );
        let drawn = points(&figure.layers[0]);
        assert_eq!((drawn.len(), drawn[3]), (5, [3.0, 4.0]));
        assert!(drawn[2][1].is_nan(), "a beam that met nothing");
        let by_angle = PanelSpec {
            angle: true,
            ..PanelSpec::default()
        };
        let figure = profile(&by_angle, std::slice::from_ref(&scan), 1).expect("a figure");
        assert_eq!(figure.x.name(), "Angle (°)");
        let degrees = points(&figure.layers[0])[1][0];
        assert!((degrees + 0.25_f64.to_degrees()).abs() < 1e-6, "{degrees}");
        assert!(csv(&[scan]).contains("\n/scan:ranges,3,4.0\n"));
    }

    #[test]
    fn a_multi_array_is_drawn_by_its_layout() {
        let figure = profile(&PanelSpec::default(), &[multi(2, 3, 6)], 1).expect("a figure");
        assert_eq!(figure.x.name(), "column");
        let names: Vec<&str> = figure.layers.iter().map(|layer| layer.name.as_str()).collect();
        assert_eq!(names, ["row[0]", "row[1]"]);
        assert_eq!(points(&figure.layers[1]), [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]);
        let figure = profile(&PanelSpec::default(), &[multi(100, 2, 200)], 1).expect("a figure");
        assert_eq!(figure.layers.len(), CURVES_MAX);
        assert!(
            figure
                .notes
                .iter()
                .any(|note| note.contains("the first 32 of 100 rows")),
            "{:?}",
            figure.notes
        );
    }

    #[test]
    fn a_layout_that_lies_is_told_and_allocates_nothing() {
        let figure = profile(&PanelSpec::default(), &[multi(u32::MAX, u32::MAX, 4)], 1).expect("a figure");
        assert!(
            figure.notes.iter().any(|note| note.contains("the layout speaks of")),
            "{:?}",
            figure.notes
        );
        assert!(profile(&PanelSpec::default(), &[multi(0, 0, 0)], 1).is_ok());
    }

    #[test]
    fn what_is_no_array_says_so() {
        let scan = array("/scan:range_min", "sensor_msgs/msg/LaserScan", scan);
        let error = profile(&PanelSpec::default(), &[scan], 1).expect_err("no figure");
        assert!(error.contains("/scan:range_min is no array"), "{error}");
        let waiting = Array {
            at: "/scan:ranges".parse().expect("a field"),
            color: 0,
            message: None,
        };
        let error = profile(&PanelSpec::default(), &[waiting], 1).expect_err("no figure");
        assert_eq!(error, "waiting for a message of /scan");
        let broken = Array {
            message: multi(1, 1, 1)
                .message
                .map(|(schema, _)| (schema, [0, 1, 0, 0, 9].into())),
            ..multi(1, 1, 1)
        };
        assert!(
            profile(&PanelSpec::default(), &[broken], 1)
                .expect_err("no figure")
                .contains("ends too early")
        );
    }
}
