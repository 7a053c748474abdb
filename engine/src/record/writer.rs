//! What the thread `recorder` does from its start to its end: takes messages from the queue, gathers them in chunks,
//! and decides when a file ends. It never waits for the disk: see [`super::pipeline`].

mod capture;
mod files;
mod gauge;
mod guard;
mod intake;
mod report;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use arc_swap::ArcSwap;

use super::books::Shared;
use super::channels::Channels;
use super::chunk::Chunk;
use super::directory::Place;
use super::disk::{Opener, Wrap};
use super::facts::run_record;
use super::failure::{Failure, Left};
use super::file::RecordFile;
use super::ledger::is_own_topic;
use super::pipeline::Pipeline;
use super::recorder::Command;
use super::request::RecordRequest;
use super::status::{Finished, FinishedState, RecordingEvent, RecordingState, RecordingStatus};
use super::{CHUNK_AGE, Compression, RecordError};
use crate::bag::Storage;
use crate::bag::write::WriteError;
use crate::clock::monotonic_ns;
use crate::ingest::{Outgoing, OutletConsumer, TopicIndex};
use capture::Capture;
use gauge::Gauge;
use guard::Guard;
use intake::Topic;
use report::Reporter;

/// Messages taken in one go before the clocks are looked at again.
const BATCH: usize = 1024;
/// Longest sleep: how late a stop is noticed.
const NAP: Duration = Duration::from_millis(50);
/// Pause between two batches while the queue is far from full: one wake-up for many messages.
const PACE: Duration = Duration::from_millis(5);
/// Pause while the disk is behind.
const BACKLOG: Duration = Duration::from_millis(2);
/// How long a producer that does not end may keep a stopped recorder busy.
const DRAIN_NS: i64 = 5_000_000_000;

/// What the thread is given.
pub(super) struct Context {
    pub request: RecordRequest,
    pub began_ns: i64,
    pub commands: Receiver<Command>,
    pub stopping: Arc<AtomicBool>,
    pub status: Arc<ArcSwap<RecordingStatus>>,
    pub events: SyncSender<RecordingEvent>,
}

/// Runs a recording. `ready` hears whether the head of the file is on the disk, `finished` how it ended.
pub(super) fn run(
    context: Context,
    wrap: Wrap,
    outlet: OutletConsumer,
    ready: &SyncSender<Result<(), RecordError>>,
    finished: &SyncSender<Finished>,
) {
    let recording = match Recording::open(context, wrap, outlet) {
        Ok(recording) => recording,
        Err(error) => {
            // The other side waits for this; it cannot be gone.
            let _ = ready.send(Err(error));
            return;
        }
    };
    let _ = ready.send(Ok(()));
    // Nobody may wait for the result any more: the status tells it too.
    let _ = finished.send(recording.run());
}

struct Recording {
    request: RecordRequest,
    shared: Arc<Shared>,
    place: Arc<Place>,
    outlet: OutletConsumer,
    commands: Receiver<Command>,
    stopping: Arc<AtomicBool>,
    pipeline: Pipeline,
    state: RecordingState,
    channels: Channels,
    topics: HashMap<TopicIndex, Topic>,
    /// Messages that came before their topic was named.
    unnamed: VecDeque<Outgoing>,
    unnamed_bytes: u64,
    /// Losses told before their topic was named.
    told_early: HashMap<TopicIndex, crate::loss::Loss>,
    chunk: Chunk,
    /// When the first message of the chunk in memory was put there.
    chunk_since: Option<i64>,
    /// The number of the file that chunks go to, and how many went there.
    file_number: u32,
    file_chunks: u64,
    /// When its first message came.
    file_since: Option<i64>,
    /// The next message goes to the next file.
    split_due: bool,
    capture: Option<Capture>,
    /// What evaluates the expressions of conditions.
    gauges: Vec<Gauge>,
    guard: Guard,
    reporter: Reporter,
    began_ns: i64,
    /// When writing began: later than `began_ns` where a trigger came first.
    writing_since: Option<i64>,
    ended_ns: Option<i64>,
    bookmarks: u64,
}

