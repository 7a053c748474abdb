//! The workers that compress chunks. The order is kept by whoever waits for the results.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::Compression;
use super::chunk::{Chunk, Packer, Sealed};
use super::request::RecordRequest;

/// Most workers: recording must leave the cores to the robot.
const WORKERS_MAX: usize = 4;

struct Task {
    chunk: Chunk,
    done: SyncSender<io::Result<Sealed>>,
}

/// Threads `recorder-pack`, as many as half of the processor's, at most four.
pub(super) struct Pool {
    tasks: Option<SyncSender<Task>>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Starts the workers; none where nothing is compressed.
    pub fn start(request: &RecordRequest) -> io::Result<Self> {
        let (compression, level) = (request.compression, request.compression_level);
        let mut pool = Self {
            tasks: None,
            threads: Vec::new(),
        };
        if compression == Compression::None {
            return Ok(pool);
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let workers = (cores / 2).clamp(1, WORKERS_MAX);
        let (sender, receiver) = sync_channel::<Task>(workers);
        let receiver = Arc::new(Mutex::new(receiver));
        pool.tasks = Some(sender);
        for number in 0..workers {
            let receiver = Arc::clone(&receiver);
            let mut packer = Packer::new(request.storage, compression, level)?;
            let thread = std::thread::Builder::new()
                .name(format!("recorder-pack{number}"))
                .spawn(move || work(&receiver, &mut packer))?;
            pool.threads.push(thread);
        }
        Ok(pool)
    }

    /// Hands a chunk to a worker; gives it back when there is none. Waits while all of them are busy.
    pub fn pack(&self, chunk: Chunk) -> Result<Receiver<io::Result<Sealed>>, Chunk> {
        let Some(tasks) = self.tasks.as_ref() else {
            return Err(chunk);
        };
        let (done, result) = sync_channel(1);
        match tasks.send(Task { chunk, done }) {
            Ok(()) => Ok(result),
            Err(error) => Err(error.0.chunk),
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.tasks = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn work(tasks: &Mutex<Receiver<Task>>, packer: &mut Packer) {
    loop {
        let task = tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Task { chunk, done }) = task else { return };
        // Nobody waits for it after a failure.
        let _ = done.send(chunk.seal(packer));
    }
}
