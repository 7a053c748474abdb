//! Taking samples out of a reader's cache.

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use cyclors::*;

use super::SerData;
use crate::clock::Timestamp;
use crate::message::Gid;
use crate::transport::dds::entity::Entity;

/// Room for one take, reused.
pub(in crate::transport::dds) struct Batch {
    samples: [*mut ddsi_serdata; Self::SIZE],
    infos: [dds_sample_info_t; Self::SIZE],
}

// SAFETY: the pointers are only set within one call of `take`.
unsafe impl Send for Batch {}

impl Batch {
    const SIZE: usize = 64;

    pub(in crate::transport::dds) fn new() -> Box<Self> {
        Box::new(Self {
            samples: [ptr::null_mut(); Self::SIZE],
            // SAFETY: plain numbers and a `bool`, for which zero is a value.
            infos: unsafe { std::mem::zeroed() },
        })
    }
}

/// One message, taken out of a reader.
pub(in crate::transport::dds) struct Taken {
    pub(in crate::transport::dds) payload: Arc<[u8]>,
    pub(in crate::transport::dds) received: Timestamp,
    pub(in crate::transport::dds) source: Option<Timestamp>,
    /// Writer and sequence number as they stood in the packet.
    pub(in crate::transport::dds) origin: Option<(Gid, u64)>,
    /// Cyclone's name for the writer within this process.
    pub(in crate::transport::dds) publication: u64,
}

/// Takes what `reader` holds, at most `limit` messages; false when more may be left.
pub(in crate::transport::dds) fn take(
    reader: &Entity,
    batch: &mut Batch,
    limit: usize,
    mut each: impl FnMut(Taken),
) -> bool {
    let mut count = 0;
    while count < limit {
        // SAFETY: both arrays have `SIZE` places. A handle that was deleted gives an error.
        let taken = unsafe {
            dds_takecdr(
                reader.raw(),
                batch.samples.as_mut_ptr(),
                Batch::SIZE as u32,
                batch.infos.as_mut_ptr(),
                DDS_ANY_STATE,
            )
        };
        let taken = usize::try_from(taken).unwrap_or(0);
        for (sample, info) in batch.samples.iter().zip(&batch.infos).take(taken) {
            // SAFETY: Cyclone filled the first `taken` places with samples of this reader, thus of our own kind, and
            // gave us a reference to each, which is returned here once.
            unsafe {
                let data = &*sample.cast_const().cast::<SerData>();
                data.taken.store(true, Ordering::Relaxed);
                if let (true, Some(payload)) = (info.valid_data, &data.payload) {
                    each(Taken {
                        payload: Arc::clone(payload),
                        received: data.received,
                        source: (info.source_timestamp > 0).then_some(Timestamp(info.source_timestamp)),
                        origin: data.origin,
                        publication: info.publication_handle,
                    });
                }
                ddsi_serdata_unref(*sample);
            }
        }
        count += taken;
        if taken < Batch::SIZE {
            return true;
        }
    }
    false
}

/// The GUID of a writer that `reader` is matched with.
pub(in crate::transport::dds) fn writer_gid(reader: &Entity, publication: u64) -> Option<Gid> {
    // SAFETY: gives a structure of its own or null, freed here.
    unsafe {
        let endpoint = dds_get_matched_publication_data(reader.raw(), publication);
        if endpoint.is_null() {
            return None;
        }
        let gid = Gid((*endpoint).key.v);
        dds_builtintopic_free_endpoint(endpoint);
        Some(gid)
    }
}
