//! The schemas and channels of a recording, numbered once for all its files.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;

use mcap::records::op;

use super::ChannelInfo;
use super::records::Records;
use crate::bag::BagChannel;
use crate::bag::write::metadata::qos_text;
use crate::ingest::TopicIndex;

/// A type, as the files describe it. Without a definition it is a name only, which the format provides for.
#[derive(Debug)]
pub(super) struct SchemaRecord {
    id: u16,
    name: String,
    text: Option<String>,
}

/// A channel, as the files describe it.
#[derive(Debug)]
pub(super) struct ChannelRecord {
    pub id: u16,
    /// Whose messages it carries.
    pub topic: TopicIndex,
    pub schema: Arc<SchemaRecord>,
    info: ChannelInfo,
    metadata: BTreeMap<String, String>,
}

impl SchemaRecord {
    pub fn id(&self) -> u16 {
        self.id
    }

    pub fn write(&self, out: &mut Records) {
        let encoding = if self.text.is_some() { "ros2msg" } else { "" };
        out.record(op::SCHEMA, |body| {
            body.u16(self.id);
            body.text(&self.name);
            body.text(encoding);
            body.text(self.text.as_deref().unwrap_or_default());
        });
    }
}

impl ChannelRecord {
    /// The channel as it stands in tables.
    pub fn described(&self) -> BagChannel {
        BagChannel {
            index: usize::from(self.id),
            topic: self.info.name.as_str().to_owned(),
            type_name: self.info.type_name.as_str().to_owned(),
            definition: self.info.definition.clone(),
            other_definition: None,
            serialization: "cdr".to_owned(),
            offered_qos: self.info.offered_qos.clone(),
            type_hash: self.info.type_hash.as_ref().map(|hash| hash.0.to_string()),
            messages: 0,
        }
    }

    pub fn write(&self, out: &mut Records) {
        out.record(op::CHANNEL, |body| {
            body.u16(self.id);
            body.u16(self.schema.id);
            body.text(self.info.name.as_str());
            body.text("cdr");
            body.map(&self.metadata);
        });
    }
}

/// All of them.
#[derive(Default)]
pub(super) struct Channels {
    schemas: HashMap<(String, Option<String>), Arc<SchemaRecord>>,
    channels: HashMap<(TopicIndex, u16, BTreeMap<String, String>), Arc<ChannelRecord>>,
}

impl Channels {
    /// The channel that is described so; made when there is none.
    pub fn add(&mut self, info: &ChannelInfo) -> io::Result<Arc<ChannelRecord>> {
        let many = || io::Error::other("an MCAP file holds at most 65535 types and channels");
        let type_name = info.type_name.as_str().to_owned();
        // The number 0 stands for no schema.
        let next = u16::try_from(self.schemas.len() + 1).map_err(|_| many())?;
        let schema = self
            .schemas
            .entry((type_name.clone(), info.definition.clone()))
            .or_insert_with(|| {
                Arc::new(SchemaRecord {
                    id: next,
                    name: type_name,
                    text: info.definition.clone(),
                })
            });
        let hash = info.type_hash.as_ref().map_or("", |hash| &hash.0);
        let metadata = BTreeMap::from([
            ("offered_qos_profiles".to_owned(), qos_text(&info.offered_qos)),
            ("topic_type_hash".to_owned(), hash.to_owned()),
        ]);
        let next = u16::try_from(self.channels.len()).map_err(|_| many())?;
        let channel = self
            .channels
            .entry((info.topic, schema.id, metadata.clone()))
            .or_insert_with(|| {
                Arc::new(ChannelRecord {
                    id: next,
                    topic: info.topic,
                    schema: Arc::clone(schema),
                    info: info.clone(),
                    metadata,
                })
            });
        Ok(Arc::clone(channel))
    }
}
