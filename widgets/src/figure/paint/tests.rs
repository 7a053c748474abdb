use super::super::{Axis, Kind};
use super::*;

fn painted(figure: &Figure) -> (Painting, Layout) {
    let digest = Digest::new(figure);
    let layout = Layout::new(figure, &digest, (None, None), Size::new(640.0, 400.0), 0.0);
    let painting = paint(
        figure,
        &digest,
        &layout,
        &Palette::DARK,
        Some(Corner::default()),
        ON_SCREEN,
    );
    (painting, layout)
}

fn curves(x: Axis, y: Axis, kind: Kind) -> Vec<Shape> {
    painted(&Figure::new(0, x, y).layer(Layer::new("", theme::curve(0), kind)))
        .0
        .curves
}

fn linear(kind: Kind) -> Vec<Shape> {
    curves(Axis::linear(""), Axis::linear(""), kind)
}

fn lines(shapes: &[Shape]) -> usize {
    shapes
        .iter()
        .filter(|shape| matches!(shape, Shape::Line { .. }))
        .count()
}

fn dots(shapes: &[Shape]) -> usize {
    shapes.iter().filter(|shape| matches!(shape, Shape::Dot { .. })).count()
}

#[test]
fn a_logarithmic_axis_leaves_out_what_has_no_place() {
    let points = [
        [0.0, 1.0],
        [1.0, 1.0],
        [2.0, 2.0],
        [3.0, 0.0],
        [4.0, 3.0],
        [5.0, -1.0],
        [6.0, 4.0],
        [7.0, 5.0],
    ];
    let shapes = curves(Axis::log(""), Axis::log(""), Kind::Line(points.into()));
    assert_eq!(
        (lines(&shapes), dots(&shapes)),
        (2, 1),
        "two lines and a point between two gaps: {shapes:?}"
    );

    let shapes = curves(Axis::log(""), Axis::log(""), Kind::Dots(points.into()));
    assert_eq!(dots(&shapes), 5);
}

#[test]
fn nothing_is_drawn_beyond_the_plot() {
    let way: Vec<_> = (0..5000)
        .map(f64::from)
        .map(|t| [(t * 0.1).sin() * t, (t * 0.07).cos() * t])
        .collect();
    let band: Vec<_> = way.iter().enumerate().map(|(x, [y, z])| [x as f64, *y, *z]).collect();
    for kind in [
        Kind::Line(way.clone().into()),
        Kind::Steps(way.clone().into()),
        Kind::Trail(way.clone().into()),
        Kind::Dots(way.into()),
        Kind::Band(band.into()),
        Kind::Bars {
            edges: [-1e9, -5.0, 5.0, 1e9].into(),
            counts: [1e9, -1e9, 3.0].into(),
        },
    ] {
        let figure = Figure::new(
            0,
            Axis::linear("").range(-100.0, 200.0),
            Axis::linear("").range(-50.0, 80.0),
        )
        .layer(Layer::new("", theme::curve(0), kind));
        let (painting, layout) = painted(&figure);
        assert!(!painting.curves.is_empty());
        let (plot, radius) = (layout.plot, f64::from(DOT));
        let is_within = |x: f32, y: f32| {
            let near = |value: f32, from: f32, length: f32| {
                f64::from(value) >= f64::from(from) - radius && f64::from(value) <= f64::from(from + length) + radius
            };
            near(x, plot.x, plot.width) && near(y, plot.y, plot.height)
        };
        for shape in &painting.curves {
            let is_inside = match shape {
                Shape::Line { points, .. } | Shape::Area { points, .. } => {
                    points.iter().all(|[x, y]| is_within(*x, *y))
                }
                Shape::Dot { at: [x, y], .. } => is_within(*x, *y),
                Shape::Block { bounds, .. } => {
                    is_within(bounds.x, bounds.y) && is_within(bounds.x + bounds.width, bounds.y + bounds.height)
                }
                Shape::Text(_) => true,
            };
            assert!(is_inside, "{shape:?} of {plot:?}");
        }
    }
}

#[test]
fn a_trail_fades_to_the_past_and_ends_in_a_bold_point() {
    let way: Vec<_> = (0..300)
        .map(f64::from)
        .map(|t| [(t * 0.02).cos(), (t * 0.02).sin()])
        .collect();
    let last = way[299];
    let figure = Figure::new(0, Axis::linear("").equal(), Axis::linear("")).layer(Layer::new(
        "",
        theme::curve(0),
        Kind::Trail(way.into()),
    ));
    let (painting, layout) = painted(&figure);
    let opacities: Vec<_> = painting
        .curves
        .iter()
        .filter_map(|shape| match shape {
            Shape::Line { color, .. } => Some(color.a),
            _ => None,
        })
        .collect();
    assert!(opacities.len() >= FADE_STEPS && opacities.is_sorted(), "{opacities:?}");
    assert!(opacities[0] < 0.2 && opacities.last() == Some(&1.0));
    let at = narrow(layout.pixel(last[0], last[1]));
    assert_eq!(
        painting.curves.last(),
        Some(&Shape::Dot {
            at,
            radius: MARKED,
            color: theme::curve(0)
        })
    );
}

