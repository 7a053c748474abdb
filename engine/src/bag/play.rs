//! Playing a recording: its messages are published again, as far apart as they were received.
//!
//! ```text
//! file --(reader thread, bounded)--> player: waits until a message is due --> raw publishers
//! ```
//!
//! The player runs on the calling thread. What waits to be played is bounded in messages and in bytes, so that a slow
//! network holds up the reader and not the memory. Times are those at which the recorder received the messages.

mod ahead;
mod feed;

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use thiserror::Error;

use self::ahead::{Ahead, Item};
use super::BagError;
use crate::clock::monotonic_ns;
use crate::graph::TypeHash;
use crate::name::{NameError, TopicName, TypeName};
use crate::qos::{Durability, Qos};
use crate::stats::{Histogram, Quantiles};
use crate::transport::{RawPublisher, Transport, TransportError};

pub use feed::feed;

/// Slowest rate.
pub const RATE_MIN: f64 = 0.01;
/// Fastest rate.
pub const RATE_MAX: f64 = 1000.0;

/// How often the wish to quit and the graph are looked at.
const LOOK: Duration = Duration::from_millis(20);
/// A wait shorter than this is slept through exactly.
const NEAR_NS: i64 = 1_000_000;
/// Messages later than this do not hurry: time goes on from them, so that a pause of the machine ends in no burst.
const CATCH_UP_NS: i64 = 200_000_000;

/// A topic that is played.
#[derive(Clone, Debug, PartialEq)]
pub struct PlayTopic {
    /// The name that it is published under.
    pub name: TopicName,
    /// Its type.
    pub type_name: TypeName,
    /// What the writer offers.
    pub qos: Qos,
    /// Announced with the writer.
    pub type_hash: Option<TypeHash>,
}

/// A message that waits to be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Index of its topic.
    pub topic: usize,
    /// When the recorder received it.
    pub log_time_ns: i64,
    /// CDR with its encapsulation header.
    pub payload: Vec<u8>,
}

/// Where messages come from, in order of time.
pub trait Feed: Send {
    /// Goes to a time: the next message is the first that is not earlier.
    ///
    /// # Errors
    /// When the recording cannot be read.
    fn seek(&mut self, from_ns: i64) -> Result<(), BagError>;

    /// The next message; `None` at the end.
    ///
    /// # Errors
    /// When the recording cannot be read.
    fn next(&mut self) -> Result<Option<Due>, BagError>;

    /// The last message of a topic before a time: what a late joiner of a latched topic is owed.
    ///
    /// # Errors
    /// When the recording cannot be read.
    fn last_before(&mut self, topic: usize, time_ns: i64) -> Result<Option<Due>, BagError>;
}

/// How to play.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlayOptions {
    /// Where to begin.
    pub from_ns: i64,
    /// Messages later than this are not played.
    pub to_ns: i64,
    /// Speed: 2 is twice as fast.
    pub rate: f64,
    /// Begins anew at the end.
    pub repeat: bool,
    /// Begins paused.
    pub paused: bool,
    /// Publishes the time of the recording on `/clock` so many times a second.
    pub clock_hz: Option<f64>,
    /// How long to wait before the first message, so that subscribers find the publishers.
    pub wait: Duration,
}

/// What a player can be told while it plays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PlayCommand {
    /// Time stands still.
    Pause,
    /// Time goes on.
    Resume,
    /// Plays the next message at once, and pauses.
    Step,
    /// Goes on from this time.
    Seek(i64),
    /// Goes on at this rate.
    Rate(f64),
    /// Ends.
    Stop,
}

/// Why nothing is played.
#[derive(Debug, Error)]
pub enum PlayError {
    /// The domain could not be joined or a writer not be made.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The recording cannot be read.
    #[error(transparent)]
    Bag(#[from] BagError),
    /// A name of our own is wrong.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The system gives no thread.
    #[error("cannot start the thread that reads the recording: {0}; close some programs")]
    Thread(std::io::Error),
}

/// What was played.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PlayReport {
    /// Messages published.
    pub messages: u64,
    /// Messages that the middleware refused.
    pub failed: u64,
    /// How often the recording began anew.
    pub loops: u64,
    /// How long it took.
    pub elapsed_s: f64,
    /// How much later than due messages were published; `None` when none was.
    pub late_ns: Option<Quantiles>,
}

