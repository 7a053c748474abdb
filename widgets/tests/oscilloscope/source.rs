//! Points that are there from the begin, on up to four axes.

use std::cell::Cell;
use std::rc::Rc;

use roswave_widgets::{AxisScale, CurveState, CurveStyle, Pen, TraceSource, View, YAxis, theme};

pub const SPAN_NS: i64 = 10_000_000_000;

pub struct Curve {
    pub name: &'static str,
    pub points: Vec<[f32; 2]>,
    pub axis: u8,
    pub style: CurveStyle,
    pub pen: Pen,
    pub ghost: bool,
    pub strength: f32,
}

impl Curve {
    pub fn new(name: &'static str, points: Vec<[f32; 2]>) -> Self {
        Self {
            name,
            points,
            axis: 0,
            style: CurveStyle::Line,
            pen: Pen::default(),
            ghost: false,
            strength: 1.0,
        }
    }
}

pub struct Bench {
    pub curves: Vec<Curve>,
    pub axes: Vec<YAxis>,
    /// Where the span that is seen begins: the picture moves on.
    pub from_ns: Rc<Cell<i64>>,
}

impl Bench {
    /// A source whose first axis reaches from -20 to 20.
    pub fn new(curves: Vec<Curve>) -> Self {
        Self {
            curves,
            axes: vec![axis((-20.0, 20.0), "m/s²")],
            from_ns: Rc::default(),
        }
    }

    /// The value of a point.
    pub fn measured(&self, index: usize, value: f32) -> f64 {
        let axis = usize::from(self.curves[index].axis);
        match self.axes[axis].scale {
            AxisScale::Linear => f64::from(value),
            AxisScale::Log => 10f64.powf(f64::from(value)),
        }
    }
}

pub fn axis(range: (f64, f64), unit: &str) -> YAxis {
    YAxis {
        unit: Some(unit.to_owned()),
        ..YAxis::linear(range.0, range.1)
    }
}

pub fn wave(count: u16, amplitude: f32, phase: f32) -> Vec<[f32; 2]> {
    (0..count)
        .map(|i| f32::from(i) * 10.0 / f32::from(count))
        .map(|t| [t, amplitude * (t * 1.3 + phase).sin()])
        .collect()
}

impl TraceSource for Bench {
    fn version(&self) -> u64 {
        0
    }

    fn view(&self) -> View {
        View {
            from_ns: self.from_ns.get(),
            to_ns: self.from_ns.get() + SPAN_NS,
            y_min: self.axes[0].range.0,
            y_max: self.axes[0].range.1,
        }
    }

    fn y_axes(&self) -> usize {
        self.axes.len()
    }

    fn y_axis(&self, axis: usize) -> YAxis {
        self.axes[axis].clone()
    }

    fn curves(&self) -> usize {
        self.curves.len()
    }

    fn curve(&self, index: usize) -> CurveState {
        let curve = &self.curves[index];
        let points = curve.points.len() as u64;
        CurveState {
            head: points,
            settled: points,
            color: theme::curve(if curve.ghost { 0 } else { index }).scale_alpha(curve.strength),
            visible: true,
            axis: curve.axis,
            style: curve.style,
            pen: curve.pen,
            ghost: curve.ghost,
            ..CurveState::default()
        }
    }

    fn copy(&self, index: usize, from: u64, to: u64, out: &mut Vec<[f32; 2]>) {
        out.extend_from_slice(&self.curves[index].points[from as usize..to as usize]);
    }

    fn value_at(&self, index: usize, time_ns: i64) -> Option<(i64, f64)> {
        let curve = &self.curves[index];
        let seconds = time_ns as f32 * 1e-9;
        let far = |point: &&[f32; 2]| (point[0] - seconds).abs();
        let [time, value] = curve.points.iter().min_by(|a, b| far(a).total_cmp(&far(b)))?;
        Some(((f64::from(*time) * 1e9) as i64, self.measured(index, *value)))
    }
}