#[test]
fn a_gap_in_a_trail_stays_open() {
    let mut way: Vec<_> = (0..50).map(|t| [f64::from(t), 0.0]).collect();
    way[25][1] = f64::NAN;
    let shapes = linear(Kind::Trail(way.into()));
    let ends = |x: f32| {
        shapes
            .iter()
            .filter_map(|shape| match shape {
                Shape::Line { points, .. } => Some((points[0][0], points[points.len() - 1][0])),
                _ => None,
            })
            .any(|(from, to)| from < x && x < to)
    };
    let (_, layout) = painted(&Figure::new(0, Axis::linear(""), Axis::linear("")).layer(Layer::new(
        "",
        theme::curve(0),
        Kind::Trail([[0.0, 0.0], [49.0, 0.0]].into()),
    )));
    assert!(!ends(layout.x.pixel(25.0) as f32));
    assert!(ends(layout.x.pixel(23.5) as f32));
}

#[test]
fn a_million_bars_are_a_few_per_pixel_and_the_tallest_is_among_them() {
    let mut counts = vec![1.0; 1_000_000];
    counts[333_333] = 50.0;
    let edges: Vec<_> = (0..=1_000_000).map(f64::from).collect();
    let shapes = linear(Kind::Bars {
        edges: edges.into(),
        counts: counts.into(),
    });
    assert!(shapes.len() < 2 * 640, "{}", shapes.len());
    let tallest = shapes.iter().filter_map(|shape| match shape {
        Shape::Block { bounds, .. } => Some(bounds.height),
        _ => None,
    });
    assert!(tallest.fold(0.0, f32::max) > 300.0);
}

#[test]
fn bars_below_zero_hang_from_it() {
    let figure = Figure::new(0, Axis::linear(""), Axis::linear("")).layer(Layer::new(
        "",
        theme::curve(0),
        Kind::Bars {
            edges: [0.0, 1.0, 2.0].into(),
            counts: [3.0, -3.0].into(),
        },
    ));
    let (painting, layout) = painted(&figure);
    let zero = layout.y.pixel(0.0).round() as f32;
    let sides: Vec<_> = painting
        .curves
        .iter()
        .filter_map(|shape| match shape {
            Shape::Block { bounds, .. } => Some((bounds.y >= zero, bounds.y + bounds.height <= zero)),
            _ => None,
        })
        .collect();
    assert_eq!(sides, [(false, true), (false, true), (true, false), (true, false)]);
}

#[test]
fn a_level_is_drawn_and_named_only_where_it_is_seen() {
    let level = |at: f64| Kind::HLine {
        at,
        label: "limit".to_owned(),
    };
    let figure = |at: f64| {
        Figure::new(0, Axis::linear("").range(0.0, 1.0), Axis::linear("").range(0.0, 1.0)).layer(Layer::new(
            "",
            theme::curve(0),
            level(at),
        ))
    };
    let says = |at: f64| {
        let (painting, _) = painted(&figure(at));
        let is_named = painting
            .labels
            .iter()
            .any(|shape| matches!(shape, Shape::Text(text) if text.content == "limit"));
        (!painting.curves.is_empty(), is_named)
    };
    assert_eq!(says(0.5), (true, true));
    assert_eq!(says(1.5), (false, false));
    assert_eq!(says(f64::NAN), (false, false));
}

#[test]
fn the_legend_stands_where_it_hides_nothing() {
    let line = |name: &str, points: [[f64; 2]; 2]| Layer::new(name, theme::curve(0), Kind::Line(points.into()));
    let rising = Figure::new(0, Axis::linear(""), Axis::linear(""))
        .layer(line("one", [[0.0, 0.0], [1.0, 1.0]]))
        .layer(line("other", [[0.0, 0.0], [1.0, 0.9]]));
    let (painting, layout) = painted(&rising);
    let place = painting.labels.iter().find_map(|shape| match shape {
        Shape::Block { bounds, .. } => Some(*bounds),
        _ => None,
    });
    let place = place.expect("a legend");
    assert!(layout.plot.contains(Point::new(place.x, place.y)));
    for shape in &painting.curves {
        if let Shape::Line { points, .. } = shape {
            let [from, to] = [points[0], points[1]].map(|[x, y]| [f64::from(x), f64::from(y)]);
            assert_eq!(clip::clipped(from, to, place), None);
        }
    }
}

#[test]
fn a_hidden_layer_is_neither_drawn_nor_named() {
    let line = |name: &str| Layer::new(name, theme::curve(0), Kind::Line([[0.0, 0.0], [1.0, 1.0]].into()));
    let mut figure = Figure::new(0, Axis::linear(""), Axis::linear(""))
        .layer(line("one"))
        .layer(line("other"));
    figure.layers[1].visible = false;
    let (painting, _) = painted(&figure);
    assert_eq!((painting.curves.len(), painting.labels.len()), (1, 0));
}

#[test]
fn without_a_corner_there_is_no_legend() {
    let line = |name| Layer::new(name, theme::curve(0), Kind::Line([[0.0, 0.0], [1.0, 1.0]].into()));
    let figure = Figure::new(0, Axis::linear(""), Axis::linear(""))
        .layer(line("one"))
        .layer(line("other"));
    let digest = Digest::new(&figure);
    let layout = Layout::new(&figure, &digest, (None, None), Size::new(640.0, 400.0), 0.0);
    let names = |corner| {
        let painting = paint(&figure, &digest, &layout, &Palette::DARK, corner, ON_SCREEN);
        let texts = painting.labels.iter().filter_map(|shape| match shape {
            Shape::Text(text) => Some(text.content.trim()),
            _ => None,
        });
        texts.filter(|text| ["one", "other"].contains(text)).count()
    };
    assert_eq!((names(Some(Corner::default())), names(None)), (2, 0));
}
