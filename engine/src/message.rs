//! A message as it arrived: raw bytes and what the transport knows about them.

use std::fmt;
use std::sync::Arc;

use crate::clock::Timestamp;

/// The identity of a DDS endpoint or of a participant: its 16-byte GUID.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Gid(pub [u8; 16]);

impl Gid {
    /// The GUID of the participant that this endpoint belongs to: same prefix, entity 0x000001c1.
    #[must_use]
    pub fn participant(self) -> Self {
        let mut bytes = self.0;
        bytes[12..].copy_from_slice(&[0, 0, 1, 0xc1]);
        Self(bytes)
    }
}

impl fmt::Display for Gid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            if i > 0 && i % 4 == 0 {
                f.write_str(":")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Gid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One message as it arrived. Cloning it counts a reference; the payload is never copied.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// CDR with its four-byte encapsulation header.
    pub payload: Arc<[u8]>,
    /// When the writer wrote it, by the writer's clock.
    pub source_time: Option<Timestamp>,
    /// When the payload was whole on this machine.
    pub receive_time: Timestamp,
    /// Who wrote it.
    pub writer: Gid,
    /// The writer's sequence number, when the transport can tell it.
    pub sequence: Option<u64>,
}
