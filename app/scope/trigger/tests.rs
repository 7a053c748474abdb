//! A chart's trigger on samples that come in parts, as frames drain them.

use std::cell::RefCell;
use std::rc::Rc;

use roswave_engine::cdr::FieldPath;
use roswave_engine::clock::Timestamp;
use roswave_engine::ingest::{PlotFeed, RowProducer, row_ring};
use roswave_engine::name::TopicName;
use roswave_engine::series::Store;
use roswave_engine::signal::Recipe;
use roswave_widgets::TraceSource as _;

use super::*;
use crate::board::Look;
use crate::scope::source::{Drawing, Lens, Scale};

const MS: i64 = 1_000_000;

/// One chart with one curve at 1 kHz.
struct Rig {
    store: Rc<RefCell<Store>>,
    rows: RowProducer,
    source: Source,
    trigger: ChartTrigger,
    now_ns: i64,
}

impl Rig {
    fn new(when: &str) -> Self {
        let mut store = Store::new(1 << 24);
        let (producer, rows) = row_ring(1, 65_536);
        store.attach(PlotFeed {
            topic: TopicName::new("/a").expect("a name"),
            fields: vec![FieldPath::parse("x").expect("a path")],
            units: vec![None],
            timings: Vec::new(),
            rows,
        });
        let store = Rc::new(RefCell::new(store));
        let source = Source::new(Rc::clone(&store), 1_000 * MS, Scale::Auto, false);
        let curve: Recipe = "/a:x".parse().expect("a recipe");
        let drawing = Drawing {
            color: 0,
            visible: true,
            look: Look::default(),
        };
        source.set_curves(&[(curve.clone(), drawing)]);
        let mut rig = Self {
            store,
            rows: producer,
            source,
            trigger: ChartTrigger::new(TriggerSetup {
                curve,
                when: when.parse().expect("a trigger"),
                keep: 4,
                freeze: false,
                bookmark: false,
                record: false,
                black_box: false,
            }),
            now_ns: Timestamp::now().0 - 10_000 * MS,
        };
        rig.feed(&[0.0]);
        rig
    }

    /// One sample per millisecond, drained and looked at together.
    fn feed(&mut self, values: &[f64]) {
        for value in values {
            self.now_ns += MS;
            let at = Timestamp(self.now_ns);
            assert!(self.rows.push(at, at, false, &[*value]), "there is room");
        }
        let _ = self.store.borrow_mut().drain();
        let _ = self.source.refresh(Timestamp::now());
        self.look();
    }

    fn look(&mut self) {
        let looked = self.trigger.look(&self.store.borrow(), Some(0), &self.source, 1 << 20);
        assert!(!looked.behind);
    }

    fn window(&self) -> (i64, i64) {
        let (from, to) = self.source.window();
        (from.0, to.0)
    }
}

fn pulse() -> Vec<f64> {
    let mut values = vec![0.0; 20];
    values.extend([1.0; 5]);
    values.extend([0.0; 35]);
    values
}

#[test]
fn a_capture_aligns_the_chart_exactly_on_its_sample() {
    let mut rig = Rig::new("rising:level=0.5,mode=normal,pre_s=0.01,post_s=0.02");
    assert_eq!(rig.trigger.status(), Status::Armed);
    let event_ns = rig.now_ns + 21 * MS;
    // The seam of two drains goes through the pulse.
    let values = pulse();
    rig.feed(&values[..22]);
    assert_eq!(rig.trigger.status(), Status::Triggered);
    assert!(!rig.source.is_aligned(), "the capture is not complete");
    rig.feed(&values[22..]);
    assert_eq!(rig.window(), (event_ns - 10 * MS, event_ns + 20 * MS));
    assert_eq!(rig.source.origin_ns(), Some(event_ns));
    assert_eq!((rig.trigger.count(), rig.trigger.status()), (1, Status::Armed));
}

#[test]
fn earlier_captures_lie_below_the_newest_one() {
    let mut rig = Rig::new("rising:level=0.5,mode=normal,pre_s=0.01,post_s=0.02");
    for count in 1..=6_usize {
        rig.feed(&pulse());
        assert_eq!(rig.trigger.count(), count as u64);
        // Four are kept: the newest one and three before it.
        assert_eq!(rig.source.curves(), 1 + (count - 1).min(3), "after {count}");
    }
    let origin = rig.source.origin_ns().expect("aligned");
    let mut points = Vec::new();
    for index in 1..rig.source.curves() {
        let ghost = rig.source.curve(index);
        assert!(ghost.ghost && ghost.visible && ghost.head > ghost.tail);
        points.clear();
        rig.source.copy(index, ghost.tail, ghost.head, &mut points);
        let rise = points
            .iter()
            .find(|p| f64::from(p[1]) + ghost.base_value > 0.5)
            .expect("a rise");
        let at_ns = ghost.base_time_ns + (f64::from(rise[0]) * 1e9).round() as i64;
        assert!((at_ns - origin).abs() < MS / 10, "{} from the newest", at_ns - origin);
    }
}

