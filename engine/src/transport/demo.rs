//! The demo robot: a simulated machine that publishes real DDS topics, with faults on demand.
//!
//! It drives a figure of eight. Its signals are closed forms of time with a little noise of a fixed seed, so that two
//! runs show the same robot.

mod fault;
mod messages;
mod motion;

use std::time::Duration;

use rustix::thread::{ClockId, NanosleepRelativeResult, Timespec, clock_nanosleep_relative};
use thiserror::Error;

use self::fault::Disturbance;
use self::messages::{TOPICS, TopicSpec};
use self::motion::Noise;
use crate::cdr::Encoder;
use crate::clock::{Timestamp, monotonic_ns};
use crate::name::{NameError, TopicName, TypeName};
use crate::schema::{Registry, SchemaError};
use crate::transport::dds::{DdsConfig, DdsTransport};
use crate::transport::{RawPublisher, Transport, TransportError};

pub use fault::{Fault, FaultError};

/// How the robot is started.
#[derive(Clone, Debug)]
pub struct RobotConfig {
    /// The ROS domain; `None` takes `ROS_DOMAIN_ID`, else 0.
    pub domain: Option<u32>,
    /// What goes wrong, and when.
    pub faults: Vec<Fault>,
    /// Its name in `ros2 node list`.
    pub node_name: String,
}

impl Default for RobotConfig {
    fn default() -> Self {
        Self {
            domain: None,
            faults: Vec::new(),
            node_name: "demo_robot".to_owned(),
        }
    }
}

/// Why the robot does not start.
#[derive(Debug, Error)]
pub enum RobotError {
    /// The domain could not be joined or a writer not be made.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A bundled definition is missing.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A name of its own is wrong.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A fault names a topic that the robot does not have.
    #[error("the demo robot has no topic {topic}; it has {have}")]
    NoSuchTopic {
        /// As given.
        topic: TopicName,
        /// All of them.
        have: String,
    },
}

/// What the robot did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RobotReport {
    /// Messages written.
    pub messages: u64,
    /// Messages that were written more than a millisecond after they were due.
    pub late: u64,
    /// Messages that the middleware refused.
    pub failed: u64,
    /// How long it ran, in seconds.
    pub elapsed_s: f64,
}

struct Channel {
    spec: &'static TopicSpec,
    publisher: Box<dyn RawPublisher>,
    faults: Vec<Fault>,
    due_ns: i64,
    count: u64,
}

/// The robot, ready to publish.
pub struct Robot {
    transport: DdsTransport,
    channels: Vec<Channel>,
}

/// Behind by more than this, the robot does not catch up but goes on from now.
const CATCH_UP_NS: i64 = 200_000_000;
/// How often it looks at the graph and at the wish to quit.
const LOOK_NS: i64 = 50_000_000;
const LATE_NS: i64 = 1_000_000;

impl Robot {
    /// Joins the domain and makes the writers.
    ///
    /// # Errors
    /// When the domain cannot be joined, a writer not be made, or a fault names no topic of the robot.
    pub fn start(config: RobotConfig) -> Result<Self, RobotError> {
        for fault in &config.faults {
            if !TOPICS.iter().any(|spec| spec.topic == fault.topic.as_str()) {
                let have = TOPICS.iter().map(|spec| spec.topic).collect::<Vec<_>>().join(", ");
                return Err(RobotError::NoSuchTopic {
                    topic: fault.topic.clone(),
                    have,
                });
            }
        }
        let mut transport = DdsTransport::join(DdsConfig {
            domain: config.domain,
            node_name: config.node_name,
        })?;
        let mut registry = Registry::from_environment();
        let mut channels = Vec::with_capacity(TOPICS.len());
        for spec in TOPICS {
            let (topic, type_name) = (TopicName::new(spec.topic)?, TypeName::new(spec.type_name)?);
            let hash = registry.find(&type_name, None)?.schema.hash().clone();
            let publisher = transport.advertise(&topic, &type_name, &spec.qos, Some(&hash))?;
            let faults = config
                .faults
                .iter()
                .filter(|fault| fault.topic == topic)
                .cloned()
                .collect();
            channels.push(Channel {
                spec,
                publisher,
                faults,
                due_ns: 0,
                count: 0,
            });
        }
        Ok(Self { transport, channels })
    }

    /// The domain it publishes in.
    #[must_use]
    pub fn domain(&self) -> u32 {
        self.transport.facts().domain.unwrap_or_default()
    }

    /// The topics it publishes.
    #[must_use]
    pub fn topics(&self) -> Vec<&'static str> {
        self.channels.iter().map(|channel| channel.spec.topic).collect()
    }

    /// Publishes until `quit` says so, on the calling thread.
    pub fn run(&mut self, mut quit: impl FnMut() -> bool) -> RobotReport {
        let began = monotonic_ns();
        let mut report = RobotReport::default();
        let mut encoder = Encoder::new();
        let mut noise = Noise::new();
        let mut events = Vec::new();
        let mut look_ns = began;
        for channel in &mut self.channels {
            channel.due_ns = began;
        }
        loop {
            let now = monotonic_ns();
            if now >= look_ns {
                if quit() {
                    break;
                }
                // Keeps the announcement of our node up to date; what others do is of no interest here.
                self.transport.poll_graph(Duration::ZERO, &mut events);
                events.clear();
                look_ns = now + LOOK_NS;
            }
            let mut next_ns = look_ns;
            for channel in &mut self.channels {
                while channel.due_ns <= now {
                    let t = (channel.due_ns - began) as f64 / 1e9;
                    channel.publish(t, now, &mut encoder, &mut noise, &mut report);
                }
                next_ns = next_ns.min(channel.due_ns);
            }
            sleep_until(next_ns);
        }
        report.elapsed_s = (monotonic_ns() - began) as f64 / 1e9;
        report
    }
}

impl Channel {
    fn publish(&mut self, t: f64, now: i64, encoder: &mut Encoder, noise: &mut Noise, report: &mut RobotReport) {
        let late_ns = now - self.due_ns;
        self.due_ns = match self.spec.period_ns() {
            Some(period) if late_ns > CATCH_UP_NS => now + period,
            Some(period) => self.due_ns + period,
            None => i64::MAX,
        };
        let disturbance = Disturbance::at(&self.faults, t, self.spec.period_ns());
        if disturbance.silent {
            return;
        }
        encoder.clear();
        (self.spec.encode)(
            encoder,
            &messages::Moment {
                stamp: Timestamp::now(),
                t,
                count: self.count,
                disturbance,
            },
            noise,
        );
        self.count += 1;
        report.late += u64::from(late_ns > LATE_NS && self.count > 1);
        match self.publisher.publish(encoder.payload()) {
            Ok(()) => report.messages += 1,
            Err(_) => report.failed += 1,
        }
    }
}

fn sleep_until(due_ns: i64) {
    let left = due_ns - monotonic_ns();
    if left <= 0 {
        return;
    }
    let request = Timespec {
        tv_sec: left / 1_000_000_000,
        tv_nsec: left % 1_000_000_000,
    };
    // Waking early by a signal does no harm: the loop looks at the clock again.
    let _: NanosleepRelativeResult = clock_nanosleep_relative(ClockId::Monotonic, &request);
}
