//! An opaque type for Cyclone: payloads stay the bytes that they were on the wire.
//!
//! Cyclone asks a type to make a `serdata` from each received sample. Ours puts the fragments together once, into an
//! `Arc<[u8]>`, notes the time, the writer and its sequence number, and is taken out of the reader's cache by
//! [`take`]. A serdata that is freed without having been taken was overrun in the cache: that makes
//! [`Counters::overrun`] exact.

#![allow(unsafe_code)]

mod table;
mod take;

use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use cyclors::*;

use super::config::MAX_SAMPLE_BYTES;
use super::entity::{Entity, c_name, reason};
use crate::clock::Timestamp;
use crate::message::Gid;
use table::{SERDATA, SERTYPE};

pub(super) use take::{Batch, Taken, take, writer_gid};

/// The encapsulation header that every payload starts with.
const HEADER_BYTES: usize = 4;

#[repr(C)]
#[derive(Default)]
struct Origin {
    writer: [u8; 16],
    sequence: u64,
}

unsafe extern "C" {
    fn roswave_dds_origin(first: *const ddsi_rdata, out: *mut Origin) -> i32;
    fn roswave_dds_assemble(first: *const ddsi_rdata, to: *mut u8, size: usize) -> i32;
    fn roswave_dds_self_test() -> i32;
}

/// Whether the receive path of the linked library is laid out as the shim believes. Tested once per process.
pub(super) fn sequences_work() -> bool {
    // SAFETY: touches only buffers of its own.
    static PASSED: LazyLock<bool> = LazyLock::new(|| unsafe { roswave_dds_self_test() } == 1);
    *PASSED
}

/// What happened to the payloads of one reader.
#[derive(Debug, Default)]
pub(super) struct Counters {
    /// Overwritten or expired in the reader's cache before they were taken.
    pub(super) overrun: AtomicU64,
    /// Refused: too large, too short, or with a hole.
    pub(super) refused: AtomicU64,
}

/// The type, one for each of our readers and writers.
#[repr(C)]
struct SerType {
    native: ddsi_sertype,
    counters: Arc<Counters>,
}

/// One sample. Shared between Cyclone's threads by its reference count; `taken` is the only field that changes.
#[repr(C)]
struct SerData {
    native: ddsi_serdata,
    payload: Option<Arc<[u8]>>,
    received: Timestamp,
    /// Present for samples that came over the network.
    origin: Option<(Gid, u64)>,
    /// Present where an overrun counts.
    counters: Option<Arc<Counters>>,
    taken: AtomicBool,
}

/// Makes a topic of an opaque type.
pub(super) fn create_topic(
    participant: &Entity,
    topic: &str,
    type_name: &str,
    keyed: bool,
    counters: &Arc<Counters>,
) -> Result<Entity, String> {
    let flags = if keyed { 0 } else { DDSI_SERTYPE_FLAG_TOPICKIND_NO_KEY };
    let (topic, type_name) = (c_name(topic), c_name(type_name));
    // SAFETY: `ddsi_sertype_init_flags` fills the zeroed native part. The reference made there passes to Cyclone when
    // the topic was made, and is given back here when it was not. The names are copied.
    unsafe {
        let sertype = Box::into_raw(Box::new(SerType {
            native: std::mem::zeroed(),
            counters: Arc::clone(counters),
        }));
        let mut native: *mut ddsi_sertype = sertype.cast();
        ddsi_sertype_init_flags(native, type_name.as_ptr(), &SERTYPE.0, &SERDATA.0, flags);
        // Distinguishes the types in Cyclone's table of instances.
        (*native).serdata_basehash = next_hash();
        let handle = dds_create_topic_sertype(
            participant.raw(),
            topic.as_ptr(),
            &raw mut native,
            ptr::null(),
            ptr::null(),
            ptr::null(),
        );
        if handle <= 0 {
            ddsi_sertype_unref(native);
        }
        Entity::from_raw(handle)
    }
}

fn next_hash() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b1)
}

/// Writes a payload, stamped with the present time.
pub(super) fn write(writer: &Entity, payload: &[u8]) -> Result<(), String> {
    if !(HEADER_BYTES..=MAX_SAMPLE_BYTES).contains(&payload.len()) {
        return Err(format!(
            "a payload of {} bytes is outside {HEADER_BYTES} to {MAX_SAMPLE_BYTES}",
            payload.len()
        ));
    }
    let mut sertype: *const ddsi_sertype = ptr::null();
    // SAFETY: the type lives as long as the writer, which `writer` owns. The new sample's only reference passes to
    // Cyclone with the write, whatever its outcome.
    let code = unsafe {
        let code = dds_get_entity_sertype(writer.raw(), &raw mut sertype);
        if code != 0 {
            return Err(reason(code));
        }
        let sample = new_serdata(sertype, ddsi_serdata_kind_SDK_DATA, Some(padded(payload)), None, None);
        (*sample).timestamp.v = Timestamp::now().0;
        dds_forwardcdr(writer.raw(), sample)
    };
    if code == 0 { Ok(()) } else { Err(reason(code)) }
}

/// RTPS moves payloads in words of four bytes; how many bytes are padding stands in the header's last two bits.
fn padded(payload: &[u8]) -> Arc<[u8]> {
    let padding = payload.len().wrapping_neg() % 4;
    if padding == 0 {
        return payload.into();
    }
    let mut bytes = payload.to_vec();
    bytes.resize(payload.len() + padding, 0);
    if let Some(options) = bytes.get_mut(3) {
        *options = (*options & !3) | padding as u8;
    }
    bytes.into()
}

unsafe fn new_serdata(
    sertype: *const ddsi_sertype,
    kind: ddsi_serdata_kind,
    payload: Option<Arc<[u8]>>,
    origin: Option<(Gid, u64)>,
    counters: Option<Arc<Counters>>,
) -> *mut ddsi_serdata {
    let data: *mut ddsi_serdata = Box::into_raw(Box::new(SerData {
        // SAFETY: pointers and numbers; filled by `ddsi_serdata_init` below.
        native: unsafe { std::mem::zeroed() },
        payload,
        received: Timestamp::now(),
        origin,
        counters,
        taken: AtomicBool::new(false),
    }))
    .cast();
    // SAFETY: the caller gives a type that is alive; the native part is the first field of what was just made.
    unsafe {
        ddsi_serdata_init(data, sertype, kind);
        (*data).hash = (*sertype).serdata_basehash;
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_linked_library_is_laid_out_as_the_shim_believes() {
        assert!(sequences_work());
    }
}
