//! The threads behind the recorder: packing, writing, syncing, finishing.
//!
//! ```text
//! recorder --chunks--> (recorder-pack) --in order--> recorder-disk --written--> recorder-sync
//!                                                          `--old files--> recorder-close
//! ```

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use super::Compression;
use super::books::Shared;
use super::chunk::{Chunk, Packer};
use super::closer::{Closer, Closing, custom_data};
use super::directory::Place;
use super::disk::{Content, Disk, Job, Load, Opener};
use super::failure::{Failure, Left};
use super::file::RecordFile;
use super::pack::Pool;
use super::request::RecordRequest;
use super::syncer::Syncer;

/// Chunks that may wait to be written: enough to hide a slow moment, and little memory beside the queue.
const JOBS: usize = 4;
/// Files that may wait to be finished.
const CLOSING: usize = 64;

/// The threads, and the way to them.
pub(super) struct Pipeline {
    shared: Arc<Shared>,
    place: Arc<Place>,
    waiting: VecDeque<Job>,
    jobs: SyncSender<Job>,
    spare: Receiver<Vec<u8>>,
    pool: Pool,
    syncer: Arc<Syncer>,
    closing: SyncSender<Closing>,
    disk: JoinHandle<Option<(RecordFile, u32)>>,
    sync: JoinHandle<()>,
    closer: JoinHandle<Option<(u32, io::Result<()>)>>,
    serial: u64,
    chunk_bytes: usize,
}

fn spawn<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> io::Result<JoinHandle<T>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work)
}

impl Pipeline {
    /// Starts the threads. `file` is open already.
    pub fn start(
        shared: &Arc<Shared>,
        opener: Opener,
        file: RecordFile,
        request: &RecordRequest,
        began_ns: i64,
    ) -> io::Result<Self> {
        let (jobs, job_queue) = sync_channel(JOBS);
        let (spare_sender, spare) = sync_channel(JOBS);
        let (closing, closing_queue) = sync_channel(CLOSING);
        let place = Arc::clone(&opener.place);
        let syncer = Arc::<Syncer>::default();
        syncer.watch(file.target().clone());
        shared.books().length = file.length();
        let pool = Pool::start(request)?;
        let closer = Closer {
            shared: Arc::clone(shared),
            place: Arc::clone(&place),
            retention: request.retention,
            by_message: request.packs_messages(),
            custom: custom_data(&request.notes),
        };
        let closer = spawn("recorder-close", move || closer.run(&closing_queue))?;
        let disk = Disk {
            shared: Arc::clone(shared),
            syncer: Arc::clone(&syncer),
            opener,
            file: Some(file),
            number: 0,
            closer: closing.clone(),
            packer: Packer::new(request.storage, Compression::None, None)?,
            spare: spare_sender,
        };
        let disk = spawn("recorder-disk", move || disk.run(&job_queue))?;
        let sync = {
            let (shared, syncer, place) = (Arc::clone(shared), Arc::clone(&syncer), Arc::clone(&place));
            spawn("recorder-sync", move || syncer.run(&shared, &place, began_ns))?
        };
        Ok(Self {
            shared: Arc::clone(shared),
            place,
            waiting: VecDeque::new(),
            jobs,
            spare,
            pool,
            syncer,
            closing,
            disk,
            sync,
            closer,
            serial: 0,
            chunk_bytes: request.chunk_bytes,
        })
    }

    /// True before the first chunk.
    pub fn is_untouched(&self) -> bool {
        self.serial == 0
    }

    /// An empty chunk, in memory that was used before where there is some.
    pub fn fresh(&self) -> Chunk {
        // Room for the whole chunk and its index at once: what grows in steps leaves holes in memory.
        let whole = || Vec::with_capacity(self.chunk_bytes + self.chunk_bytes / 4);
        Chunk::new(self.spare.try_recv().unwrap_or_else(|_| whole()))
    }

    /// Sends a chunk on its way.
    pub fn submit(&mut self, chunk: Chunk) {
        self.serial += 1;
        let (serial, bytes) = (self.serial, chunk.len() as u64);
        self.shared
            .books()
            .submit(serial, chunk.oldest_ns(), bytes, chunk.tallies());
        let content = match self.pool.pack(chunk) {
            Ok(result) => Content::Packing(result),
            Err(chunk) => Content::Plain(Box::new(chunk)),
        };
        self.send(Job::Chunk(Load { serial, bytes, content }));
    }

    /// Sends a job behind all earlier ones.
    pub fn send(&mut self, job: Job) {
        self.waiting.push_back(job);
        let _ = self.push();
    }

    /// Moves on what waits, without waiting. True when nothing waits any more.
    pub fn push(&mut self) -> bool {
        while let Some(job) = self.waiting.pop_front() {
            match self.jobs.try_send(job) {
                Ok(()) => {}
                Err(TrySendError::Full(job)) => {
                    self.waiting.push_front(job);
                    return false;
                }
                Err(TrySendError::Disconnected(_)) => self.ended_early(),
            }
        }
        true
    }

    fn ended_early(&self) {
        let error = io::Error::other("a thread of the recorder ended early");
        self.shared.fail(Failure::Write(error));
    }

    /// Waits until everything is written and synced, then finishes the last file, and says how it was left.
    pub fn finish(mut self) -> Left {
        for job in self.waiting.drain(..) {
            if self.jobs.send(job).is_err() {
                break;
            }
        }
        drop(self.jobs);
        let last = self.disk.join();
        self.syncer.end();
        let synced = self.sync.join();
        drop(self.pool);
        if last.is_err() || synced.is_err() {
            let error = io::Error::other("a thread of the recorder ended early");
            self.shared.fail(Failure::Write(error));
        }
        let gone = {
            let failure = self.shared.failure();
            self.shared.books().end(failure.as_ref());
            matches!(&*failure, Some(Failure::Gone))
        };
        let last = last.ok().flatten().filter(|_| !gone);
        let mut left = Left::Nothing;
        if let Some((file, number)) = last {
            left = Left::Active(format!("{}.active", self.place.file_name(number)));
            self.shared.books().hand_over(file.length());
            // The closer waits for this.
            let _ = self.closing.send(Closing {
                file,
                number,
                last: true,
            });
        }
        drop(self.closing);
        match self.closer.join() {
            Ok(Some((number, Ok(())))) => left = Left::Finished(self.place.file_name(number)),
            Ok(Some((number, Err(error)))) => {
                if self.place.finished(number).exists() {
                    left = Left::Finished(self.place.file_name(number));
                }
                if self.place.is_in_place(number) {
                    self.shared.fail(Failure::Write(error));
                } else {
                    self.shared.fail(Failure::Gone);
                }
            }
            Ok(None) => {}
            Err(_) => self
                .shared
                .fail(Failure::Write(io::Error::other("a thread of the recorder ended early"))),
        }
        left
    }
}
