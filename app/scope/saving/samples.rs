//! Samples of curves on their way to a file: a bounded share of them is read from the store at each tick, and written by a
//! thread of its own.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use iced::Task;
use roswave_engine::clock::Timestamp;
use roswave_engine::export::{self, CurveTable, Format};
use roswave_engine::series::{Position, SeriesId, Store};

use crate::format;
use crate::scope::Message;
use crate::scope::saving::page::make_parent;

/// Samples are read this often.
pub(super) const TICK: Duration = Duration::from_millis(8);

/// Samples that are read per tick, at most: about a millisecond.
const SAMPLES_PER_TICK: usize = 131_072;

/// Samples that are handed over at once.
const BLOCK: usize = 16_384;

/// Blocks that wait for the disk, at most.
const WAITING: usize = 8;

/// Files that are written at the same time, at most.
const SAVES_MAX: usize = 4;

/// What takes longer is told.
const TOLD_AFTER: Duration = Duration::from_millis(200);

/// A curve whose samples are saved.
#[derive(Debug)]
pub(super) struct Curve {
    pub(super) series: SeriesId,
    pub(super) name: String,
    pub(super) unit: &'static str,
}

/// Samples of one curve.
struct Block {
    curve: usize,
    time_ns: Vec<i64>,
    values: Vec<f64>,
}

/// One file that is being written.
struct Save {
    number: u64,
    begun: Instant,
    /// What is left to be read: the number of the curve, its series, and how far that was read.
    left: VecDeque<(usize, SeriesId, Position)>,
    until: Timestamp,
    /// What found no room yet.
    held: Option<Block>,
    blocks: Option<SyncSender<Block>>,
    is_given_up: Arc<AtomicBool>,
    writer: Option<JoinHandle<()>>,
    samples: u64,
    /// What is to be told with the file.
    remark: Option<String>,
    problem: Option<String>,
}

impl Save {
    /// Reads at most `most` samples. True when there is nothing left to read.
    fn read(&mut self, store: &Store, most: usize) -> bool {
        let Some(blocks) = &self.blocks else {
            return true;
        };
        let mut read = 0;
        loop {
            if let Some(block) = self.held.take() {
                match blocks.try_send(block) {
                    Ok(()) => {}
                    Err(TrySendError::Full(block)) => {
                        self.held = Some(block);
                        return false;
                    }
                    // The writer says why itself.
                    Err(TrySendError::Disconnected(_)) => break,
                }
            }
            let Some((curve, series, position)) = self.left.front_mut() else {
                break;
            };
            if read >= most {
                return false;
            }
            if store.extent(*series).is_none() {
                self.problem = Some(
                    "a curve went away while it was saved, and nothing is left of the file; save it again".to_owned(),
                );
                self.is_given_up.store(true, Ordering::Relaxed);
                break;
            }
            let mut block = Block {
                curve: *curve,
                time_ns: Vec::with_capacity(BLOCK),
                values: Vec::with_capacity(BLOCK),
            };
            let until = self.until;
            let taken = store.read(*series, position, BLOCK, |time, value, _| {
                if time <= until {
                    block.time_ns.push(time.0);
                    block.values.push(value);
                }
            });
            read += taken;
            self.samples += block.time_ns.len() as u64;
            let is_past = position.time().is_some_and(|time| time > until);
            if !block.time_ns.is_empty() {
                self.held = Some(block);
            }
            if taken < BLOCK && !is_past && store.is_behind() {
                // A derived series has to catch up first.
                return false;
            }
            if taken < BLOCK || is_past {
                let _ = self.left.pop_front();
            }
        }
        // The writer ends with what it has.
        self.blocks = None;
        true
    }

    fn give_up(&mut self) {
        self.is_given_up.store(true, Ordering::Relaxed);
        self.left.clear();
        self.held = None;
        self.blocks = None;
    }
}

impl Drop for Save {
    fn drop(&mut self) {
        // Half a file is no file.
        if self.blocks.is_some() {
            self.give_up();
        }
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has said so.
            let _ = writer.join();
        }
    }
}

/// The files that are being written.
#[derive(Default)]
pub struct Saves {
    running: Vec<Save>,
    begun: u64,
}

impl Saves {
    /// Begins to save samples within `from..=to`.
    pub(super) fn begin(
        &mut self,
        store: &Store,
        mut curves: Vec<Curve>,
        (from, to): (Timestamp, Timestamp),
        path: PathBuf,
        format: Format,
    ) -> Result<Task<Message>, String> {
        if store.is_loading() {
            return Err("the recording is still being loaded: save when it is here".to_owned());
        }
        curves.retain(|curve| store.extent(curve.series).is_some());
        if curves.is_empty() {
            return Err("no curve is shown here that has samples: there is nothing to save".to_owned());
        }
        if self.running.len() >= SAVES_MAX {
            return Err(format!(
                "{SAVES_MAX} files are being written already: wait for one of them"
            ));
        }
        let reduced = store.reduced_until().filter(|until| *until >= from);
        let remark = reduced.map(|until| {
            format!(
                "before {} only a trend is kept, which is not in it",
                format::time_of_day(until.0)
            )
        });
        let left = curves.iter().enumerate();
        let left = left.map(|(index, curve)| {
            let before = Timestamp(from.0.saturating_sub(1));
            (index, curve.series, Position::behind(before))
        });
        let left = left.collect();
        let is_given_up = Arc::new(AtomicBool::new(false));
        let (blocks, waiting) = sync_channel(WAITING);
        let (done, written) = iced::futures::channel::oneshot::channel();
        let of_writer = Arc::clone(&is_given_up);
        let work = move || {
            let result = write(&path, format, &curves, &waiting, &of_writer);
            // Nobody listens when the window is gone.
            let _ = done.send(result);
        };
        let writer = std::thread::Builder::new().name("save-samples".to_owned()).spawn(work);
        let writer = writer.map_err(|error| format!("cannot save the samples: {error}; close some programs"))?;
        self.begun += 1;
        let number = self.begun;
        self.running.push(Save {
            number,
            begun: Instant::now(),
            left,
            until: to,
            held: None,
            blocks: Some(blocks),
            is_given_up,
            writer: Some(writer),
            samples: 0,
            remark,
            problem: None,
        });
        Ok(Task::perform(written, move |written| {
            let written = written.unwrap_or_else(|_| Err("the samples could not be saved".to_owned()));
            Message::SamplesSaved(number, written)
        }))
    }

