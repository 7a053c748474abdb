//! Starting and ending the engine's threads.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::control::{Control, Ended, IngestLink, Start};
use super::shared::{COMMANDS_MAX, Shared};
use super::snapshot::Snapshot;
use super::{EngineConfig, EngineError, ShutdownReport};
use crate::clock::monotonic_ns;
use crate::ingest::Worker;
use crate::monitor;
use crate::transport::dds::{DdsConfig, DdsTransport};
use crate::transport::{Transport, TransportError};

/// Commands that may wait for the ingest thread.
const INGEST_COMMANDS: usize = 1024;

/// Things that ingest has done with and that wait to be freed.
const TRASH: usize = 256;

/// Longest wait for a thread that has said that it is done.
const SETTLE: Duration = Duration::from_millis(200);

/// What of the process was there before the engine.
#[derive(Debug)]
pub(super) struct Before {
    threads: Vec<(u32, String)>,
    files: Option<BTreeSet<PathBuf>>,
}

/// The engine's threads.
#[derive(Debug)]
pub(super) struct Threads {
    graph: JoinHandle<()>,
    ingest: JoinHandle<()>,
    graph_ended: Receiver<Ended>,
    before: Before,
    /// Threads of the transport: there after it was made and not before.
    transport: Vec<(u32, String)>,
}

impl Before {
    pub fn now() -> Self {
        Self {
            threads: monitor::threads(),
            files: monitor::files_and_sockets(),
        }
    }
}

pub(super) fn dds(config: &EngineConfig) -> Result<Box<dyn Transport>, EngineError> {
    Ok(Box::new(DdsTransport::join(DdsConfig {
        domain: config.domain,
        node_name: config.node_name.clone(),
    })?))
}

pub(super) fn start(
    config: EngineConfig,
    mut transport: Box<dyn Transport>,
    before: Before,
) -> Result<(Arc<Shared>, Threads), EngineError> {
    let own = monitor::threads()
        .into_iter()
        // By number: a thread of somebody else may have got its name only now.
        .filter(|(id, _)| before.threads.iter().all(|(known, _)| known != id))
        .collect();
    let Some(source) = transport.source() else {
        let facts = transport.facts();
        return Err(EngineError::Transport(TransportError::Join {
            domain: facts.domain.unwrap_or_default(),
            reason: "the transport is in use by another engine; make a new one".to_owned(),
        }));
    };
    let (send, commands) = sync_channel(COMMANDS_MAX);
    let shared = Shared::new(&config, Snapshot::empty(transport.facts()), send, transport.waker());
    let (ingest_send, ingest_commands) = sync_channel(INGEST_COMMANDS);
    let (trash_send, trash) = sync_channel(TRASH);
    let (ended_send, ended) = sync_channel::<()>(1);
    let link = IngestLink {
        commands: ingest_send,
        waker: source.waker(),
        trash,
        ended,
    };
    let worker = Worker::new(
        source,
        ingest_commands,
        trash_send,
        Arc::clone(&shared.wake),
        transport.waker(),
    );
    let ingest = spawn("ingest", move || {
        worker.run();
        // Says that the source is gone: nothing of the transport is touched from here on.
        drop(ended_send);
    })?;
    let (graph_send, graph_ended) = sync_channel(1);
    let start = Start {
        config,
        transport,
        shared: Arc::clone(&shared),
        commands,
        ingest: link,
    };
    // When this fails, its closure is dropped, and the ingest thread ends with its command queue.
    let graph = spawn("graph", move || {
        let ended = Control::new(start).run();
        let _ = graph_send.send(ended);
    })?;
    let threads = Threads {
        graph,
        ingest,
        graph_ended,
        before,
        transport: own,
    };
    Ok((shared, threads))
}

fn spawn(name: &'static str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, EngineError> {
    let builder = std::thread::Builder::new().name(name.to_owned());
    builder
        .spawn(work)
        .map_err(|reason| EngineError::Thread { name, reason })
}

/// Joins a thread that is about to end; gives back its name when it does not.
fn join(thread: JoinHandle<()>, name: &str, until_ns: i64) -> Option<String> {
    while !thread.is_finished() {
        if monotonic_ns() > until_ns {
            return Some(name.to_owned());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    match thread.join() {
        Ok(()) => None,
        Err(_) => Some(format!("{name} (panicked)")),
    }
}

impl Threads {
    pub fn shutdown(self, shared: &Shared, deadline: Duration) -> ShutdownReport {
        let began = monotonic_ns();
        let deadline_ns = i64::try_from(deadline.as_nanos()).map_or(i64::MAX, |ns| began.saturating_add(ns));
        shared.stop(deadline_ns);
        // The graph thread finishes the recording, then ingest, then the transport; it says so when all is gone.
        let ended = self.graph_ended.recv_timeout(deadline + SETTLE).unwrap_or_default();
        let until = monotonic_ns() + i64::try_from(SETTLE.as_nanos()).unwrap_or(i64::MAX);
        let mut threads_left: Vec<String> = [(self.ingest, "ingest"), (self.graph, "graph")]
            .into_iter()
            .filter_map(|(thread, name)| join(thread, name, until))
            .collect();
        let now = monitor::threads();
        let of_transport = self.transport.iter().filter(|thread| now.contains(thread));
        threads_left.extend(of_transport.map(|(_, name)| name.clone()));
        threads_left.extend(ended.recorder_left.then(|| "recorder".to_owned()));
        let files_left = monitor::files_and_sockets()
            .zip(self.before.files)
            .map(|(now, before)| now.difference(&before).count());
        let report = ShutdownReport {
            threads_left,
            files_left,
            rss_bytes: monitor::rss_bytes().unwrap_or_default(),
            recording: ended.finished,
            took: Duration::from_nanos((monotonic_ns() - began).unsigned_abs()),
        };
        tracing::info!(
            threads_left = ?report.threads_left,
            files_left = ?report.files_left,
            rss_bytes = report.rss_bytes,
            took_ms = report.took.as_millis(),
            "engine stopped"
        );
        report
    }
}