/// Plays until the end, until told to stop, or until `quit` says so.
///
/// # Errors
/// When a writer cannot be made or the recording cannot be read.
pub fn play(
    transport: &mut dyn Transport,
    topics: &[PlayTopic],
    feed: Box<dyn Feed>,
    options: PlayOptions,
    commands: &Receiver<PlayCommand>,
    mut quit: impl FnMut() -> bool,
) -> Result<PlayReport, PlayError> {
    let mut publishers = Vec::with_capacity(topics.len());
    for topic in topics {
        publishers.push(transport.advertise(&topic.name, &topic.type_name, &topic.qos, topic.type_hash.as_ref())?);
    }
    let clock = options
        .clock_hz
        .map(|hz| ClockTopic::new(transport, hz, options.from_ns))
        .transpose()?;
    let latched = topics
        .iter()
        .map(|topic| topic.qos.durability == Durability::TransientLocal)
        .collect();
    let mut events = Vec::new();
    let begun = monotonic_ns();
    let ready = begun.saturating_add(i64::try_from(options.wait.as_nanos()).unwrap_or(i64::MAX));
    while monotonic_ns() < ready && !quit() {
        transport.poll_graph(LOOK, &mut events);
        events.clear();
    }
    let began = monotonic_ns();
    let mut player = Player {
        publishers,
        clock,
        ahead: Ahead::start(feed, latched, options.from_ns).map_err(PlayError::Thread)?,
        options,
        next: None,
        zero: Zero {
            wall_ns: began,
            bag_ns: options.from_ns,
        },
        rate: options.rate.clamp(RATE_MIN, RATE_MAX),
        paused: options.paused,
        late: Histogram::new(),
        report: PlayReport::default(),
    };
    let mut look_ns = began;
    loop {
        let now = monotonic_ns();
        if now >= look_ns {
            if quit() {
                break;
            }
            // Keeps the announcement of our node up to date.
            transport.poll_graph(Duration::ZERO, &mut events);
            events.clear();
            look_ns = now.saturating_add(LOOK.as_nanos() as i64);
        }
        if !commands.try_iter().all(|command| player.obey(command)) {
            break;
        }
        match player.step(now)? {
            Step::Ended => break,
            Step::Again => {}
            Step::Wait(until_ns) => {
                if !player.wait(until_ns.min(look_ns), commands) {
                    break;
                }
            }
        }
    }
    player.report.elapsed_s = monotonic_ns().saturating_sub(began) as f64 / 1e9;
    player.report.late_ns = player.late.quantiles();
    Ok(player.report)
}

/// A moment on the wall and the time of the recording that belongs to it.
#[derive(Clone, Copy, Debug)]
struct Zero {
    wall_ns: i64,
    bag_ns: i64,
}

enum Step {
    /// There is nothing to do until this moment.
    Wait(i64),
    /// There may be more to do at once.
    Again,
    Ended,
}

struct Player {
    publishers: Vec<Box<dyn RawPublisher>>,
    clock: Option<ClockTopic>,
    ahead: Ahead,
    options: PlayOptions,
    next: Option<Due>,
    zero: Zero,
    rate: f64,
    paused: bool,
    late: Histogram,
    report: PlayReport,
}

impl Player {
    /// When a time of the recording is due.
    fn due_ns(&self, bag_ns: i64) -> i64 {
        let ahead = bag_ns.saturating_sub(self.zero.bag_ns) as f64 / self.rate;
        self.zero.wall_ns.saturating_add(ahead as i64)
    }

    /// The time of the recording now.
    fn bag_now_ns(&self, now_ns: i64) -> i64 {
        if self.paused {
            return self.zero.bag_ns;
        }
        let gone = now_ns.saturating_sub(self.zero.wall_ns) as f64 * self.rate;
        self.zero.bag_ns.saturating_add(gone as i64)
    }

    /// Time goes on from here.
    fn anchor(&mut self, bag_ns: i64) {
        self.zero = Zero {
            wall_ns: monotonic_ns(),
            bag_ns,
        };
    }

    fn step(&mut self, now_ns: i64) -> Result<Step, PlayError> {
        let bag_now_ns = self.bag_now_ns(now_ns);
        let clock_ns = self
            .clock
            .as_mut()
            .map_or(i64::MAX, |clock| clock.tick(now_ns, bag_now_ns));
        if self.paused {
            return Ok(Step::Wait(clock_ns));
        }
        if self.next.is_none() && !self.fetch()? {
            return Ok(Step::Ended);
        }
        let Some(next) = &self.next else {
            return Ok(Step::Again);
        };
        let due_ns = self.due_ns(next.log_time_ns);
        if due_ns > now_ns {
            return Ok(Step::Wait(due_ns.min(clock_ns)));
        }
        if now_ns - due_ns > CATCH_UP_NS {
            self.zero = Zero {
                wall_ns: now_ns,
                bag_ns: next.log_time_ns,
            };
        }
        self.publish(now_ns - due_ns);
        Ok(Step::Again)
    }

    fn publish(&mut self, late_ns: i64) {
        let Some(due) = self.next.take() else { return };
        let Some(publisher) = self.publishers.get_mut(due.topic) else {
            return;
        };
        self.late.add(u64::try_from(late_ns).unwrap_or(0));
        match publisher.publish(&due.payload) {
            Ok(()) => self.report.messages += 1,
            Err(error) => {
                if self.report.failed == 0 {
                    tracing::warn!("{error}");
                }
                self.report.failed += 1;
            }
        }
    }

