//! Cyclone's own discovery topics, turned into events of the graph.

#![allow(unsafe_code)]

use std::collections::{HashMap, HashSet};
use std::ffi::CStr;
use std::os::raw::c_char;
use std::ptr;
use std::sync::Arc;

use cyclors::*;

use super::bell::Bell;
use super::domain::Participant;
use super::entity::{Entity, Policies, Ready, announced_qos};
use super::node_info;
use super::reader::Reader;
use super::sertype::Batch;
use crate::graph::{Direction, Endpoint, GraphEvent, Vendor};
use crate::message::Gid;
use crate::qos::Qos;
use crate::transport::ReaderId;

/// Announcements kept between two looks; each participant sends one per change.
const NODE_INFO_DEPTH: u32 = 10_000;
const LOANS: usize = 32;

/// One of Cyclone's discovery readers. The reader is dropped before the flag that its callback sets.
#[derive(Debug)]
struct Builtin {
    reader: Entity,
    ready: Ready,
}

/// Watches participants, endpoints and nodes.
pub(super) struct Discovery {
    participants: Builtin,
    writers: Builtin,
    readers: Builtin,
    nodes: Reader,
    batch: Box<Batch>,
    own: Gid,
    /// Endpoints of topics with keys, by their DDS topic: a reader without keys would not match them.
    keyed: HashMap<Gid, Arc<str>>,
    /// Participants whose announcement could not be read, said once each.
    warned: HashSet<Gid>,
}

impl Discovery {
    pub(super) fn new(participant: &Participant, bell: &Arc<Bell>) -> Result<Self, String> {
        let entity = participant.entity();
        let builtin = |topic| {
            let ready = Ready::new(bell);
            let reader = Entity::reader(entity, topic, None, &ready)?;
            // Local endpoints are there before the reader: have a first look without a ring.
            ready.again();
            Ok::<_, String>(Builtin { reader, ready })
        };
        let policies = Policies::for_reader(&Qos::LATCHED, NODE_INFO_DEPTH, None);
        Ok(Self {
            participants: builtin(DDS_BUILTIN_TOPIC_DCPSPARTICIPANT)?,
            writers: builtin(DDS_BUILTIN_TOPIC_DCPSPUBLICATION)?,
            readers: builtin(DDS_BUILTIN_TOPIC_DCPSSUBSCRIPTION)?,
            nodes: Reader::raw(
                entity,
                ReaderId(u32::MAX),
                (node_info::TOPIC, node_info::TYPE),
                &policies,
                NODE_INFO_DEPTH,
                false,
                bell,
            )?,
            batch: Batch::new(),
            own: participant.gid(),
            keyed: HashMap::new(),
            warned: HashSet::new(),
        })
    }

    /// The reader of `ros_discovery_info`, which belongs to our node too.
    pub(super) fn node_reader(&self) -> Option<Gid> {
        self.nodes.gid
    }

    /// True when endpoints of others on this DDS topic have keys.
    pub(super) fn is_keyed(&self, dds_topic: &str) -> bool {
        self.keyed.values().any(|topic| &**topic == dds_topic)
    }

    /// Appends what changed since the last call.
    pub(super) fn poll(&mut self, events: &mut Vec<GraphEvent>) {
        let own = self.own;
        self.participants.take(|sample, alive| {
            // SAFETY: samples of this reader have this type, and are valid during the call.
            let gid = Gid(unsafe { (*sample.cast::<dds_builtintopic_participant_t>()).key.v });
            if gid == own {
                return;
            }
            events.push(if alive {
                GraphEvent::ParticipantSeen(gid, vendor(gid))
            } else {
                GraphEvent::ParticipantLost(gid)
            });
        });
        for (builtin, direction) in [(&self.writers, Direction::Writer), (&self.readers, Direction::Reader)] {
            let keyed = &mut self.keyed;
            builtin.take(|sample, alive| {
                // SAFETY: samples of both readers have this type, and are valid during the call.
                let endpoint = unsafe { &*sample.cast::<dds_builtintopic_endpoint_t>() };
                let gid = Gid(endpoint.key.v);
                if !alive {
                    let _ = keyed.remove(&gid);
                    events.push(GraphEvent::EndpointLost(gid));
                    return;
                }
                // SAFETY: as above.
                let endpoint = unsafe { describe(endpoint, direction, own) };
                if has_key(gid) && !endpoint.own {
                    let _ = keyed.insert(gid, Arc::clone(&endpoint.dds_topic));
                }
                events.push(GraphEvent::EndpointSeen(endpoint));
            });
        }
        let Self {
            nodes, batch, warned, ..
        } = self;
        nodes.take(batch, |taken| match node_info::parse(&taken.payload) {
            Some((participant, mut nodes)) => {
                for node in &mut nodes {
                    node.own = participant == own;
                }
                events.push(GraphEvent::NodesSeen(participant, nodes));
            }
            None => {
                let from = taken
                    .origin
                    .map_or_else(Gid::default, |(writer, _)| writer.participant());
                if warned.insert(from) {
                    tracing::warn!(
                        "participant {from} announces its nodes in {} bytes that cannot be read",
                        taken.payload.len()
                    );
                }
            }
        });
    }
}

