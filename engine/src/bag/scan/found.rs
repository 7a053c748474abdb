//! What the records of a file have told so far.

use std::collections::BTreeMap;

use mcap::records::op;

use super::{Channel, Scan};
use crate::bag::cursor::Cursor;
use crate::loss::Loss;
use crate::record::meta::{LEDGER, parse_ledger_line};

/// Schemas, channels, counts, times and the ledger, by the numbers of the file.
#[derive(Default)]
pub(super) struct Found {
    schemas: BTreeMap<u16, String>,
    /// Topic and schema.
    pub(super) channels: BTreeMap<u16, (String, u16)>,
    pub(super) counts: BTreeMap<u16, u64>,
    pub(super) span_ns: Option<(u64, u64)>,
    ledger: Option<BTreeMap<String, Loss>>,
    pub(super) problem: Option<String>,
}

impl Found {
    /// Takes a record that is whole. `None` when its body makes no sense.
    pub(super) fn record(&mut self, opcode: u8, body: &[u8]) -> Option<()> {
        let mut cursor = Cursor(body);
        match opcode {
            op::SCHEMA => {
                let id = cursor.u16()?;
                let _ = self.schemas.insert(id, cursor.text()?);
            }
            op::CHANNEL => {
                let (id, schema) = (cursor.u16()?, cursor.u16()?);
                let _ = self.channels.insert(id, (cursor.text()?, schema));
            }
            op::METADATA if cursor.text()? == LEDGER => {
                let mut entries = cursor.block()?;
                let mut ledger = BTreeMap::new();
                while !entries.is_empty() {
                    let name = entries.text()?;
                    let _ = ledger.insert(name, parse_ledger_line(&entries.text()?));
                }
                self.ledger = Some(ledger);
            }
            op::MESSAGE => {
                let (channel, _sequence, time) = (cursor.u16()?, cursor.u32()?, cursor.u64()?);
                self.message(channel, time);
            }
            _ => {}
        }
        Some(())
    }

    fn message(&mut self, channel: u16, time_ns: u64) {
        *self.counts.entry(channel).or_default() += 1;
        let (start, end) = self.span_ns.unwrap_or((time_ns, time_ns));
        self.span_ns = Some((start.min(time_ns), end.max(time_ns)));
    }

    pub(super) fn into_scan(self, bytes: u64, problem: Option<String>) -> Scan {
        // A message whose channel is not described cannot be read by anyone: it is not counted.
        let channels = self.channels.into_iter().map(|(id, (topic, schema))| Channel {
            topic,
            type_name: self.schemas.get(&schema).cloned(),
            messages: self.counts.get(&id).copied().unwrap_or(0),
        });
        Scan {
            bytes,
            channels: channels.collect(),
            span_ns: self.span_ns,
            problem,
            ledger: self.ledger,
        }
    }
}
