//! State lanes: what booleans, enumerations and bits are, from when to when, read on as samples come.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use roswave_engine::clock::Timestamp;
use roswave_engine::csv::field;
use roswave_engine::series::{Position, Store};
use roswave_engine::signal::lanes::{self, Lane, Select, StateTotal};
use roswave_widgets::figure::{Axis, Figure, Kind, Layer};
use roswave_widgets::lanes::{LaneInfo, LaneKind, LaneSource, Segment};
use roswave_widgets::{format, theme};

use crate::format::time_of_day;
use crate::scope::follow::Follow;
use crate::scope::meaning::Meaning;
use crate::scope::panel::{Input, View};

/// States that a lane keeps.
const SEGMENTS: usize = 4096;

/// Bits of one word that have a lane of their own, at most.
const BITS_MAX: u8 = 32;

/// Without a sample for this long, and for three times the interval before, nobody knows whether a state still lasts.
const STALE_NS: i64 = 2_000_000_000;

/// States of one value that a figure names.
const NAMED: usize = 12;

/// One series with its lanes: the whole number, and its bits when they are shown.
struct Reader {
    input: Input,
    shows_bits: bool,
    follow: Follow,
    position: Position,
    lanes: Vec<Lane>,
    /// The time between the two newest samples.
    interval_ns: i64,
    /// All bits that were ever set.
    seen: i64,
    names: Vec<(i64, Rc<str>)>,
}

impl Reader {
    fn new(input: &Input, bits: bool) -> Self {
        let names = match &input.meaning {
            Meaning::Whole { names, .. } => names.iter().map(|(value, name)| (*value, Rc::from(&**name))).collect(),
            _ => Vec::new(),
        };
        let shows_bits = bits && names.is_empty() && matches!(input.meaning, Meaning::Whole { .. } | Meaning::Unknown);
        let mut reader = Self {
            input: input.clone(),
            shows_bits,
            follow: Follow::default(),
            position: Position::default(),
            lanes: Vec::new(),
            interval_ns: 0,
            seen: 0,
            names,
        };
        reader.begin();
        reader
    }

    fn begin(&mut self) {
        let bits = match (&self.input.meaning, self.shows_bits) {
            (Meaning::Whole { bits, .. }, true) => (*bits).min(BITS_MAX),
            (_, true) => BITS_MAX,
            (_, false) => 0,
        };
        let selects = [Select::Whole].into_iter().chain((0..bits).map(Select::Bit));
        // The bounds are those of constants above.
        self.lanes = selects.filter_map(|select| Lane::new(select, SEGMENTS).ok()).collect();
        self.interval_ns = 0;
        self.seen = 0;
    }

    /// Lanes that are shown: of bits those up to the highest that was ever set.
    fn shown(&self) -> usize {
        let bits = 64 - self.seen.leading_zeros() as usize;
        if self.shows_bits {
            (1 + bits.max(1)).min(self.lanes.len())
        } else {
            1
        }
    }

    fn read(&mut self, store: &Store, view: &View<'_>, most: usize) -> bool {
        let read_ns = self.position.time().map(|time| time.0);
        if self.follow.aim(view.is_still, view.window, read_ns) {
            self.begin();
            self.position = self.follow.begin();
        }
        if !self.follow.goes_behind(self.position.time().map(|time| time.0)) {
            return false;
        }
        let Some(series) = self.input.series else {
            return false;
        };
        let Self {
            lanes,
            position,
            interval_ns,
            seen,
            ..
        } = self;
        let mut last_ns = None;
        let came = store.read(series, position, most, |time, value, gap| {
            if let Some(last_ns) = last_ns.replace(time.0) {
                *interval_ns = time.0.saturating_sub(last_ns).max(0);
            }
            *seen |= lanes::state_of(value).unwrap_or(0);
            for lane in &mut *lanes {
                lane.push(time.0, value, gap);
            }
        });
        came > 0
    }

    fn kind(&self, lane: usize) -> LaneKind {
        match (&self.input.meaning, lane) {
            (Meaning::Bool, _) | (_, 1..) => LaneKind::Bool,
            _ if self.shows_bits => LaneKind::Bits,
            // What is worked out and was never anything but 0 and 1 is a yes or no.
            (Meaning::Unknown, _) if self.seen & !1 == 0 => LaneKind::Bool,
            _ => LaneKind::Enum,
        }
    }

