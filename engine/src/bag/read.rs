//! The messages of a recording, one after the other, in the order of its files.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use mcap::MAGIC;
use mcap::records::op;
use mcap::sans_io::linear_reader::{LinearReadEvent, LinearReader, LinearReaderOptions};

use super::cursor::Cursor;
use super::{BagError, files_of};

/// The longest record that is read; the largest messages of robots are far smaller.
const LONGEST_RECORD: usize = 256 * 1024 * 1024;

/// Bytes that are read from the disk at once.
const BUFFER: usize = 64 * 1024;

/// What a recording tells of one of its channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BagChannel {
    /// The topic.
    pub topic: String,
    /// The name of its type; empty when the file does not say.
    pub type_name: String,
    /// The definition of the type with those that it needs, as `ros2msg` text; `None` when it is missing or of another kind.
    pub definition: Option<String>,
}

/// One message of a recording.
#[derive(Clone, Copy, Debug)]
pub struct BagMessage<'a> {
    /// Its channel.
    pub channel: &'a BagChannel,
    /// When it was received by the recorder, in nanoseconds.
    pub log_time_ns: u64,
    /// When it was published, in nanoseconds; equal to the log time where the recorder did not know.
    pub publish_time_ns: u64,
    /// CDR with its encapsulation header.
    pub payload: &'a [u8],
}

/// How far a recording could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Messages that were handed out.
    pub messages: u64,
    /// What ended the reading of a file before its end; the messages before that were handed out.
    pub problem: Option<String>,
}

/// Hands every message of a recording whose topic `wants` to `take`, which says whether to go on. The index of a file is not
/// needed: an unfinished file is read as far as it goes.
///
/// # Errors
/// When there is nothing that can be read.
pub fn read(
    path: &Path,
    mut wants: impl FnMut(&BagChannel) -> bool,
    mut take: impl FnMut(BagMessage<'_>) -> bool,
) -> Result<Reading, BagError> {
    let mut reading = Reading::default();
    for file in files_of(path)? {
        if !read_file(&file, &mut wants, &mut take, &mut reading)? {
            break;
        }
    }
    Ok(reading)
}

/// The channels of one file, those that are wanted.
#[derive(Default)]
struct Channels {
    /// Name, and definition where it is one.
    schemas: BTreeMap<u16, (String, Option<String>)>,
    channels: BTreeMap<u16, Option<BagChannel>>,
}

impl Channels {
    fn schema(&mut self, mut body: Cursor<'_>) -> Option<()> {
        let (id, name, encoding, data) = (body.u16()?, body.text()?, body.text()?, body.block()?);
        let text = (encoding == "ros2msg")
            .then(|| String::from_utf8(data.0.to_vec()).ok())
            .flatten();
        let _ = self.schemas.insert(id, (name, text));
        Some(())
    }

    fn channel(&mut self, mut body: Cursor<'_>, wants: &mut impl FnMut(&BagChannel) -> bool) -> Option<()> {
        let (id, schema, topic) = (body.u16()?, body.u16()?, body.text()?);
        let (type_name, definition) = self.schemas.get(&schema).cloned().unwrap_or_default();
        let channel = BagChannel {
            topic,
            type_name,
            definition,
        };
        let wanted = wants(&channel);
        let _ = self.channels.insert(id, wanted.then_some(channel));
        Some(())
    }

    fn message<'a>(&'a self, mut body: Cursor<'a>) -> Option<Option<BagMessage<'a>>> {
        let (channel, _sequence) = (body.u16()?, body.u32()?);
        let (log_time_ns, publish_time_ns) = (body.u64()?, body.u64()?);
        let channel = self.channels.get(&channel).and_then(Option::as_ref);
        Some(channel.map(|channel| BagMessage {
            channel,
            log_time_ns,
            publish_time_ns,
            payload: body.0,
        }))
    }
}

/// False when `take` has seen enough.
fn read_file(
    path: &Path,
    wants: &mut impl FnMut(&BagChannel) -> bool,
    take: &mut impl FnMut(BagMessage<'_>) -> bool,
    reading: &mut Reading,
) -> Result<bool, BagError> {
    let io_error = |source| BagError::Io {
        path: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(io_error)?;
    let mut magic = [0; MAGIC.len()];
    if file.read_exact(&mut magic).is_err() || magic != *MAGIC {
        return Err(BagError::NotMcap { path: path.to_owned() });
    }
    let options = LinearReaderOptions::default()
        .with_skip_start_magic(true)
        .with_skip_end_magic(true)
        .with_record_length_limit(LONGEST_RECORD);
    let mut records = LinearReader::new_with_options(options);
    let mut channels = Channels::default();
    let name = path.file_name().unwrap_or_default().display();
    while let Some(event) = records.next_event() {
        match event {
            Ok(LinearReadEvent::ReadRequest(wanted)) => {
                // Never more at once than a buffer: the reader asks again.
                let read = file.read(records.insert(wanted.min(BUFFER))).map_err(io_error)?;
                records.notify_read(read);
            }
            Ok(LinearReadEvent::Record { data, opcode }) => {
                let body = Cursor(data);
                let sound = match opcode {
                    op::SCHEMA => channels.schema(body),
                    op::CHANNEL => channels.channel(body, wants),
                    op::MESSAGE => match channels.message(body) {
                        Some(Some(message)) => {
                            reading.messages += 1;
                            if !take(message) {
                                return Ok(false);
                            }
                            Some(())
                        }
                        Some(None) => Some(()),
                        None => None,
                    },
                    // What follows only helps to find things.
                    op::DATA_END | op::FOOTER => return Ok(true),
                    _ => Some(()),
                };
                if sound.is_none() {
                    reading.problem = Some(format!("{name}: a record is damaged; it was read up to there"));
                    return Ok(true);
                }
            }
            Err(_) => {
                reading.problem = Some(format!(
                    "{name} is damaged or was not finished; it was read as far as it goes"
                ));
                return Ok(true);
            }
        }
    }
    reading.problem = Some(format!("{name} was not finished; it was read as far as it goes"));
    Ok(true)
}