impl Recording {
    fn open(context: Context, wrap: Wrap, outlet: OutletConsumer) -> Result<Self, RecordError> {
        let Context {
            request,
            began_ns,
            commands,
            stopping,
            status,
            events,
        } = context;
        if request.storage == Storage::Sqlite3 && request.compression == Compression::Lz4 {
            return Err(RecordError::Compression(WriteError::Compression));
        }
        let place = Arc::new(Place::create(&request.directory, request.storage)?);
        let mut opener = Opener {
            place: Arc::clone(&place),
            wrap,
            run: run_record(&request),
            by_message: request.packs_messages(),
        };
        let (file, free) = match Self::first_file(&mut opener, &request) {
            Ok(opened) => opened,
            Err(error) => {
                place.undo();
                return Err(error);
            }
        };
        let shared = Arc::new(Shared::new(events));
        shared.note_free(&Ok(free));
        let pipeline = Pipeline::start(&shared, opener, file, &request, began_ns).map_err(|error| {
            place.undo();
            RecordError::Thread(error)
        })?;
        let capture = request.trigger.as_ref().map(Capture::new);
        let writing_since = capture.is_none().then_some(began_ns);
        let started = request.trigger.iter().flat_map(|trigger| &trigger.when);
        let gauges = started.chain(&request.stop_when).filter_map(Gauge::of).collect();
        Ok(Self {
            chunk: pipeline.fresh(),
            guard: Guard::default(),
            reporter: Reporter::new(status),
            shared,
            place,
            outlet,
            commands,
            stopping,
            pipeline,
            state: RecordingState::Starting,
            channels: Channels::default(),
            topics: HashMap::new(),
            unnamed: VecDeque::new(),
            unnamed_bytes: 0,
            told_early: HashMap::new(),
            chunk_since: None,
            file_number: 0,
            file_chunks: 0,
            file_since: None,
            split_due: false,
            capture,
            gauges,
            began_ns,
            writing_since,
            ended_ns: None,
            bookmarks: 0,
            request,
        })
    }

    /// Opens the first file, unless the disk has too little room.
    fn first_file(opener: &mut Opener, request: &RecordRequest) -> Result<(RecordFile, Option<u64>), RecordError> {
        let path = opener.place.directory().to_owned();
        let file = opener
            .open(0)
            .map_err(|error| RecordError::from_io(&path, &path, error))?;
        let free = file.target().sink.free_bytes().ok().flatten();
        match free {
            Some(free_bytes) if free_bytes <= request.reserve_bytes => Err(RecordError::Reserve {
                path,
                free_bytes,
                reserve_bytes: request.reserve_bytes,
            }),
            _ => Ok((file, free)),
        }
    }

    fn run(mut self) -> Finished {
        self.record();
        self.hear();
        if self.shared.has_failed() {
            self.lose_queue();
        } else {
            self.give_up_kept();
            self.commit();
        }
        self.give_up_unnamed();
        self.tell(monotonic_ns());
        let Self {
            request,
            shared,
            place,
            outlet,
            pipeline,
            topics,
            capture,
            guard,
            mut reporter,
            began_ns,
            ended_ns,
            bookmarks,
            ..
        } = self;
        let ended_ns = ended_ns.unwrap_or_else(monotonic_ns);
        let left = pipeline.finish();
        let state = outcome(&shared, &place, &guard, &left);
        let now = report::Now {
            request: &request,
            shared: &shared,
            place: &place,
            outlet: &outlet,
            topics: &topics,
            capture: capture.as_ref(),
            state: match &state {
                FinishedState::Complete => RecordingState::Complete,
                FinishedState::Guard(reason) => RecordingState::Guard(reason.clone()),
                FinishedState::Failed(sentence) => RecordingState::Failed(sentence.clone()),
            },
            began_ns,
            ended_ns: Some(ended_ns),
            chunk_oldest_ns: None,
            bookmarks,
            over: true,
        };
        let status = reporter.tell(&now, monotonic_ns());
        Finished {
            state,
            path: status.path,
            messages: status.messages,
            bytes: status.bytes,
            duration_s: status.duration_s,
            loss: status.loss,
            topics: status.topics,
            files: status.files,
            slowest_safe_s: status.slowest_safe_s,
        }
    }