    fn name(&self, lane: usize) -> String {
        match lane.checked_sub(1) {
            Some(bit) => format!("{} bit {bit}", self.input.name),
            None => self.input.name.clone(),
        }
    }

    /// The name of a state; empty when it has none.
    fn label(&self, lane: usize, value: i64) -> Rc<str> {
        let named = self.names.iter().find(|(named, _)| *named == value && lane == 0);
        named.map_or_else(|| Rc::from(""), |(_, name)| Rc::clone(name))
    }

    /// The name of a state, else its number.
    fn word(&self, lane: usize, value: i64) -> String {
        match (self.kind(lane), &*self.label(lane, value)) {
            (LaneKind::Bool, _) => (value != 0).to_string(),
            (_, "") => value.to_string(),
            (_, label) => label.to_owned(),
        }
    }
}

/// What state lanes keep.
#[derive(Default)]
pub struct States {
    readers: RefCell<Vec<Reader>>,
    view: Cell<(i64, i64)>,
    version: Cell<u64>,
    hovered: Cell<Option<usize>>,
}

impl States {
    /// Reads on, at most `most` samples of each series. True when there is something new to see.
    pub fn refresh(&self, store: &Store, view: &View<'_>, most: usize) -> bool {
        let (from, to) = view.window;
        self.view.set((from.0, to.0));
        let mut readers = self.readers.borrow_mut();
        let shown = || view.inputs.iter().filter(|input| input.visible);
        let is_same = readers.len() == shown().count()
            && readers
                .iter()
                .zip(shown())
                .all(|(reader, input)| reader.input == *input);
        if !is_same || self.bits_differ(&readers, view) {
            *readers = shown().map(|input| Reader::new(input, view.spec.bits)).collect();
            self.touch();
        }
        let mut came = false;
        for reader in &mut *readers {
            came |= reader.read(store, view, most);
        }
        if came {
            self.touch();
        }
        came
    }

    fn bits_differ(&self, readers: &[Reader], view: &View<'_>) -> bool {
        let can = |reader: &Reader| Reader::can_show_bits(&reader.input);
        readers
            .iter()
            .any(|reader| can(reader) && reader.shows_bits != view.spec.bits)
    }

    /// Something is to be drawn anew.
    pub fn touch(&self) {
        self.version.set(self.version.get() + 1);
    }

    /// Notes which lane the pointer is over.
    pub fn hover(&self, lane: Option<usize>) {
        self.hovered.set(lane);
    }

    /// The place of a lane among all: which reader, and which of its lanes.
    fn place(readers: &[Reader], index: usize) -> Option<(&Reader, usize)> {
        let mut left = index;
        for reader in readers {
            let shown = reader.shown();
            if left < shown {
                return Some((reader, left));
            }
            left -= shown;
        }
        None
    }

    /// How long the lane under the pointer, else the first one, was in which state since it is read.
    #[must_use]
    pub fn totals(&self) -> Option<String> {
        let readers = self.readers.borrow();
        let (reader, lane) = Self::place(&readers, self.hovered.get().unwrap_or(0))?;
        let totals = reader.lanes.get(lane)?.totals();
        if totals.is_empty() {
            return None;
        }
        let state = |total: &StateTotal| {
            let second = |ns: i64| format::duration(Timestamp(ns).since(Timestamp(0)) as f64 * 1e-9);
            let mut text = format!(
                "{} {}× {}",
                reader.word(lane, total.value),
                total.count,
                second(total.total_ns)
            );
            if let (Some(min), Some(max)) = (total.min_ns, total.max_ns) {
                text += &format!(" ({} … {})", second(min), second(max));
            }
            text
        };
        let states: Vec<String> = totals.iter().take(NAMED).map(state).collect();
        Some(format!("{}: {}", reader.name(lane), states.join(", ")))
    }

    /// All that is shown, as a table of comma-separated values.
    #[must_use]
    pub fn csv(&self) -> String {
        use std::fmt::Write as _;

        let readers = self.readers.borrow();
        let (from, to) = self.view.get();
        let mut text = "lane,from_ns,to_ns,value,name,begin_known,end_known\n".to_owned();
        for reader in &*readers {
            for (index, lane) in reader.lanes.iter().enumerate().take(reader.shown()) {
                let name = field(&reader.name(index));
                for segment in lane.within(from, to) {
                    // Writing to a string cannot fail.
                    let _ = writeln!(
                        text,
                        "{name},{},{},{},{},{},{}",
                        segment.from_ns,
                        segment.to_ns,
                        segment.value,
                        field(&reader.word(index, segment.value)),
                        segment.begin_known,
                        segment.end_known
                    );
                }
            }
        }
        text
    }

