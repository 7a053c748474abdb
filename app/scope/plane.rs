//! The XY plot: values over other values, drawn while they come.
//!
//! Each pair of series has an aligner that brings its samples to the same times and a trail of bounded length; a frame
//! costs the new samples and a bounded number of points, however long the trail is.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use roswave_engine::series::{Position, SeriesId, Store};
use roswave_engine::signal::align::Aligner;
use roswave_engine::signal::trail::{PER_STRETCH, Trail};
use roswave_widgets::axis::Fit;
use roswave_widgets::figure::{Axis, Figure, FigureSource, Kind, Layer};
use roswave_widgets::theme;

use crate::board::Between;
use crate::scope::analysis::xy::{self, CurveName};
use crate::scope::follow::Follow;
use crate::scope::panel::{Input, View};

/// Points of all trails together, at most about.
const POINTS: usize = 8192;

/// The same in the eco profile.
const POINTS_ECO: usize = 2048;

/// A trail has at least so many stretches, however many trails there are.
const STRETCHES_MIN: usize = 24;

/// The picture is made anew this often at most.
const PERIOD: Duration = Duration::from_millis(32);

/// Samples that may wait for the other series.
const QUEUE: usize = 1 << 14;

/// Samples that are read at once.
const PART: usize = 1 << 10;

/// All that the trails were made for. When it is another, they are made anew.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    pairs: Vec<(SeriesId, SeriesId)>,
    span_ns: i64,
    between: Between,
    eco: bool,
}

/// Two series and the way that they make.
struct Pair {
    series: [SeriesId; 2],
    positions: [Position; 2],
    aligner: Aligner,
    trail: Trail,
}

impl Pair {
    /// Reads on, at most about `most` samples. True when there was something.
    fn read(&mut self, store: &Store, follow: &Follow, most: usize) -> bool {
        let Self {
            series,
            positions,
            aligner,
            trail,
        } = self;
        let mut came = 0;
        while came < most {
            // The one that is behind goes first, so that the other does not have to wait in its queue.
            let first = usize::from(positions[1].time() < positions[0].time());
            let mut read = 0;
            for input in [first, 1 - first] {
                if read > 0 || !follow.goes_behind(positions[input].time().map(|time| time.0)) {
                    continue;
                }
                read = store.read(series[input], &mut positions[input], PART, |time, value, gap| {
                    aligner.push(input, time.0, value, gap);
                });
            }
            if read == 0 {
                break;
            }
            came += read;
            aligner.drain(|time_ns, values, gap| {
                if let [x, y] = values {
                    trail.push(time_ns, [*x, *y], gap);
                }
            });
        }
        came > 0
    }

    /// How far reading has come.
    fn read_ns(&self) -> Option<i64> {
        let ends = self.positions.iter().map(Position::time);
        ends.min().flatten().map(|time| time.0)
    }
}

/// What the XY plot keeps.
#[derive(Default)]
pub struct Plane {
    key: RefCell<Option<Key>>,
    pairs: RefCell<Vec<Pair>>,
    follow: Cell<Follow>,
    fits: Cell<(Fit, Fit)>,
    figure: RefCell<Option<Rc<Figure>>>,
    version: Cell<u64>,
    made: Cell<Option<Instant>>,
    is_due: Cell<bool>,
    /// What was shown last, while the view stands still.
    shown: Cell<(i64, i64)>,
}

impl Plane {
    /// Reads on and makes the picture anew when it is time to, from at most `most` new samples of each pair. True when
    /// there is something new to see, or soon will be.
    pub fn refresh(&self, store: &Store, view: &View<'_>, most: usize) -> bool {
        let pairs = Self::pairs(view.inputs);
        let (from, to) = view.window;
        let span_ns = to.since(from).max(1);
        let key = Key {
            pairs: pairs.iter().filter_map(|(x, y)| Some((x.series?, y.series?))).collect(),
            span_ns,
            between: view.spec.between,
            eco: view.eco,
        };
        let mut follow = self.follow.get();
        let read_ns = self.pairs.borrow().iter().filter_map(Pair::read_ns).min();
        let is_other = self.key.borrow().as_ref() != Some(&key);
        if is_other {
            follow = Follow::default();
        }
        if follow.aim(view.is_still, view.window, read_ns) {
            *self.pairs.borrow_mut() = Self::begin(&key, follow.begin());
            self.is_due.set(true);
        }
        if is_other {
            self.fits.set((Fit::default(), Fit::default()));
            *self.key.borrow_mut() = Some(key);
        }
        let mut came = false;
        for pair in &mut *self.pairs.borrow_mut() {
            came |= pair.read(store, &follow, most);
            if !view.is_still {
                pair.trail.forget_before(follow.keep_from(from, span_ns));
            }
        }
        self.follow.set(follow);
        let moved = view.is_still && self.shown.replace((from.0, to.0)) != (from.0, to.0);
        let is_due = self.is_due.get() || came || moved;
        self.is_due.set(is_due);
        let is_early = self.made.get().is_some_and(|made| made.elapsed() < PERIOD);
        if is_due && !(is_early && came) {
            self.make(&pairs, view);
            self.is_due.set(false);
            self.made.set(Some(Instant::now()));
        }
        is_due
    }

