//! What does not fit: expressions over fields that are not there, topics that change their type or fall silent. Each is told
//! where it is shown, and the rest goes on. Driven without a display.

use std::path::Path;
use std::sync::Arc;

use roswave::board::Board;
use roswave::scope::Message;
use roswave::scope::pane::Pane;
use roswave_engine::cdr::Encoder;
use roswave_engine::clock::Timestamp;
use roswave_engine::signal::FieldRef;
use roswave_engine::transport::memory::MemoryWriter;
use roswave_widgets::{Freshness, TraceSource as _};

use bench::Bench;

#[path = "window/bench.rs"]
mod bench;

const FLOAT: &str = "std_msgs/msg/Float64";
const VECTOR: &str = "geometry_msgs/msg/Vector3";
const POSE: &str = "geometry_msgs/msg/Pose2D";
const STRANGE: &str = "strange_msgs/msg/Thing";
const SECOND: i64 = 1_000_000_000;

fn numbers(values: &[f64]) -> Arc<[u8]> {
    let mut encoder = Encoder::new();
    values.iter().for_each(|value| encoder.f64(*value));
    encoder.payload().into()
}

fn bench(board: &str) -> Bench {
    Bench::new(Board::parse(board, Path::new("test.toml")).expect("a board"))
}

fn chart(bench: &Bench) -> &Pane {
    bench.scope.charts().focused().expect("a chart")
}

fn value(bench: &Bench, curve: usize) -> Option<f64> {
    chart(bench).source().latest(curve).map(|(_, value)| value)
}

fn problem(bench: &Bench, field: &str) -> Option<String> {
    let at: FieldRef = field.parse().expect("a field");
    bench.scope.history().problem(&at).map(str::to_owned)
}

/// Waits until a topic is known to have this type. What is published before would still be read as one of the type before,
/// which no middleware does but the one in memory.
fn until_type(bench: &mut Bench, topic: &str, type_name: &str) {
    bench.until("the type is known", |b| {
        let mut topics = b.scope.snapshot().topics.iter();
        let status = topics
            .find(|(name, _)| name.as_str() == topic)
            .map(|(_, status)| status);
        status
            .and_then(|status| status.type_name.as_ref())
            .is_some_and(|name| name.as_str() == type_name)
    });
}

/// Publishes until the newest value of a curve is the one that is published last.
fn until_value(bench: &mut Bench, writer: &mut MemoryWriter, payload: &Arc<[u8]>, curve: usize, wanted: f64) {
    bench.until("the value is drawn", |b| {
        let _ = writer.publish(Arc::clone(payload));
        value(b, curve) == Some(wanted)
    });
}

#[test]
fn an_expression_waits_for_its_topics_and_says_which_field_is_not_there() {
    let mut bench =
        bench("[[chart]]\ncurves = [\"/a:data\", \"= /a:data + /b:data\", \"= 2 * /a:nothing\", \"= /a:data * 3\"]\n");
    let mut a = bench.writer("/a", FLOAT);
    until_value(&mut bench, &mut a, &numbers(&[2.0]), 0, 2.0);
    until_value(&mut bench, &mut a, &numbers(&[2.0]), 3, 6.0);
    assert_eq!(problem(&bench, "/b:data").as_deref(), Some("waiting for /b"));
    let wrong = problem(&bench, "/a:nothing").expect("a sentence");
    assert!(wrong.contains("/a") && wrong.contains("nothing"), "{wrong}");
    assert_eq!((value(&bench, 1), value(&bench, 2)), (None, None));
    assert!(bench.says("waiting for /b"));
    assert!(bench.scope.notice().is_none(), "it is told in place");

    let mut b = bench.writer("/b", FLOAT);
    bench.until("the sum is drawn", |bench| {
        let _ = (b.publish(numbers(&[5.0])), a.publish(numbers(&[2.0])));
        value(bench, 1) == Some(7.0)
    });
    assert_eq!(problem(&bench, "/b:data"), None);
    assert!(problem(&bench, "/a:nothing").is_some(), "that stays wrong");
}

#[test]
fn what_is_typed_wrong_is_told_while_it_is_typed() {
    let mut bench = bench("[[chart]]\ncurves = [\"/a:data\"]\n");
    let pane = bench.scope.charts().focus();
    bench.send(Message::ToggleFormula(pane));
    bench.send(Message::EditFormula(pane, "= hypot(/a:data, ".to_owned()));
    let error = chart(&bench).formula_error().expect("a sentence");
    assert!(bench.says(&error), "{error}");
    bench.send(Message::AcceptFormula(pane));
    assert_eq!(chart(&bench).curves().len(), 1, "what is wrong is not taken");
}

