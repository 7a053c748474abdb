//! The last message before a time: what a late joiner of a latched topic would have been given.

use super::messages::{last_in_block, numbers_of, unpacked};
use super::{Bag, BagError, Content, OwnedMessage, Part, sqlite_file};

impl Bag {
    /// The last message of a topic that was received before `before_ns`; `None` when there is none.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn last_before(&self, topic: &str, before_ns: u64) -> Result<Option<OwnedMessage>, BagError> {
        let mut last: Option<OwnedMessage> = None;
        for part in &self.0.parts {
            let found = self.last_in_part(part, topic, before_ns)?;
            let is_later = |found: &OwnedMessage| {
                let known = last.as_ref().map(|last| last.log_time_ns);
                known.is_none_or(|known| found.log_time_ns >= known)
            };
            if let Some(found) = found.filter(is_later) {
                last = Some(found);
            }
        }
        Ok(last)
    }

    fn last_in_part(&self, part: &Part, topic: &str, before_ns: u64) -> Result<Option<OwnedMessage>, BagError> {
        let numbers = numbers_of(part, &self.0.channels, topic);
        if numbers.is_empty() {
            return Ok(None);
        }
        let path = self
            .0
            .files
            .get(part.file)
            .map(|file| file.path.clone())
            .unwrap_or_default();
        let found = match &part.content {
            Content::Mcap(file) => {
                let wants = |channel: u16| numbers.contains_key(&i64::from(channel));
                let mut blocks: Vec<_> = file
                    .blocks
                    .iter()
                    .filter(|block| block.span_ns.0 < before_ns && block.may_hold(wants))
                    .collect();
                blocks.sort_by_key(|block| std::cmp::Reverse(block.span_ns.1));
                let mut last = None::<OwnedMessage>;
                for block in blocks {
                    // What ends earlier cannot hold a later one.
                    if last.as_ref().is_some_and(|last| last.log_time_ns > block.span_ns.1) {
                        break;
                    }
                    let found = last_in_block(block, &file.file, wants, before_ns);
                    let found = found.map_err(|error| BagError::io(&path, error))?;
                    let Some((head, payload)) = found else { continue };
                    if last.as_ref().is_some_and(|last| last.log_time_ns >= head.log_time_ns) {
                        continue;
                    }
                    last = numbers.get(&i64::from(head.channel)).map(|channel| OwnedMessage {
                        channel: *channel,
                        sequence: Some(head.sequence),
                        log_time_ns: head.log_time_ns,
                        publish_time_ns: head.publish_time_ns,
                        payload,
                    });
                }
                last
            }
            Content::Sqlite(file) => {
                let ids: Vec<i64> = numbers.keys().copied().collect();
                let found =
                    sqlite_file::last_before(&file.path, &ids, before_ns).map_err(|error| BagError::NotSqlite {
                        path: path.clone(),
                        what: error.to_string(),
                    })?;
                found.and_then(|message| {
                    let time_ns = sqlite_file::time(message.time_ns);
                    numbers.get(&message.topic).map(|channel| OwnedMessage {
                        channel: *channel,
                        sequence: None,
                        log_time_ns: time_ns,
                        publish_time_ns: time_ns,
                        payload: message.data,
                    })
                })
            }
        };
        Ok(found.and_then(|mut message| {
            message.payload = unpacked(std::mem::take(&mut message.payload))?;
            Some(message)
        }))
    }
}