    /// All that is shown, as a figure for paper: a band for each state, and a name for each lane.
    #[must_use]
    pub fn figure(&self) -> Figure {
        let readers = self.readers.borrow();
        let (from, to) = self.view.get();
        let mut figure = Figure::new(0, Axis::linear("Time").unit("s"), Axis::linear(""))
            .note(format!("from {}", time_of_day(from)));
        let rows: usize = readers.iter().map(Reader::shown).sum();
        let mut row = 0;
        let mut named = Vec::new();
        for reader in &*readers {
            for (index, lane) in reader.lanes.iter().enumerate().take(reader.shown()) {
                #[expect(clippy::cast_precision_loss, reason = "a number of lanes")]
                let base = (rows - row) as f64;
                row += 1;
                let mut values: Vec<i64> = lane.within(from, to).map(|segment| segment.value).collect();
                values.sort_unstable();
                values.dedup();
                for value in values.into_iter().take(theme::CURVES.len() * 2) {
                    let mut band = Vec::new();
                    for segment in lane.within(from, to).filter(|segment| segment.value == value) {
                        let second = |ns: i64| Timestamp(ns.clamp(from, to)).since(Timestamp(from)) as f64 * 1e-9;
                        let height = if reader.kind(index) == LaneKind::Bool && value == 0 {
                            0.1
                        } else {
                            0.7
                        };
                        band.push([second(segment.from_ns), base, base + height]);
                        band.push([second(segment.to_ns), base, base + height]);
                        band.push([f64::NAN; 3]);
                    }
                    let color = theme::curve(usize::try_from(value.rem_euclid(8)).unwrap_or(0));
                    let word = reader.word(index, value);
                    let is_new = !named.contains(&word) && named.len() < NAMED;
                    let name = if is_new { word.clone() } else { String::new() };
                    named.push(word);
                    figure = figure.layer(Layer::new(name, color, Kind::Band(band.into())));
                }
                figure = figure.layer(Layer::new(
                    "",
                    theme::curve(7),
                    Kind::HLine {
                        at: base,
                        label: reader.name(index),
                    },
                ));
            }
        }
        figure
    }
}

impl Reader {
    /// True for whole numbers that have no names.
    fn can_show_bits(input: &Input) -> bool {
        match &input.meaning {
            Meaning::Whole { names, .. } => names.is_empty(),
            Meaning::Unknown => true,
            Meaning::Bool | Meaning::Measure => false,
        }
    }
}

impl LaneSource for States {
    fn version(&self) -> u64 {
        self.version.get()
    }

    fn view(&self) -> (i64, i64) {
        self.view.get()
    }

    fn lanes(&self) -> usize {
        self.readers.borrow().iter().map(Reader::shown).sum()
    }

    fn lane(&self, index: usize) -> LaneInfo {
        let readers = self.readers.borrow();
        match Self::place(&readers, index) {
            Some((reader, lane)) => LaneInfo {
                name: reader.name(lane).into(),
                kind: reader.kind(lane),
            },
            None => LaneInfo {
                name: Rc::from(""),
                kind: LaneKind::Enum,
            },
        }
    }

    fn segments(&self, index: usize, from_ns: i64, to_ns: i64, out: &mut Vec<Segment>) {
        let readers = self.readers.borrow();
        let Some((reader, lane)) = Self::place(&readers, index) else {
            return;
        };
        let Some(states) = reader.lanes.get(lane) else {
            return;
        };
        let (_, now_ns) = self.view.get();
        let patience_ns = STALE_NS.max(reader.interval_ns.saturating_mul(3));
        let last_ns = states.segments().last().map(|segment| segment.from_ns);
        for segment in states.within(from_ns, to_ns) {
            // Only the newest may last: another one without a known end was cut by a gap.
            let lasts = !segment.end_known
                && last_ns == Some(segment.from_ns)
                && now_ns.saturating_sub(segment.to_ns) < patience_ns;
            out.push(Segment {
                from_ns: segment.from_ns,
                to_ns: (!lasts).then_some(segment.to_ns),
                value: segment.value,
                label: reader.label(lane, segment.value),
                gap_before: !segment.begin_known,
            });
        }
    }
}