    /// Gets the next message; false when there is none any more. The reading may be behind: then there is none yet.
    fn fetch(&mut self) -> Result<bool, PlayError> {
        match self.ahead.take(LOOK) {
            None => Ok(true),
            Some(Item::Failed(error)) => Err(error.into()),
            Some(Item::Message(due)) if due.log_time_ns <= self.options.to_ns => {
                self.next = Some(due);
                Ok(true)
            }
            Some(Item::Message(_) | Item::End) => {
                if !self.options.repeat || self.report.messages == 0 {
                    return Ok(false);
                }
                self.report.loops += 1;
                self.seek(self.options.from_ns);
                Ok(true)
            }
        }
    }

    fn seek(&mut self, to_ns: i64) {
        let to_ns = to_ns.clamp(self.options.from_ns, self.options.to_ns.max(self.options.from_ns));
        self.next = None;
        self.ahead.seek(to_ns);
        self.anchor(to_ns);
    }

    /// Waits for a moment or for a command; false when told to stop.
    fn wait(&mut self, until_ns: i64, commands: &Receiver<PlayCommand>) -> bool {
        let left = until_ns.saturating_sub(monotonic_ns());
        if left <= 0 {
            return true;
        }
        // Close to a message a command waits rather than the message.
        if left < NEAR_NS {
            std::thread::sleep(Duration::from_nanos(left.unsigned_abs()));
            return true;
        }
        let limit = Duration::from_nanos((left - NEAR_NS / 2).unsigned_abs());
        match commands.recv_timeout(limit) {
            Ok(command) => self.obey(command),
            Err(RecvTimeoutError::Timeout) => true,
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(limit);
                true
            }
        }
    }

    fn obey(&mut self, command: PlayCommand) -> bool {
        let bag_now_ns = self.bag_now_ns(monotonic_ns());
        match command {
            PlayCommand::Pause => {
                self.anchor(bag_now_ns);
                self.paused = true;
            }
            PlayCommand::Resume => {
                self.anchor(bag_now_ns);
                self.paused = false;
            }
            PlayCommand::Step => {
                if self.next.is_none() && !matches!(self.fetch(), Ok(true)) {
                    return false;
                }
                if let Some(next) = &self.next {
                    let at_ns = next.log_time_ns;
                    self.publish(0);
                    self.anchor(at_ns);
                }
                self.paused = true;
            }
            PlayCommand::Seek(to_ns) => self.seek(to_ns),
            PlayCommand::Rate(rate) => {
                self.anchor(bag_now_ns);
                self.rate = rate.clamp(RATE_MIN, RATE_MAX);
            }
            PlayCommand::Stop => return false,
        }
        true
    }
}

/// `/clock`, a `rosgraph_msgs/msg/Clock`.
struct ClockTopic {
    publisher: Box<dyn RawPublisher>,
    period_ns: i64,
    next_ns: i64,
}

impl ClockTopic {
    fn new(transport: &mut dyn Transport, hz: f64, bag_ns: i64) -> Result<Self, PlayError> {
        let (topic, type_name) = (TopicName::new("/clock")?, TypeName::new("rosgraph_msgs/msg/Clock")?);
        let qos = Qos {
            history: crate::qos::History::KeepLast(1),
            ..Qos::RELIABLE
        };
        let publisher = transport.advertise(&topic, &type_name, &qos, None)?;
        let mut clock = Self {
            publisher,
            period_ns: ((1e9 / hz.clamp(0.1, 10_000.0)) as i64).max(1),
            next_ns: 0,
        };
        let _ = clock.tick(monotonic_ns(), bag_ns);
        Ok(clock)
    }

    /// Publishes if it is due; gives when it is next.
    fn tick(&mut self, now_ns: i64, bag_ns: i64) -> i64 {
        if now_ns >= self.next_ns {
            let (seconds, nanoseconds) = (bag_ns.div_euclid(1_000_000_000), bag_ns.rem_euclid(1_000_000_000));
            let mut payload = vec![0, 1, 0, 0];
            // Time of ROS has 32 bits of seconds.
            payload.extend_from_slice(&(i32::try_from(seconds).unwrap_or(i32::MAX)).to_le_bytes());
            payload.extend_from_slice(&(nanoseconds as u32).to_le_bytes());
            if let Err(error) = self.publisher.publish(&payload) {
                tracing::debug!("/clock: {error}");
            }
            self.next_ns = if now_ns - self.next_ns > CATCH_UP_NS {
                now_ns + self.period_ns
            } else {
                self.next_ns + self.period_ns
            };
        }
        self.next_ns
    }
}

#[cfg(test)]
mod tests;