#[test]
fn a_single_capture_stays_until_it_is_armed_again() {
    let mut rig = Rig::new("rising:level=0.5,mode=single,pre_s=0.01,post_s=0.02");
    rig.feed(&pulse());
    assert_eq!(rig.trigger.status(), Status::Stopped);
    let first = rig.window();
    rig.feed(&pulse());
    assert_eq!((rig.window(), rig.trigger.count()), (first, 1));
    rig.trigger.toggle_armed();
    assert_eq!(rig.trigger.status(), Status::Armed);
    rig.feed(&pulse());
    assert_ne!(rig.window(), first);
    assert_eq!((rig.trigger.count(), rig.trigger.status()), (2, Status::Stopped));
}

#[test]
fn without_events_auto_lets_the_chart_run() {
    let mut rig = Rig::new("rising:level=0.5,mode=auto,pre_s=0.01,post_s=0.02,auto_s=0.1");
    rig.feed(&pulse());
    assert!(rig.source.is_aligned());
    rig.feed(&[0.0; 300]);
    assert_eq!(rig.trigger.status(), Status::Auto);
    assert!(!rig.source.is_aligned(), "it scrolls");
    assert_eq!(rig.trigger.count(), 1, "what it does of its own accord is no event");
    rig.feed(&pulse());
    assert!(rig.source.is_aligned());
}

#[test]
fn silence_is_noticed_without_a_sample() {
    let mut rig = Rig::new("timeout:after_s=0.2,mode=normal,pre_s=0.1,post_s=0.1");
    rig.feed(&[0.0; 50]);
    let silent_ns = rig.now_ns + 200 * MS;
    assert_eq!(rig.trigger.due_ns(), Some(silent_ns + 50 * MS));
    let end = std::time::Instant::now() + std::time::Duration::from_secs(5);
    while rig.trigger.count() == 0 {
        assert!(std::time::Instant::now() < end, "no event although nothing came");
        std::thread::sleep(std::time::Duration::from_millis(20));
        rig.look();
    }
    assert_eq!(rig.trigger.count(), 1);
}

#[test]
fn a_frozen_view_does_not_move_and_asks_once() {
    let mut rig = Rig::new("rising:level=0.5,mode=normal,pre_s=0.01,post_s=0.02");
    rig.trigger.edit(Change::Freeze(true));
    rig.trigger.edit(Change::Bookmark(true));
    rig.trigger.edit(Change::Record(true));
    let event_ns = rig.now_ns + 21 * MS;
    rig.feed(&pulse());
    let (from_ns, to_ns) = (event_ns - 10 * MS, event_ns + 20 * MS);
    assert_eq!(
        rig.trigger.take_wishes(),
        [
            Wish::Bookmark { at_ns: event_ns },
            Wish::Record,
            Wish::Freeze { from_ns, to_ns }
        ]
    );
    rig.source.set_lens(Lens::Still(Timestamp(from_ns), Timestamp(to_ns)));
    rig.trigger.disarm_recording();
    rig.feed(&pulse());
    assert_eq!(rig.window(), (from_ns, to_ns));
    assert!(
        matches!(rig.trigger.take_wishes()[..], [Wish::Bookmark { .. }]),
        "frozen and recording already"
    );
}

#[test]
fn what_is_typed_holds_as_soon_as_it_is_sound() {
    let mut rig = Rig::new("rising:level=0.5,mode=normal");
    rig.trigger.edit(Change::Number(Number::Level, "2.".to_owned()));
    assert_eq!(rig.trigger.levels()[0].map(|level| level.0), Some(2.0));
    rig.trigger.edit(Change::Number(Number::Level, "2.x".to_owned()));
    assert_eq!(
        rig.trigger.levels()[0].map(|level| level.0),
        Some(2.0),
        "the last sound one"
    );
    let error = rig.trigger.form().setup().expect_err("no number");
    assert!(error.contains("2.x") && error.contains("level"), "{error}");
    rig.trigger.edit(Change::Number(Number::Level, "3".to_owned()));
    rig.trigger.edit(Change::Number(Number::Keep, "65".to_owned()));
    let error = rig.trigger.form().setup().expect_err("too many");
    assert!(error.contains("65") && error.contains("64"), "{error}");
}

#[test]
fn every_kind_of_the_form_is_the_trigger_that_it_says() {
    let setup = Rig::new("rising:level=0.5,hysteresis=0.1").trigger.setup().clone();
    for kind in Kind::ALL {
        let mut form = Form::of(&setup);
        form.kind = kind;
        let made = form.setup().unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(Form::of(&made).kind(), kind);
        assert_eq!(Form::of(&made).setup(), Ok(made));
    }
}

#[test]
fn levels_are_dragged_within_reason() {
    let mut rig = Rig::new("window:low=-1,high=1");
    rig.trigger.move_level(1, 2.5);
    assert_eq!(
        rig.trigger.levels().map(|level| level.map(|l| l.0)),
        [Some(-1.0), Some(2.5)]
    );
    rig.trigger.move_level(0, 3.0);
    assert_eq!(
        rig.trigger.levels()[0].map(|level| level.0),
        Some(-1.0),
        "not past the other one"
    );
    assert_eq!(rig.trigger.form().number(Number::High), "2.5");
}

#[test]
fn zooming_captures_more_or_less() {
    let mut rig = Rig::new("rising:level=0.5,mode=normal,pre_s=0.01,post_s=0.02");
    rig.feed(&pulse());
    let origin = rig.source.origin_ns().expect("aligned");
    rig.trigger.zoom(0.5, &rig.source);
    assert_eq!(rig.window(), (origin - 5 * MS, origin + 10 * MS));
    assert_eq!(rig.trigger.form().number(Number::After), "0.01");
}
