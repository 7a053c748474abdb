//! `ros_discovery_info`: which nodes live in a participant, and which endpoints are theirs.
//!
//! The type is `rmw_dds_common/msg/ParticipantEntitiesInfo`. A GID has 16 bytes since ROS 2 Iron and 24 in Humble, where
//! the last eight are zero.

use crate::graph::Node;
use crate::message::Gid;

/// The topic's name on the wire.
pub(super) const TOPIC: &str = "ros_discovery_info";
/// The type's name on the wire.
pub(super) const TYPE: &str = "rmw_dds_common::msg::dds_::ParticipantEntitiesInfo_";

/// Reads one announcement: the participant and its nodes. `None` when the bytes do not make one.
pub(super) fn parse(payload: &[u8]) -> Option<(Gid, Vec<Node>)> {
    parse_with(payload, 16).or_else(|| parse_with(payload, 24))
}

fn parse_with(payload: &[u8], gid_bytes: usize) -> Option<(Gid, Vec<Node>)> {
    let little = match payload.get(..2)? {
        [0, 1] => true,
        [0, 0] => false,
        _ => return None,
    };
    let mut cursor = Cursor {
        body: payload.get(4..)?,
        at: 0,
        little,
        gid_bytes,
    };
    let participant = cursor.gid()?;
    let count = cursor.u32()?;
    // Grows as the bytes are really there: a count alone reserves nothing.
    let mut nodes = Vec::new();
    for _ in 0..count {
        let namespace = cursor.string()?;
        let name = cursor.string()?;
        let mut endpoints = cursor.gids()?;
        endpoints.extend(cursor.gids()?);
        nodes.push(Node {
            name,
            namespace,
            participant,
            endpoints,
            own: false,
        });
    }
    // Anything but padding behind the end means that the GIDs had another length.
    (cursor.body.len() - cursor.at < 4).then_some((participant, nodes))
}

struct Cursor<'a> {
    body: &'a [u8],
    at: usize,
    little: bool,
    gid_bytes: usize,
}

impl Cursor<'_> {
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let end = self.at.checked_add(count)?;
        let bytes = self.body.get(self.at..end)?;
        self.at = end;
        Some(bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.at = self.at.next_multiple_of(4);
        let little = self.little;
        let bytes = self.take(4)?.try_into().ok()?;
        Some(if little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    }

    fn string(&mut self) -> Option<String> {
        let length = self.u32()? as usize;
        let bytes = self.take(length)?;
        let text = bytes.strip_suffix(&[0]).unwrap_or(bytes);
        Some(String::from_utf8_lossy(text).into_owned())
    }

    fn gid(&mut self) -> Option<Gid> {
        let length = self.gid_bytes;
        self.take(length)?.first_chunk().map(|bytes| Gid(*bytes))
    }

    fn gids(&mut self) -> Option<Vec<Gid>> {
        let count = self.u32()?;
        let mut gids = Vec::new();
        for _ in 0..count {
            gids.push(self.gid()?);
        }
        Some(gids)
    }
}

/// Writes the announcement of a participant with one node.
pub(super) fn encode(participant: Gid, namespace: &str, name: &str, readers: &[Gid], writers: &[Gid]) -> Vec<u8> {
    let mut out = vec![0, 1, 0, 0];
    out.extend_from_slice(&participant.0);
    let word = |out: &mut Vec<u8>, value: usize| {
        out.resize(out.len().next_multiple_of(4), 0);
        out.extend_from_slice(&u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes());
    };
    word(&mut out, 1);
    for text in [namespace, name] {
        word(&mut out, text.len() + 1);
        out.extend_from_slice(text.as_bytes());
        out.push(0);
    }
    for gids in [readers, writers] {
        word(&mut out, gids.len());
        for gid in gids {
            out.extend_from_slice(&gid.0);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gid(n: u8) -> Gid {
        Gid([n; 16])
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = encode(gid(1), "/arm", "driver", &[gid(2)], &[gid(3), gid(4)]);
        let (participant, nodes) = parse(&bytes).expect("our own announcement");
        assert_eq!(participant, gid(1));
        assert_eq!(nodes.len(), 1);
        assert_eq!(nodes[0].full_name(), "/arm/driver");
        assert_eq!(nodes[0].endpoints, [gid(2), gid(3), gid(4)]);
    }

    #[test]
    fn the_long_gids_of_humble_are_read() {
        let mut bytes = vec![0, 1, 0, 0];
        let long = |n: u8| [vec![n; 16], vec![0; 8]].concat();
        bytes.extend(long(1));
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend([2, 0, 0, 0, b'/', 0, 0, 0]);
        bytes.extend([2, 0, 0, 0, b'n', 0, 0, 0]);
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(long(2));
        bytes.extend(0_u32.to_le_bytes());
        let (participant, nodes) = parse(&bytes).expect("an announcement");
        assert_eq!(participant, gid(1));
        assert_eq!(nodes[0].full_name(), "/n");
        assert_eq!(nodes[0].endpoints, [gid(2)]);
    }

    #[test]
    fn a_cut_announcement_is_refused() {
        let bytes = encode(gid(1), "/", "node", &[gid(2)], &[]);
        for end in 0..bytes.len() - 4 {
            assert_eq!(parse(&bytes[..end]), None, "cut at {end}");
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }
    }
}