impl Builtin {
    /// Gives each changed entry, and whether it is there or gone.
    fn take(&self, mut each: impl FnMut(*const std::os::raw::c_void, bool)) {
        if !self.ready.take() {
            return;
        }
        loop {
            let mut samples = [ptr::null_mut(); LOANS];
            // SAFETY: plain numbers and a `bool`, for which zero is a value.
            let mut infos: [dds_sample_info_t; LOANS] = unsafe { std::mem::zeroed() };
            // SAFETY: both arrays have `LOANS` places; null pointers ask for a loan, which is returned below.
            let count = unsafe {
                dds_take(
                    self.reader.raw(),
                    samples.as_mut_ptr(),
                    infos.as_mut_ptr(),
                    LOANS,
                    LOANS as u32,
                )
            };
            let Ok(taken @ 1..) = usize::try_from(count) else {
                return;
            };
            for (sample, info) in samples.iter().zip(&infos).take(taken) {
                let alive = info.instance_state == dds_instance_state_DDS_IST_ALIVE;
                if !sample.is_null() && (info.valid_data || !alive) {
                    each(sample.cast_const(), alive);
                }
            }
            // SAFETY: returns what was lent above.
            let _ = unsafe { dds_return_loan(self.reader.raw(), samples.as_mut_ptr(), count) };
        }
    }
}

/// # Safety
/// The endpoint's pointers must be Cyclone's.
unsafe fn describe(endpoint: &dds_builtintopic_endpoint_t, direction: Direction, own: Gid) -> Endpoint {
    // SAFETY: as the caller says.
    let (qos, type_hash) = unsafe { announced_qos(endpoint.qos, direction == Direction::Writer) };
    let gid = Gid(endpoint.key.v);
    Endpoint {
        gid,
        direction,
        // SAFETY: as the caller says.
        dds_topic: unsafe { text(endpoint.topic_name) },
        // SAFETY: as the caller says.
        dds_type: unsafe { text(endpoint.type_name) },
        qos,
        type_hash,
        vendor: vendor(gid),
        own: Gid(endpoint.participant_key.v) == own,
    }
}

/// A name as announced; bytes that are not UTF-8 show as U+FFFD.
///
/// # Safety
/// The pointer must be null or a text that ends with a zero byte.
unsafe fn text(name: *const c_char) -> Arc<str> {
    if name.is_null() {
        return "".into();
    }
    // SAFETY: as the caller says.
    unsafe { CStr::from_ptr(name) }.to_string_lossy().into()
}

/// The vendor id that the makers put into the first two bytes of their GUIDs.
fn vendor(gid: Gid) -> Vendor {
    match [gid.0[0], gid.0[1]] {
        [1, 0x10] => Vendor::CycloneDds,
        [1, 0x0f] => Vendor::FastDds,
        [0, 0] => Vendor::Unknown,
        other => Vendor::Other(other),
    }
}

/// The last byte of a GUID says what the entity is: 2 a writer with keys, 7 a reader with keys.
fn has_key(gid: Gid) -> bool {
    matches!(gid.0[15] & 0x3f, 0x02 | 0x07)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_tell_vendor_and_keys() {
        let gid = |head: [u8; 2], kind: u8| {
            let mut bytes = [0; 16];
            bytes[..2].copy_from_slice(&head);
            bytes[15] = kind;
            Gid(bytes)
        };
        assert_eq!(vendor(gid([1, 0x10], 3)), Vendor::CycloneDds);
        assert_eq!(vendor(gid([1, 0x0f], 3)), Vendor::FastDds);
        assert_eq!(vendor(gid([0, 0], 3)), Vendor::Unknown);
        assert_eq!(vendor(gid([1, 0x12], 3)), Vendor::Other([1, 0x12]));
        assert!(has_key(gid([1, 0x10], 0x02)) && has_key(gid([1, 0x10], 0x07)));
        assert!(!has_key(gid([1, 0x10], 0x03)) && !has_key(gid([1, 0x10], 0x04)));
    }
}
