//! What is known of a figure's data: gathered once per version, not per frame.

use super::{Figure, Kind, Layer, Scale};

/// The least and the greatest of some values.
pub(super) type Span = Option<(f64, f64)>;

#[derive(Debug, Clone)]
pub(super) struct Digest {
    version: u64,
    scales: (Scale, Scale),
    /// The extent of all visible data that have a place on both axes.
    pub(super) x: Span,
    pub(super) y: Span,
    /// Per layer, whether its points stand in the order of x, so that a place is found without a search of all.
    pub(super) is_sorted: Vec<bool>,
    /// Whether there is any data point at all, with a place or without.
    pub(super) has_points: bool,
}

impl Digest {
    pub(super) fn new(figure: &Figure) -> Self {
        let mut extent = Extent {
            scales: (figure.x.scale, figure.y.scale),
            x: None,
            y: None,
        };
        for (_, layer) in figure.shown() {
            extent.layer(layer);
        }
        Self {
            version: figure.version,
            scales: extent.scales,
            x: extent.x,
            y: extent.y,
            is_sorted: figure.layers.iter().map(is_sorted).collect(),
            has_points: figure.shown().any(|(_, layer)| has_points(layer)),
        }
    }

    pub(super) fn is_of(&self, figure: &Figure) -> bool {
        self.version == figure.version
            && self.scales == (figure.x.scale, figure.y.scale)
            && self.is_sorted.len() == figure.layers.len()
    }
}

struct Extent {
    scales: (Scale, Scale),
    x: Span,
    y: Span,
}

impl Extent {
    fn layer(&mut self, layer: &Layer) {
        match &layer.kind {
            Kind::Line(points) | Kind::Dots(points) | Kind::Steps(points) | Kind::Trail(points) => {
                for [x, y] in points.iter() {
                    self.point(*x, *y);
                }
            }
            Kind::Band(points) => {
                for [x, low, high] in points.iter() {
                    self.point(*x, *low);
                    self.point(*x, *high);
                }
            }
            Kind::Bars { edges, counts } => {
                for (sides, count) in edges.windows(2).zip(counts.iter()) {
                    for side in sides {
                        self.point(*side, *count);
                        // A bar stands on zero, where there is one.
                        if count.is_finite() && self.scales.1 == Scale::Linear {
                            self.point(*side, 0.0);
                        }
                    }
                }
            }
            Kind::Markers(markers) => {
                for (x, y, _) in markers {
                    self.point(*x, *y);
                }
            }
            Kind::HLine { .. } | Kind::VLine { .. } => {}
        }
    }

    fn point(&mut self, x: f64, y: f64) {
        let has_place = |scale, value: f64| value.is_finite() && (scale == Scale::Linear || value > 0.0);
        if has_place(self.scales.0, x) && has_place(self.scales.1, y) {
            widen(&mut self.x, x);
            widen(&mut self.y, y);
        }
    }
}

fn widen(span: &mut Span, value: f64) {
    *span = Some(span.map_or((value, value), |(low, high)| (low.min(value), high.max(value))));
}

/// NaN is in no order.
fn is_sorted(layer: &Layer) -> bool {
    match &layer.kind {
        Kind::Line(points) | Kind::Dots(points) | Kind::Steps(points) => points.is_sorted_by(|a, b| a[0] <= b[0]),
        Kind::Band(points) => points.is_sorted_by(|a, b| a[0] <= b[0]),
        Kind::Bars { edges, .. } => edges.is_sorted_by(|a, b| a <= b),
        Kind::Trail(_) | Kind::HLine { .. } | Kind::VLine { .. } | Kind::Markers(_) => false,
    }
}

fn has_points(layer: &Layer) -> bool {
    match &layer.kind {
        Kind::Line(points) | Kind::Dots(points) | Kind::Steps(points) | Kind::Trail(points) => !points.is_empty(),
        Kind::Band(points) => !points.is_empty(),
        Kind::Bars { edges, counts } => edges.len() > 1 && !counts.is_empty(),
        Kind::Markers(markers) => !markers.is_empty(),
        Kind::HLine { .. } | Kind::VLine { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Axis;
    use super::*;
    use iced::Color;

    fn digest(x: Axis, y: Axis, kind: Kind) -> Digest {
        Digest::new(&Figure::new(0, x, y).layer(Layer::new("", Color::WHITE, kind)))
    }

    #[test]
    fn only_points_with_a_place_count() {
        let points = [
            [0.0, 5.0],
            [1.0, -3.0],
            [2.0, 4.0],
            [3.0, f64::NAN],
            [f64::INFINITY, 1.0],
            [8.0, 2.0],
        ];
        let linear = digest(Axis::linear(""), Axis::linear(""), Kind::Line(points.into()));
        assert_eq!((linear.x, linear.y), (Some((0.0, 8.0)), Some((-3.0, 5.0))));
        let log = digest(Axis::log(""), Axis::log(""), Kind::Line(points.into()));
        assert_eq!((log.x, log.y), (Some((2.0, 8.0)), Some((2.0, 4.0))));
    }

    #[test]
    fn bars_stand_on_zero_and_empty_ones_have_no_extent() {
        let bars = |counts: &[f64]| Kind::Bars {
            edges: [1.0, 2.0, 3.0].into(),
            counts: counts.into(),
        };
        let full = digest(Axis::linear(""), Axis::linear(""), bars(&[4.0, 7.0]));
        assert_eq!((full.x, full.y), (Some((1.0, 3.0)), Some((0.0, 7.0))));
        let empty = digest(Axis::linear(""), Axis::linear(""), bars(&[]));
        assert_eq!((empty.x, empty.has_points), (None, false));
    }

    #[test]
    fn order_is_found_and_a_hidden_layer_is_not_seen() {
        let at = |points: &[[f64; 2]]| digest(Axis::linear(""), Axis::linear(""), Kind::Line(points.into()));
        assert!(at(&[[0.0, 1.0], [1.0, f64::NAN], [1.0, 1.0]]).is_sorted[0]);
        assert!(!at(&[[0.0, 1.0], [f64::NAN, 0.0], [1.0, 1.0]]).is_sorted[0]);
        assert!(!at(&[[1.0, 1.0], [0.0, 0.0]]).is_sorted[0]);

        let mut hidden = Layer::new("", Color::WHITE, Kind::Line([[0.0, 1.0]].into()));
        hidden.visible = false;
        let digest = Digest::new(&Figure::new(0, Axis::linear(""), Axis::linear("")).layer(hidden));
        assert_eq!(digest.y, None);
    }
}
