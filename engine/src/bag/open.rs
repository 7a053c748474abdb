//! Finds the files of a recording and opens them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::idl;
use super::mcap_file::McapFile;
use super::metadata::Metadata;
use super::packed::{self, Unpacked};
use super::sqlite_file::SqliteFile;
use super::{Bag, BagChannel, BagError, BagFile, Content, FileState, Inner, Part, Storage};
use crate::loss::Loss;
use crate::record::ledger::{LEDGER, parse_ledger_line};

impl Bag {
    /// Opens a recording: a directory, or one file, finished or not. Indexes are read, and files that have none as far as
    /// they go; what is wrong with single files is told by [`Bag::problems`].
    ///
    /// # Errors
    /// When there is nothing that can be read.
    pub fn open(path: &Path) -> Result<Self, BagError> {
        let mut found = Place::of(path)?;
        let metadata = found.metadata.take().unwrap_or_default();
        let mut opening = Opening::default();
        let mut first_error = None;
        for file in &found.files {
            match open_file(file) {
                Ok((content, unpacked, problem)) => opening.add(file, content, unpacked, problem),
                Err(error) => {
                    opening.files.push(unreadable(file, &error));
                    let _ = first_error.get_or_insert(error);
                }
            }
        }
        if opening.parts.is_empty()
            && let Some(error) = first_error
        {
            return Err(error);
        }
        opening.count(&metadata, found.lone);
        opening.describe(&metadata);
        let ledger = opening.ledger();
        let mut problems = found.problems;
        for file in &opening.files {
            if let Some(problem) = &file.problem {
                problems.push(format!("{}: {problem}", name_of(&file.path)));
            }
        }
        let spans = opening.files.iter().filter_map(|file| file.span_ns);
        Ok(Self(std::sync::Arc::new(Inner {
            path: path.to_owned(),
            storage: opening.files.first().map_or(Storage::Mcap, |file| file.storage),
            span_ns: spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))),
            files: opening.files,
            parts: opening.parts,
            channels: opening.channels,
            problems,
            ledger,
            custom: metadata.custom.into_iter().collect(),
        })))
    }
}

/// The files of a recording.
#[derive(Default)]
pub(super) struct Place {
    pub files: Vec<PathBuf>,
    metadata: Option<Metadata>,
    problems: Vec<String>,
    /// A file was named, not a directory.
    lone: bool,
}

impl Place {
    pub(super) fn of(path: &Path) -> Result<Self, BagError> {
        let io_error = |source| BagError::io(path, source);
        if !fs::metadata(path).map_err(io_error)?.is_dir() {
            return Ok(Self {
                files: vec![path.to_owned()],
                lone: true,
                ..Self::default()
            });
        }
        let mut place = Self::default();
        match Metadata::of_directory(path) {
            Ok(metadata) => place.metadata = metadata,
            Err(problem) => place.problems.push(problem),
        }
        let mut there = Vec::new();
        for entry in fs::read_dir(path).map_err(io_error)? {
            let file = entry.map_err(io_error)?.path();
            if storage_of(&name_of(&file)).is_some() {
                there.push(file);
            }
        }
        there.sort_by_cached_key(|file| (number_of(file), file.clone()));
        if let Some(metadata) = place.metadata.as_ref().filter(|metadata| !metadata.files.is_empty()) {
            place.files = metadata.files.iter().map(|named| listed(path, named)).collect();
            // The file that was being written when the writer died is not named yet, and one that was just finished then
            // may not be either: it follows those that are.
            let newest = place.files.iter().filter_map(|file| split_of(file)).max();
            let follows = |file: &PathBuf| match (split_of(file), &newest) {
                (Some((stem, number)), Some((known, newest))) => stem == *known && number > *newest,
                _ => false,
            };
            there.retain(|file| !place.files.contains(file) && (name_of(file).ends_with(".active") || follows(file)));
            place.files.append(&mut there);
        } else {
            place.files = there;
        }
        if place.files.is_empty() {
            return Err(BagError::Empty { path: path.to_owned() });
        }
        Ok(place)
    }
}

