//! What Cyclone calls: the functions of the opaque type and of its samples.

use std::mem::MaybeUninit;
use std::os::raw::c_void;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

use cyclors::*;

use super::{
    HEADER_BYTES, Origin, SerData, SerType, new_serdata, roswave_dds_assemble, roswave_dds_origin, sequences_work,
};
use crate::message::Gid;
use crate::transport::dds::config::MAX_SAMPLE_BYTES;

pub(super) struct Table<T>(pub(super) T);
// SAFETY: tables of function pointers that nobody writes to.
unsafe impl<T> Sync for Table<T> {}
// SAFETY: as above.
unsafe impl<T> Send for Table<T> {}

pub(super) static SERDATA: Table<ddsi_serdata_ops> = Table(ddsi_serdata_ops {
    eqkey: Some(eqkey),
    get_size: Some(get_size),
    from_ser: Some(from_ser),
    from_ser_iov: Some(from_ser_iov),
    from_keyhash: Some(from_keyhash),
    from_sample: None,
    to_ser: Some(to_ser),
    to_ser_ref: Some(to_ser_ref),
    to_ser_unref: Some(to_ser_unref),
    to_sample: None,
    to_untyped: Some(to_untyped),
    untyped_to_sample: None,
    free: Some(free_serdata),
    print: None,
    get_keyhash: Some(get_keyhash),
    from_loaned_sample: None,
    from_psmx: None,
});

pub(super) static SERTYPE: LazyLock<Table<ddsi_sertype_ops>> = LazyLock::new(|| {
    // SAFETY: a table of optional function pointers; null is `None`.
    let mut operations: ddsi_sertype_ops = unsafe { std::mem::zeroed() };
    operations.version = Some(ddsi_sertype_v0);
    operations.free = Some(free_sertype);
    operations.zero_samples = Some(zero_samples);
    operations.realloc_samples = Some(realloc_samples);
    operations.free_samples = Some(free_samples);
    operations.equal = Some(equal);
    operations.hash = Some(hash);
    Table(operations)
});

unsafe extern "C" fn from_ser(
    sertype: *const ddsi_sertype,
    kind: ddsi_serdata_kind,
    fragments: *const ddsi_rdata,
    size: usize,
) -> *mut ddsi_serdata {
    // SAFETY: Cyclone calls this only for types that carry this table, thus for a `SerType`; the fragments stay valid
    // during the call. The payload counts as initialised only when every byte of it was written.
    unsafe {
        let counters = &(*sertype.cast::<SerType>()).counters;
        if !(HEADER_BYTES..=MAX_SAMPLE_BYTES).contains(&size) {
            let _ = counters.refused.fetch_add(1, Ordering::Relaxed);
            return ptr::null_mut();
        }
        let mut payload: Arc<[MaybeUninit<u8>]> = Arc::new_uninit_slice(size);
        let room = Arc::get_mut(&mut payload).map_or(ptr::null_mut(), |room| room.as_mut_ptr().cast());
        if roswave_dds_assemble(fragments, room, size) != 1 {
            let _ = counters.refused.fetch_add(1, Ordering::Relaxed);
            return ptr::null_mut();
        }
        let mut origin = Origin::default();
        let known = sequences_work() && roswave_dds_origin(fragments, &raw mut origin) == 1;
        new_serdata(
            sertype,
            kind,
            Some(payload.assume_init()),
            known.then_some((Gid(origin.writer), origin.sequence)),
            (kind == ddsi_serdata_kind_SDK_DATA).then(|| Arc::clone(counters)),
        )
    }
}

/// For samples of this very process: from one of our writers' types to a reader's.
unsafe extern "C" fn from_ser_iov(
    sertype: *const ddsi_sertype,
    kind: ddsi_serdata_kind,
    count: ddsrt_msg_iovlen_t,
    parts: *const ddsrt_iovec_t,
    size: usize,
) -> *mut ddsi_serdata {
    // SAFETY: Cyclone gives `count` parts that are valid during the call, and a type of ours.
    unsafe {
        let mut payload = Vec::with_capacity(size.min(MAX_SAMPLE_BYTES));
        for part in std::slice::from_raw_parts(parts, count) {
            payload.extend_from_slice(std::slice::from_raw_parts(part.iov_base.cast(), part.iov_len));
        }
        payload.truncate(size);
        let counters = Arc::clone(&(*sertype.cast::<SerType>()).counters);
        let counted = (kind == ddsi_serdata_kind_SDK_DATA).then_some(counters);
        new_serdata(sertype, kind, Some(payload.into()), None, counted)
    }
}