    /// Reads on for every file, a bounded share together.
    pub(super) fn read(&mut self, store: &Store) {
        let share = SAMPLES_PER_TICK / self.running.len().max(1);
        for save in &mut self.running {
            let _ = save.read(store, share);
        }
    }

    /// True while there is something left to read.
    pub(super) fn are_reading(&self) -> bool {
        self.running.iter().any(|save| save.blocks.is_some())
    }

    /// Samples that were read so far, once that is worth telling.
    pub(super) fn told(&self) -> Option<u64> {
        let long = self.running.iter().any(|save| save.begun.elapsed() >= TOLD_AFTER);
        long.then(|| self.running.iter().map(|save| save.samples).sum())
    }

    /// Gives up every file that is being written.
    pub(super) fn give_up(&mut self) {
        self.running.iter_mut().for_each(Save::give_up);
    }

    /// The file with this number is done: what is to be told.
    pub(super) fn end(
        &mut self,
        number: u64,
        result: Result<Option<String>, String>,
    ) -> Result<Option<String>, String> {
        let Some(place) = self.running.iter().position(|save| save.number == number) else {
            return result;
        };
        let mut save = self.running.swap_remove(place);
        if let Some(problem) = save.problem.take() {
            return Err(problem);
        }
        let text = result?;
        Ok(text.map(|text| match &save.remark {
            Some(remark) => format!("{text}; {remark}"),
            None => text,
        }))
    }
}

/// Writes what comes until nothing does any longer. Gives what is to be told, nothing when it was given up.
fn write(
    path: &Path,
    format: Format,
    curves: &[Curve],
    blocks: &Receiver<Block>,
    is_given_up: &AtomicBool,
) -> Result<Option<String>, String> {
    let failed = |error: export::ExportError| error.to_string();
    make_parent(path)?;
    let mut table = CurveTable::create(path, format).map_err(failed)?;
    for block in blocks {
        if is_given_up.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let Some(curve) = curves.get(block.curve) else {
            continue;
        };
        table
            .write(&export::Curve {
                name: &curve.name,
                unit: curve.unit,
                time_ns: &block.time_ns,
                values: &block.values,
            })
            .map_err(failed)?;
    }
    if is_given_up.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let samples = table.rows();
    let bytes = table.finish().map_err(failed)?;
    Ok(Some(format!(
        "Samples saved: {}, {} samples, {}",
        path.display(),
        format::count(samples),
        format::bytes(bytes)
    )))
}

#[cfg(test)]
mod tests {
    use roswave_engine::cdr::FieldPath;
    use roswave_engine::ingest::{PlotFeed, row_ring};
    use roswave_engine::name::TopicName;

    use super::*;

    /// A store with one sample of one curve, or with none.
    fn store(has_sample: bool) -> (Store, Curve) {
        let mut store = Store::new(1 << 20);
        let topic = TopicName::new("/a").expect("a name");
        let field = FieldPath::parse("data").expect("a path");
        let (mut producer, rows) = row_ring(1, 16);
        store.attach(PlotFeed {
            topic: topic.clone(),
            fields: vec![field.clone()],
            units: vec![None],
            timings: Vec::new(),
            rows,
        });
        if has_sample {
            assert!(producer.push(Timestamp(5), Timestamp(5), false, &[1.0]));
            let _ = store.drain();
        }
        let series = store.find(&topic, &field).expect("a series");
        let name = "/a:data".to_owned();
        (store, Curve { series, name, unit: "" })
    }

    #[test]
    fn a_window_that_closes_leaves_no_half_a_file() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("new").join("figure.parquet");
        let (store, curve) = store(true);
        let mut saves = Saves::default();
        let range = (Timestamp(0), Timestamp(10));
        let task = saves.begin(&store, vec![curve], range, path.clone(), Format::Parquet);
        assert!(task.is_ok() && saves.are_reading());
        // Waits for the writer.
        drop(saves);
        let parent = path.parent().expect("a directory");
        let left = std::fs::read_dir(parent).map_or(0, Iterator::count);
        assert_eq!(left, 0);
    }

    #[test]
    fn a_curve_without_samples_is_told_before_anything_is_written() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("figure.csv");
        let (store, curve) = store(false);
        let range = (Timestamp(0), Timestamp(10));
        let refused = Saves::default().begin(&store, vec![curve], range, path.clone(), Format::Csv);
        assert!(refused.is_err_and(|text| text.contains("nothing to save")));
        assert!(!path.exists());
    }
}