#[test]
fn a_topic_that_changes_its_type_says_so_and_comes_back() {
    let mut bench = bench("[[chart]]\ncurves = [\"/a:data\", \"= /a:data * 2\", \"/b:data\"]\n");
    let mut a = bench.writer("/a", FLOAT);
    let mut b = bench.writer("/b", FLOAT);
    until_value(&mut bench, &mut a, &numbers(&[1.0]), 1, 2.0);
    until_value(&mut bench, &mut b, &numbers(&[1.0]), 2, 1.0);

    // To a type that has no such field, and to one that nobody knows.
    for (type_name, sign) in [(VECTOR, "data"), (STRANGE, STRANGE)] {
        drop(a);
        let mut other = bench.writer("/a", type_name);
        until_type(&mut bench, "/a", type_name);
        bench.until("the curve says so", |b| {
            problem(b, "/a:data").is_some_and(|problem| problem.contains(sign))
        });
        assert!(bench.scope.notice().is_none(), "it is told in place");
        let before = chart(&bench).source().latest(0);
        for n in 0..20 {
            let _ = other.publish(numbers(&[7.0, 8.0, 9.0]));
            until_value(&mut bench, &mut b, &numbers(&[f64::from(n)]), 2, f64::from(n));
        }
        assert_eq!(
            chart(&bench).source().latest(0),
            before,
            "nothing of another type is drawn"
        );

        drop(other);
        a = bench.writer("/a", FLOAT);
        until_type(&mut bench, "/a", FLOAT);
        until_value(&mut bench, &mut a, &numbers(&[3.0]), 0, 3.0);
        until_value(&mut bench, &mut a, &numbers(&[4.0]), 1, 8.0);
        assert_eq!(problem(&bench, "/a:data"), None);
    }
}

#[test]
fn a_field_that_another_type_has_as_well_is_drawn_on() {
    let mut bench = bench("[[chart]]\ncurves = [\"/a:x\", \"/a:z\"]\n");
    let mut a = bench.writer("/a", VECTOR);
    until_value(&mut bench, &mut a, &numbers(&[1.0, 2.0, 3.0]), 1, 3.0);
    drop(a);
    // Its theta stands where z was.
    let mut a = bench.writer("/a", POSE);
    until_type(&mut bench, "/a", POSE);
    until_value(&mut bench, &mut a, &numbers(&[5.0, 6.0, 7.0]), 0, 5.0);
    assert_eq!(problem(&bench, "/a:x"), None);
    let wrong = problem(&bench, "/a:z").expect("Pose2D has none");
    assert!(wrong.contains('z'), "{wrong}");
    assert_eq!(value(&bench, 1), Some(3.0), "theta is no z");
}

#[test]
fn a_topic_that_falls_silent_is_stale_and_the_others_go_on() {
    let mut bench = bench("[[chart]]\ncurves = [\"/a:data\", \"/b:data\"]\n");
    let mut a = bench.writer("/a", FLOAT);
    let mut b = bench.writer("/b", FLOAT);
    // Long enough ago to count as silent at once.
    bench.until("both are drawn", |bench| {
        let now = Timestamp::now();
        let ago = Timestamp(now.0 - 3 * SECOND);
        let _ = a.publish_at(numbers(&[1.0]), Some(ago), ago);
        let _ = b.publish_at(numbers(&[2.0]), Some(now), now);
        value(bench, 0).is_some() && value(bench, 1).is_some()
    });
    drop(a);
    bench.until("the one is stale", |bench| {
        let _ = b.publish(numbers(&[2.0]));
        let source = chart(bench).source();
        matches!(source.freshness(0), Freshness::Stale(age_s) if age_s > 2.0) && source.freshness(1) == Freshness::Live
    });
    assert_eq!(value(&bench, 0), Some(1.0), "what was drawn stays");
    assert!(bench.scope.notice().is_none());
    assert!(bench.scope.charts().silent_since_s().is_some_and(|age_s| age_s > 2.0));

    let mut a = bench.writer("/a", FLOAT);
    bench.until("it goes on", |bench| {
        let _ = (a.publish(numbers(&[4.0])), b.publish(numbers(&[2.0])));
        value(bench, 0) == Some(4.0) && chart(bench).source().freshness(0) == Freshness::Live
    });
}