    /// Records until something asks for the end, and then what is left in the queue.
    fn record(&mut self) {
        loop {
            let now = monotonic_ns();
            let closed = self.outlet.is_closed();
            if self.ended_ns.is_none() && (closed || self.is_to_stop(now)) {
                self.ended_ns = Some(now);
                self.state = RecordingState::Finishing;
            }
            self.hear();
            let flows = self.pipeline.push();
            let taken = if flows { self.take() } else { 0 };
            self.keep_time();
            if self.shared.has_failed() {
                let _ = self.ended_ns.get_or_insert_with(monotonic_ns);
                return;
            }
            if let Some(ended) = self.ended_ns {
                // A closed queue has an end, however slow the disk is: all of it is written.
                if (flows && taken == 0) || (!closed && monotonic_ns() - ended > DRAIN_NS) {
                    return;
                }
            }
            if !flows {
                std::thread::sleep(BACKLOG);
            } else if self.ended_ns.is_none() && taken < BATCH {
                self.rest(taken);
            }
        }
    }

    fn is_to_stop(&self, now: i64) -> bool {
        let since = self.writing_since;
        let over = |longest: Duration| since.is_some_and(|since| now - since >= ns(longest));
        self.stopping.load(Ordering::Acquire) || self.request.max_duration.is_some_and(over)
    }

    /// Sleeps until there is something to do. A queue that fills slowly is left alone for a moment, so that many
    /// messages share one wake-up; one that fills fast is not.
    fn rest(&mut self, taken: usize) {
        let crowded = self.outlet.share() > 1.0 / 16.0;
        let begun = super::books::measured(&self.shared.first_safe_ns).is_some();
        if taken > 0 && begun && !crowded && taken < BATCH / 8 {
            std::thread::sleep(PACE);
            return;
        }
        let mut nap = ns(NAP);
        if let Some(since) = self.chunk_since {
            nap = nap.min(since + self.chunk_age_ns() - monotonic_ns());
        }
        let _ = self.outlet.wait(Duration::from_nanos(u64::try_from(nap).unwrap_or(0)));
    }

    /// The first message goes to the disk at once: from then on the user knows that it works.
    fn chunk_age_ns(&self) -> i64 {
        if self.pipeline.is_untouched() { 0 } else { ns(CHUNK_AGE) }
    }

    /// Does what is due by the clock.
    fn keep_time(&mut self) {
        let now = monotonic_ns();
        if self.chunk_since.is_some_and(|since| now - since >= self.chunk_age_ns()) {
            self.commit();
        }
        if let (Some(longest), Some(since)) = (self.request.split.max_duration, self.file_since)
            && now - since >= ns(longest)
        {
            self.split_due = true;
        }
        self.keep_capture(now);
        self.keep_watch(now);
        if self.state == RecordingState::Starting && super::books::measured(&self.shared.first_safe_ns).is_some() {
            self.state = RecordingState::Recording;
        }
        if self.reporter.is_due(now, self.topics.len()) {
            self.keep_guard(now);
            self.tell(now);
            self.keep_journal(now);
        }
    }

    fn tell(&mut self, now_ns: i64) {
        let now = report::Now {
            request: &self.request,
            shared: &self.shared,
            place: &self.place,
            outlet: &self.outlet,
            topics: &self.topics,
            capture: self.capture.as_ref(),
            state: self.state.clone(),
            began_ns: self.began_ns,
            ended_ns: self.ended_ns,
            chunk_oldest_ns: (!self.chunk.is_empty()).then(|| self.chunk.oldest_ns()),
            bookmarks: self.bookmarks,
            over: false,
        };
        let _ = self.reporter.tell(&now, now_ns);
    }
}

/// How a recording ended, when all of its threads have.
fn outcome(shared: &Shared, place: &Place, guard: &Guard, left: &Left) -> FinishedState {
    let failure = shared.failure().take();
    let Some(failure) = failure else {
        return match guard.reason() {
            Some(reason) => FinishedState::Guard(reason.to_owned()),
            None => FinishedState::Complete,
        };
    };
    if matches!(failure, Failure::Sync(_) | Failure::Gone) {
        shared.books().end(Some(&failure));
    }
    let rows = shared.books().rows();
    let others = rows.iter().filter(|row| !is_own_topic(row.name.as_str()));
    let messages = others.map(|row| row.messages).sum();
    let path = place.directory().display().to_string();
    let sentence = failure.sentence(&path, messages, left);
    tracing::error!("{sentence}");
    FinishedState::Failed(sentence)
}

fn ns(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}
