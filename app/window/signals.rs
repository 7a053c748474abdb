//! What wakes the window from outside: samples, snapshots, a stall, a wish to quit.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use iced::Subscription;
use iced::futures::channel::mpsc::Sender;
use iced::futures::{SinkExt, Stream, StreamExt};
use roswave_engine::engine::{Snapshot, Update, WakeFlag, Watcher};
use roswave_engine::record::RecordingState;
use roswave_engine::transport::Waker;

use crate::window::Quit;
use crate::window::clock::Watch;

/// Texts change this often.
const TICK: Duration = Duration::from_millis(200);

/// A hidden window drains this often.
const SLOW_TICK: Duration = Duration::from_secs(1);

/// Something from outside.
#[derive(Clone, Debug)]
pub enum Signal {
    /// There are samples, and the frame clock sleeps.
    Woken,
    /// Something that is shown as text is different now.
    Ticked(Vec<Update>),
    /// There are samples, and no frame came.
    Stalled,
    /// A signal of the system asks to close.
    QuitRequested,
}

/// What the streams listen to. Always the same for one window, so that they start once.
#[derive(Clone, Debug)]
pub struct Sources {
    /// Of the engine.
    pub engine: Watcher,
    /// Of the engine.
    pub wake: Arc<WakeFlag>,
    /// Of the frame clock.
    pub watch: Arc<Watch>,
    /// Of the command line.
    pub quit: Arc<Quit>,
}

impl Hash for Sources {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.wake).hash(state);
    }
}

impl Sources {
    /// All of them as one subscription.
    pub fn subscription(&self) -> Subscription<Signal> {
        Subscription::batch([
            Subscription::run_with(self.clone(), wakes),
            Subscription::run_with(self.clone(), ticks),
            Subscription::run_with(self.clone(), stalls),
        ])
    }
}

fn wakes(sources: &Sources) -> impl Stream<Item = Signal> + use<> {
    let (wake, quit) = (Arc::clone(&sources.wake), Arc::clone(&sources.quit));
    iced::stream::channel(2, async move |out: Sender<Signal>| {
        let to_window = out.clone();
        wake.set_waker(Waker::new(move || {
            // Full means that a wake-up is on its way already.
            let _ = to_window.clone().try_send(Signal::Woken);
        }));
        quit.on_request(move || {
            let _ = out.clone().try_send(Signal::QuitRequested);
        });
        std::future::pending::<()>().await;
    })
}

fn ticks(sources: &Sources) -> impl Stream<Item = Signal> + use<> {
    let engine = sources.engine.clone();
    iced::stream::channel(1, async move |mut out: Sender<Signal>| {
        let mut shown = None;
        let mut version = 0;
        let mut interval = tokio::time::interval(TICK);
        loop {
            let _ = interval.tick().await;
            let (updates, snapshot) = (engine.updates(), engine.snapshot());
            if updates.is_empty() && snapshot.version == version {
                continue;
            }
            version = snapshot.version;
            let now = Shown::of(&snapshot);
            if updates.is_empty() && shown.as_ref() == Some(&now) {
                continue;
            }
            shown = Some(now);
            if out.send(Signal::Ticked(updates)).await.is_err() {
                return;
            }
        }
    })
}

fn stalls(sources: &Sources) -> impl Stream<Item = Signal> + use<> {
    let watch = Arc::clone(&sources.watch);
    let interval = tokio_interval(SLOW_TICK);
    interval.filter_map(move |()| {
        let stalled = watch.is_stalled();
        async move { stalled.then_some(Signal::Stalled) }
    })
}

fn tokio_interval(period: Duration) -> impl Stream<Item = ()> {
    iced::futures::stream::unfold(None, move |interval| async move {
        let mut interval = interval.unwrap_or_else(|| tokio::time::interval(period));
        let _ = interval.tick().await;
        Some(((), Some(interval)))
    })
}

/// Everything of a snapshot that changes a text, in few words. As long as it stays the same, nothing is drawn.
#[derive(Debug, PartialEq)]
struct Shown {
    graph_version: u64,
    participants: usize,
    topics: usize,
    definitions: usize,
    problems: usize,
    messages: u64,
    lost: Option<u64>,
    rates: u64,
    latest: i64,
    rss_mebibytes: Option<u64>,
    recording: Option<(RecordingState, u64, u64, u64)>,
}

impl Shown {
    fn of(snapshot: &Snapshot) -> Self {
        let statuses = || snapshot.topics.values();
        let reports = || statuses().filter_map(|s| s.report.as_ref());
        Self {
            graph_version: snapshot.graph.version,
            participants: snapshot.graph.participants,
            topics: snapshot.topics.len(),
            definitions: statuses().filter(|s| s.schema.is_some()).count(),
            problems: statuses().filter(|s| s.problem.is_some()).count(),
            messages: snapshot.totals.messages,
            lost: snapshot.totals.loss.map(|loss| loss.known_total()),
            rates: reports().fold(0, |sum, r| {
                // A rate that falls to nothing changes without a message.
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "tenths of a hertz"
                )]
                let tenths = r.rate_hz.map_or(u64::MAX, |hz| (hz * 10.0) as u64);
                sum ^ tenths.rotate_left(7).wrapping_add(sum << 1)
            }),
            latest: statuses()
                .filter_map(|s| s.latest.as_ref())
                .map(|a| a.receive_time.0)
                .max()
                .unwrap_or(0),
            rss_mebibytes: snapshot.monitor.rss_bytes.map(|bytes| bytes >> 22),
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole seconds")]
            recording: snapshot
                .recording
                .as_ref()
                .map(|r| (r.state.clone(), r.messages, r.bytes, r.duration_s as u64)),
        }
    }
}