/// The file that `metadata.yaml` names, always within the directory: before version 4 the name of the directory stood
/// in front.
fn listed(directory: &Path, named: &str) -> PathBuf {
    let name = Path::new(named).file_name().unwrap_or_default();
    let file = directory.join(name);
    if file.exists() {
        return file;
    }
    // rosbag2 compresses files before it names them, and removes the others: either may be there.
    let packed = super::sqlite_file::with_suffix(&file, ".zstd");
    let unpacked = file.with_extension("");
    if packed.exists() {
        packed
    } else if file.extension().is_some_and(|extension| extension == "zstd") && unpacked.exists() {
        unpacked
    } else {
        file
    }
}

pub(super) fn name_of(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The kind of a file by its name, and whether it is compressed as a whole.
pub(super) fn storage_of(name: &str) -> Option<(Storage, bool)> {
    let (name, packed) = match name.strip_suffix(".zstd") {
        Some(name) => (name, true),
        None => (name, false),
    };
    if name.ends_with(".mcap") || name.ends_with(".mcap.active") {
        Some((Storage::Mcap, packed))
    } else if name.ends_with(".db3") || name.ends_with(".db3.active") {
        Some((Storage::Sqlite3, packed))
    } else {
        None
    }
}

/// The number of a split: 12 in `run_12.mcap`.
fn number_of(file: &Path) -> Option<u64> {
    split_of(file).map(|(_, number)| number)
}

/// What a split is called, and its number.
pub(super) fn split_of(file: &Path) -> Option<(String, u64)> {
    let name = name_of(file);
    let stem = name.split(".mcap").next()?.split(".db3").next()?;
    let (stem, number) = stem.rsplit_once('_')?;
    Some((stem.to_owned(), number.parse().ok()?))
}

type Opened = (Content, Option<Unpacked>, Option<String>);

fn open_file(path: &Path) -> Result<Opened, BagError> {
    let (storage, is_packed) = storage_of(&name_of(path)).unwrap_or((Storage::Mcap, false));
    if !is_packed {
        return Ok(match storage {
            Storage::Mcap => {
                let file = File::open(path).map_err(|error| BagError::io(path, error))?;
                (Content::Mcap(McapFile::open(path, file)?), None, None)
            }
            Storage::Sqlite3 => (Content::Sqlite(SqliteFile::open(path, path)?), None, None),
        });
    }
    let (unpacked, file, problem) = packed::unpack(path)?;
    let content = match storage {
        Storage::Mcap => Content::Mcap(McapFile::open(path, file)?),
        Storage::Sqlite3 => Content::Sqlite(SqliteFile::open(&unpacked.path, path)?),
    };
    Ok((content, Some(unpacked), problem))
}

fn unreadable(path: &Path, error: &BagError) -> BagFile {
    let missing = matches!(error, BagError::Missing { .. });
    BagFile {
        path: path.to_owned(),
        storage: storage_of(&name_of(path)).map_or(Storage::Mcap, |(storage, _)| storage),
        bytes: fs::metadata(path).map_or(0, |metadata| metadata.len()),
        messages: 0,
        span_ns: None,
        state: if missing {
            FileState::Missing
        } else {
            FileState::Unreadable
        },
        problem: Some(if missing {
            "it is missing, although metadata.yaml names it".to_owned()
        } else {
            error.to_string()
        }),
    }
}

/// What comes together while files are opened.
#[derive(Default)]
struct Opening {
    files: Vec<BagFile>,
    parts: Vec<Part>,
    channels: Vec<BagChannel>,
    by_name: BTreeMap<(String, String), Vec<usize>>,
}

impl Opening {
    fn add(&mut self, path: &Path, content: Content, unpacked: Option<Unpacked>, problem: Option<String>) {
        let bytes = fs::metadata(path).map_or(0, |metadata| metadata.len());
        let (storage, span_ns, state, inner) = match &content {
            Content::Mcap(file) => (Storage::Mcap, file.found.span_ns, file.state, file.problem.clone()),
            Content::Sqlite(file) => (Storage::Sqlite3, file.span_ns, file.state, file.problem.clone()),
        };
        let channels = match &content {
            Content::Mcap(file) => self.mcap_channels(file),
            Content::Sqlite(file) => self.sqlite_channels(file),
        };
        self.parts.push(Part {
            file: self.files.len(),
            content,
            channels,
            _unpacked: unpacked,
        });
        self.files.push(BagFile {
            path: path.to_owned(),
            storage,
            bytes,
            messages: 0,
            span_ns,
            state: if problem.is_some() { FileState::CutOff } else { state },
            problem: problem.or(inner),
        });
    }

    fn mcap_channels(&mut self, file: &McapFile) -> BTreeMap<i64, usize> {
        let mut numbers = BTreeMap::new();
        for (id, channel) in &file.found.channels {
            let schema = file.found.schemas.get(&channel.schema).cloned().unwrap_or_default();
            let definition = (!schema.text.is_empty()).then_some((schema.encoding, schema.text));
            let index = self.channel(
                BagChannel {
                    index: 0,
                    topic: channel.topic.clone(),
                    type_name: schema.name,
                    definition: None,
                    other_definition: None,
                    serialization: channel.encoding.clone(),
                    offered_qos: channel.offered_qos.clone(),
                    type_hash: channel.type_hash.clone(),
                    messages: 0,
                },
                definition,
            );
            let _ = numbers.insert(i64::from(*id), index);
        }
        numbers
    }

    fn sqlite_channels(&mut self, file: &SqliteFile) -> BTreeMap<i64, usize> {
        let mut numbers = BTreeMap::new();
        for topic in &file.topics {
            let index = self.channel(
                BagChannel {
                    index: 0,
                    topic: topic.name.clone(),
                    type_name: topic.type_name.clone(),
                    definition: None,
                    other_definition: None,
                    serialization: topic.serialization.clone(),
                    offered_qos: topic.offered_qos.clone(),
                    type_hash: topic.type_hash.clone(),
                    messages: 0,
                },
                topic.definition.clone(),
            );
            let _ = numbers.insert(topic.id, index);
        }
        numbers
    }

    /// The channel of the recording that this is: the same topic and type, and no other definition.
    fn channel(&mut self, mut channel: BagChannel, definition: Option<(String, String)>) -> usize {
        match definition {
            Some((encoding, text)) if encoding == "ros2msg" => channel.definition = Some(text),
            other => {
                let idl = other.as_ref().filter(|(encoding, _)| encoding == "ros2idl");
                channel.definition = idl.and_then(|(_, text)| idl::to_ros2msg(text));
                channel.other_definition = other;
            }
        }
        let same_name = self
            .by_name
            .entry((channel.topic.clone(), channel.type_name.clone()))
            .or_default();
        for index in same_name.iter().copied() {
            let Some(known) = self.channels.get_mut(index) else {
                continue;
            };
            let agrees = known.serialization == channel.serialization
                && either(&known.definition, &channel.definition)
                && either(&known.other_definition, &channel.other_definition);
            if agrees {
                known.definition = known.definition.take().or(channel.definition);
                known.other_definition = known.other_definition.take().or(channel.other_definition);
                known.type_hash = known.type_hash.take().or(channel.type_hash);
                for qos in channel.offered_qos {
                    if !known.offered_qos.contains(&qos) {
                        known.offered_qos.push(qos);
                    }
                }
                return index;
            }
        }
        channel.index = self.channels.len();
        same_name.push(channel.index);
        self.channels.push(channel);
        self.channels.len() - 1
    }

    /// Counts the messages: from the files' own statistics, else from `metadata.yaml` where it agrees with the files, else
    /// by counting.
    fn count(&mut self, metadata: &Metadata, lone: bool) {
        let all_sqlite = self.parts.iter().all(|part| matches!(part.content, Content::Sqlite(_)));
        let last_ids = self.parts.iter().map(|part| match &part.content {
            Content::Sqlite(file) => file.last_id,
            Content::Mcap(_) => 0,
        });
        let last_ids: u64 = last_ids.fold(0, u64::saturating_add);
        let whole = self
            .files
            .iter()
            .all(|file| file.state == FileState::Indexed && file.problem.is_none());
        if all_sqlite && !lone && whole && self.take_counts(metadata, last_ids) {
            return;
        }
        let inner = match self.parts.as_slice() {
            [
                Part {
                    content: Content::Sqlite(file),
                    ..
                },
            ] if whole => file.metadata.clone().map(|metadata| (metadata, file.last_id)),
            _ => None,
        };
        if inner.is_some_and(|(metadata, last_id)| self.take_counts(&metadata, last_id)) {
            return;
        }
        for part in &mut self.parts {
            let counts: Vec<(i64, u64)> = match &mut part.content {
                Content::Mcap(file) => {
                    let counts = file.found.counts.iter();
                    counts.map(|(id, count)| (i64::from(*id), *count)).collect()
                }
                Content::Sqlite(file) => {
                    file.count();
                    if let (Some(said), Some(problem)) = (self.files.get_mut(part.file), &file.problem) {
                        said.state = file.state;
                        let _ = said.problem.get_or_insert_with(|| problem.clone());
                    }
                    file.counts.iter().map(|(id, count)| (*id, *count)).collect()
                }
            };
            let mut sum = 0_u64;
            for (id, count) in counts {
                // A message whose channel is not described cannot be read by anyone: it is not counted.
                let Some(channel) = part.channels.get(&id).and_then(|index| self.channels.get_mut(*index)) else {
                    continue;
                };
                channel.messages = channel.messages.saturating_add(count);
                sum = sum.saturating_add(count);
            }
            if let Some(file) = self.files.get_mut(part.file) {
                file.messages = sum;
            }
        }
    }

    /// True when the counts of `metadata` agree with the number of messages that the tables have.
    fn take_counts(&mut self, metadata: &Metadata, last_ids: u64) -> bool {
        if metadata.messages != Some(last_ids) {
            return false;
        }
        let mut counts = Vec::new();
        let mut sum = 0_u64;
        for channel in &self.channels {
            let of_channel =
                |topic: &&super::metadata::Topic| topic.name == channel.topic && topic.type_name == channel.type_name;
            let mut topics = metadata.topics.iter().filter(of_channel);
            let count = topics.next().and_then(|topic| topic.messages);
            let (Some(count), None) = (count, topics.next()) else {
                return false;
            };
            sum = sum.saturating_add(count);
            counts.push(count);
        }
        if sum != last_ids {
            return false;
        }
        for (channel, count) in self.channels.iter_mut().zip(counts) {
            channel.messages = count;
        }
        for part in &self.parts {
            if let (Content::Sqlite(content), Some(file)) = (&part.content, self.files.get_mut(part.file)) {
                file.messages = content.last_id;
            }
        }
        true
    }

    /// Takes from `metadata.yaml` what the files do not tell.
    fn describe(&mut self, metadata: &Metadata) {
        for channel in &mut self.channels {
            let same =
                |topic: &&super::metadata::Topic| topic.name == channel.topic && topic.type_name == channel.type_name;
            let Some(topic) = metadata.topics.iter().find(same) else {
                continue;
            };
            if channel.offered_qos.is_empty() {
                channel.offered_qos.clone_from(&topic.offered_qos);
            }
            if channel.type_hash.is_none() {
                channel.type_hash.clone_from(&topic.type_hash);
            }
            if channel.serialization.is_empty() {
                channel.serialization.clone_from(&topic.serialization);
            }
        }
    }

    /// The loss of a recording is known when every part of it tells.
    fn ledger(&self) -> Option<BTreeMap<String, Loss>> {
        if self.parts.len() != self.files.len() {
            return None;
        }
        let mut sum: Option<BTreeMap<String, Loss>> = None;
        for part in &self.parts {
            let ledger = match &part.content {
                Content::Mcap(file) => file.found.ledger.clone()?,
                Content::Sqlite(file) => {
                    let lines = file.records.get(LEDGER)?.iter();
                    lines
                        .map(|(name, line)| (name.clone(), parse_ledger_line(line)))
                        .collect()
                }
            };
            let sum = sum.get_or_insert_default();
            for (name, loss) in ledger {
                let known = sum.entry(name).or_insert(Loss::NONE);
                *known = known.plus(loss);
            }
        }
        sum
    }
}

fn either<T: PartialEq>(a: &Option<T>, b: &Option<T>) -> bool {
    a.is_none() || b.is_none() || a == b
}