unsafe extern "C" fn from_keyhash(_: *const ddsi_sertype, _: *const ddsi_keyhash) -> *mut ddsi_serdata {
    // A dispose that carries only the hash of a key says nothing to a reader of raw bytes.
    ptr::null_mut()
}

unsafe extern "C" fn eqkey(a: *const ddsi_serdata, b: *const ddsi_serdata) -> bool {
    // SAFETY: two samples of our kind. All samples of one type are one instance: keys are inside the opaque bytes.
    unsafe { (*a).hash == (*b).hash }
}

unsafe extern "C" fn get_size(data: *const ddsi_serdata) -> u32 {
    // SAFETY: a sample of our kind.
    let payload = unsafe { &(*data.cast::<SerData>()).payload };
    payload
        .as_ref()
        .map_or(0, |bytes| u32::try_from(bytes.len()).unwrap_or(u32::MAX))
}

unsafe extern "C" fn to_ser(data: *const ddsi_serdata, offset: usize, size: usize, to: *mut c_void) {
    // SAFETY: a sample of our kind; `to` has room for `size` bytes, and no more than the payload holds is copied.
    unsafe {
        let payload: &[u8] = (*data.cast::<SerData>()).payload.as_deref().unwrap_or_default();
        let rest = payload.get(offset..).unwrap_or_default();
        let count = rest.len().min(size);
        ptr::copy_nonoverlapping(rest.as_ptr(), to.cast(), count);
        ptr::write_bytes(to.cast::<u8>().add(count), 0, size - count);
    }
}

unsafe extern "C" fn to_ser_ref(
    data: *const ddsi_serdata,
    offset: usize,
    size: usize,
    out: *mut ddsrt_iovec_t,
) -> *mut ddsi_serdata {
    // SAFETY: a sample of our kind. The reference counted here keeps the payload alive until `to_ser_unref`.
    unsafe {
        let payload: &[u8] = (*data.cast::<SerData>()).payload.as_deref().unwrap_or_default();
        let rest = payload.get(offset..).unwrap_or_default();
        (*out).iov_base = rest.as_ptr().cast_mut().cast();
        (*out).iov_len = rest.len().min(size) as _;
        let data = data.cast_mut();
        let count = AtomicU32::from_ptr((&raw mut (*data).refc).cast());
        let _ = count.fetch_add(1, Ordering::AcqRel);
        data
    }
}

unsafe extern "C" fn to_ser_unref(data: *mut ddsi_serdata, _: *const ddsrt_iovec_t) {
    // SAFETY: gives back the reference that `to_ser_ref` counted.
    unsafe { ddsi_serdata_unref(data) };
}

unsafe extern "C" fn to_untyped(data: *const ddsi_serdata) -> *mut ddsi_serdata {
    // SAFETY: a sample of our kind, with its type alive during the call.
    unsafe {
        let untyped = new_serdata((*data).type_, ddsi_serdata_kind_SDK_KEY, None, None, None);
        (*untyped).type_ = ptr::null();
        untyped
    }
}

unsafe extern "C" fn free_serdata(data: *mut ddsi_serdata) {
    // SAFETY: the last reference is gone; the box was made in `new_serdata`.
    let data = unsafe { Box::from_raw(data.cast::<SerData>()) };
    if let (Some(counters), false) = (&data.counters, data.taken.load(Ordering::Relaxed)) {
        let _ = counters.overrun.fetch_add(1, Ordering::Relaxed);
    }
}

unsafe extern "C" fn get_keyhash(_: *const ddsi_serdata, out: *mut ddsi_keyhash, _: bool) {
    // SAFETY: Cyclone gives room for one hash.
    unsafe { (*out).value = [0; 16] };
}

unsafe extern "C" fn free_sertype(sertype: *mut ddsi_sertype) {
    // SAFETY: the last reference is gone; the box was made in `create_topic`.
    unsafe {
        ddsi_sertype_fini(sertype);
        drop(Box::from_raw(sertype.cast::<SerType>()));
    }
}

unsafe extern "C" fn zero_samples(_: *const ddsi_sertype, _: *mut c_void, _: usize) {}

unsafe extern "C" fn realloc_samples(_: *mut *mut c_void, _: *const ddsi_sertype, _: *mut c_void, _: usize, _: usize) {}

unsafe extern "C" fn free_samples(_: *const ddsi_sertype, _: *mut *mut c_void, _: usize, _: dds_free_op_t) {}

unsafe extern "C" fn equal(a: *const ddsi_sertype, b: *const ddsi_sertype) -> bool {
    // Each has counters of its own.
    ptr::eq(a, b)
}

unsafe extern "C" fn hash(sertype: *const ddsi_sertype) -> u32 {
    // SAFETY: a type of ours.
    unsafe { (*sertype).serdata_basehash }
}
