//! What the records of a file have told so far.

use std::collections::BTreeMap;

use mcap::records::op;

use crate::bag::cursor::Cursor;
use crate::bag::metadata;
use crate::loss::Loss;
use crate::qos::Qos;
use crate::record::ledger::{LEDGER, parse_ledger_line};

/// Channels and schemas of one file whose texts may take this much memory together.
const TEXTS_MAX: usize = 256 * 1024 * 1024;

/// The longest record of a schema, a channel or metadata that is read: a file with holes in it can claim any length.
pub(super) const RECORD_MAX: u64 = 64 * 1024 * 1024;

/// A schema.
#[derive(Clone, Debug, Default)]
pub(in crate::bag) struct Schema {
    pub name: String,
    pub encoding: String,
    pub text: String,
}

/// A channel.
#[derive(Clone, Debug, Default)]
pub(in crate::bag) struct Channel {
    pub topic: String,
    pub schema: u16,
    pub encoding: String,
    pub offered_qos: Vec<Qos>,
    pub type_hash: Option<String>,
}

/// Schemas, channels, counts, times and the ledger, by the numbers of the file.
#[derive(Debug, Default)]
pub(in crate::bag) struct Found {
    pub schemas: BTreeMap<u16, Schema>,
    pub channels: BTreeMap<u16, Channel>,
    pub counts: BTreeMap<u16, u64>,
    pub span_ns: Option<(u64, u64)>,
    pub ledger: Option<BTreeMap<String, Loss>>,
    /// Records of metadata by name; of those written several times the last.
    pub metadata: BTreeMap<String, BTreeMap<String, String>>,
    /// Where attachments are: offset, and length of the record with its head.
    pub attachments: Vec<(u64, u64)>,
    texts: usize,
}

impl Found {
    /// Takes a record that is whole and no message. `None` when its body makes no sense.
    pub(super) fn record(&mut self, opcode: u8, body: &[u8]) -> Option<()> {
        match opcode {
            op::SCHEMA | op::CHANNEL | op::METADATA => {
                self.texts = self.texts.saturating_add(body.len());
                if self.texts > TEXTS_MAX {
                    return None;
                }
            }
            _ => {}
        }
        match opcode {
            op::SCHEMA => self.schema(Cursor(body)),
            op::CHANNEL => self.channel(Cursor(body)),
            op::METADATA => self.metadata(Cursor(body)),
            _ => Some(()),
        }
    }

    fn schema(&mut self, mut body: Cursor<'_>) -> Option<()> {
        let (id, name, encoding, data) = (body.u16()?, body.text()?, body.text()?, body.block()?);
        let schema = Schema {
            name,
            encoding,
            text: String::from_utf8_lossy(data.0).into_owned(),
        };
        let _ = self.schemas.insert(id, schema);
        Some(())
    }

    fn channel(&mut self, mut body: Cursor<'_>) -> Option<()> {
        let (id, schema, topic, encoding) = (body.u16()?, body.u16()?, body.text()?, body.text()?);
        // Where the rest is damaged, the channel is still good for its messages.
        let facts = body.block().and_then(pairs).unwrap_or_default();
        let channel = Channel {
            topic,
            schema,
            encoding,
            offered_qos: facts
                .get("offered_qos_profiles")
                .map_or_else(Vec::new, |text| metadata::offered_qos(text)),
            type_hash: facts.get("topic_type_hash").filter(|hash| !hash.is_empty()).cloned(),
        };
        let _ = self.channels.insert(id, channel);
        Some(())
    }

    fn metadata(&mut self, mut body: Cursor<'_>) -> Option<()> {
        let name = body.text()?;
        let entries = pairs(body.block()?)?;
        if name == LEDGER {
            let lines = entries.iter();
            self.ledger = Some(
                lines
                    .map(|(topic, line)| (topic.clone(), parse_ledger_line(line)))
                    .collect(),
            );
        }
        let _ = self.metadata.insert(name, entries);
        Some(())
    }

    /// Counts a message.
    pub(super) fn message(&mut self, channel: u16, time_ns: u64) {
        let count = self.counts.entry(channel).or_default();
        *count = count.saturating_add(1);
        let (start, end) = self.span_ns.unwrap_or((time_ns, time_ns));
        self.span_ns = Some((start.min(time_ns), end.max(time_ns)));
    }
}

fn pairs(mut body: Cursor<'_>) -> Option<BTreeMap<String, String>> {
    let mut pairs = BTreeMap::new();
    while !body.is_empty() {
        let name = body.text()?;
        let _ = pairs.insert(name, body.text()?);
    }
    Some(pairs)
}

/// The head of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::bag) struct MessageHead {
    pub channel: u16,
    pub sequence: u32,
    pub log_time_ns: u64,
    pub publish_time_ns: u64,
}

/// Bytes of it.
pub(in crate::bag) const MESSAGE_HEAD: usize = 22;

impl MessageHead {
    /// The head and the payload in the body of a message record.
    pub(in crate::bag) fn parse(body: &[u8]) -> Option<(Self, &[u8])> {
        let mut cursor = Cursor(body);
        let head = Self {
            channel: cursor.u16()?,
            sequence: cursor.u32()?,
            log_time_ns: cursor.u64()?,
            publish_time_ns: cursor.u64()?,
        };
        Some((head, cursor.0))
    }
}