    /// Makes the picture anew at the next chance: a colour or a name is another.
    pub fn touch(&self) {
        self.is_due.set(true);
        self.made.set(None);
    }

    /// The inputs that go together.
    fn pairs(inputs: &[Input]) -> Vec<(&Input, &Input)> {
        let on_x: Vec<bool> = inputs.iter().map(|input| input.on_x).collect();
        let pairs = xy::pairs(&on_x).into_iter();
        let pairs = pairs.filter_map(|(x, y)| Some((inputs.get(x)?, inputs.get(y)?)));
        pairs.filter(|(_, y)| y.visible).collect()
    }

    fn begin(key: &Key, position: Position) -> Vec<Pair> {
        let points = if key.eco { POINTS_ECO } else { POINTS };
        let shown = (points / PER_STRETCH / key.pairs.len().max(1)).max(STRETCHES_MIN);
        let stretch_ns = (key.span_ns / i64::try_from(shown).unwrap_or(i64::MAX)).max(1);
        let pairs = key.pairs.iter().filter_map(|(x, y)| {
            Some(Pair {
                series: [*x, *y],
                positions: [position; 2],
                aligner: xy::aligner(key.between, QUEUE)?,
                // What is kept beyond the view, and room for interruptions.
                trail: Trail::new(stretch_ns, shown * 3 + 16).ok()?,
            })
        });
        pairs.collect()
    }

    fn make(&self, inputs: &[(&Input, &Input)], view: &View<'_>) {
        let (from, to) = view.window;
        let kept = self.pairs.borrow();
        let mut layers = Vec::with_capacity(inputs.len());
        let mut extent: [Option<(f64, f64)>; 2] = [None; 2];
        for (_, y) in inputs {
            let pair = kept.iter().find(|pair| Some(pair.series[1]) == y.series);
            let mut points = Vec::new();
            if let Some(pair) = pair {
                pair.trail.copy(from.0, to.0, &mut points);
            }
            for point in points.iter().filter(|point| !point[0].is_nan()) {
                for (extent, value) in extent.iter_mut().zip(point) {
                    *extent = Some(extent.map_or((*value, *value), |(low, high)| (low.min(*value), high.max(*value))));
                }
            }
            layers.push(Layer::new(&*y.name, theme::curve(y.color), Kind::Trail(points.into())));
        }
        let (mut x_fit, mut y_fit) = self.fits.get();
        let ranged = |axis: Axis, fit: &mut Fit, extent: Option<(f64, f64)>| match extent {
            Some((low, high)) => {
                let (low, high) = fit.update(low, high);
                axis.range(low, high)
            }
            None => axis,
        };
        let names: Vec<(CurveName<'_>, CurveName<'_>)> =
            inputs.iter().map(|(x, y)| (x.as_name(), y.as_name())).collect();
        let (xs, ys): (Vec<_>, Vec<_>) = names.iter().map(|(x, y)| (x, y)).unzip();
        let (x_axis, y_axis) = xy::axes(view.spec.equal, &xs, &ys);
        let version = self.version.get() + 1;
        self.version.set(version);
        let mut figure = Figure::new(
            version,
            ranged(x_axis, &mut x_fit, extent[0]),
            ranged(y_axis, &mut y_fit, extent[1]),
        );
        figure.layers = layers;
        self.fits.set((x_fit, y_fit));
        *self.figure.borrow_mut() = Some(Rc::new(figure));
    }
}

impl FigureSource for Plane {
    fn figure(&self) -> Rc<Figure> {
        let mut figure = self.figure.borrow_mut();
        let empty = || Rc::new(Figure::new(0, Axis::linear("X"), Axis::linear("Y")));
        Rc::clone(figure.get_or_insert_with(empty))
    }
}
