//! Handles of Cyclone's entities and policies, owned.

#![allow(unsafe_code)]

use std::ffi::{CStr, CString};
use std::os::raw::c_void;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cyclors::*;

use super::bell::Bell;
use crate::graph::TypeHash;
use crate::message::Gid;
use crate::qos::{Durability, History, Liveliness, Qos, Reliability};

/// How long a write may wait for a reliable reader that does not keep up.
const MAX_BLOCKING_NS: i64 = 100_000_000;
const INFINITE_NS: i64 = i64::MAX;

/// What a return code means, in Cyclone's words.
pub(super) fn reason(code: dds_return_t) -> String {
    // SAFETY: gives a static text for any code.
    let text = unsafe { CStr::from_ptr(dds_strretcode(-code)) };
    format!("Cyclone DDS says `{}`", text.to_string_lossy())
}

/// A handle that is deleted with its owner.
#[derive(Debug)]
pub(super) struct Entity(dds_entity_t);

impl Entity {
    /// Takes a handle that Cyclone just made, or its error.
    pub(super) fn from_raw(handle: dds_entity_t) -> Result<Self, String> {
        if handle > 0 {
            Ok(Self(handle))
        } else {
            Err(reason(handle))
        }
    }

    pub(super) fn raw(&self) -> dds_entity_t {
        self.0
    }

    /// The GUID on the wire.
    pub(super) fn gid(&self) -> Option<Gid> {
        let mut guid = dds_guid_t { v: [0; 16] };
        // SAFETY: `guid` outlives the call; a wrong handle gives an error.
        let code = unsafe { dds_get_guid(self.0, &raw mut guid) };
        (code == 0).then_some(Gid(guid.v))
    }

    /// A participant of ours in `domain`.
    pub(super) fn participant(domain: u32) -> Result<Self, String> {
        let policies = Policies::new();
        policies.user_data(b"enclave=/;");
        // SAFETY: the policies outlive the call, which copies them.
        Self::from_raw(unsafe { dds_create_participant(domain, policies.0, ptr::null()) })
    }

    /// A reader on one of Cyclone's own discovery topics, or on `topic`.
    pub(super) fn reader(
        participant: &Self,
        topic: dds_entity_t,
        policies: Option<&Policies>,
        ready: &Ready,
    ) -> Result<Self, String> {
        let policies = policies.map_or(ptr::null(), |p| p.0.cast_const());
        // SAFETY: the listener is copied into the reader. Its argument stays valid for as long as the reader lives,
        // because every owner of a `Ready` keeps it until after the reader's deletion, and deletion waits for
        // callbacks that are under way.
        unsafe {
            let listener = dds_create_listener(ptr::from_ref::<ReadyFlag>(&*ready.0).cast_mut().cast());
            dds_lset_data_available(listener, Some(on_data));
            let reader = dds_create_reader(participant.0, topic, policies, listener);
            dds_delete_listener(listener);
            Self::from_raw(reader)
        }
    }

    pub(super) fn writer(participant: &Self, topic: &Self, policies: &Policies) -> Result<Self, String> {
        // SAFETY: the policies outlive the call, which copies them.
        Self::from_raw(unsafe { dds_create_writer(participant.0, topic.0, policies.0, ptr::null()) })
    }

    /// Readers that match this writer.
    pub(super) fn matched_readers(&self) -> usize {
        // SAFETY: a plain structure of numbers, filled by the call when the handle is a writer's.
        let status = unsafe {
            let mut status: dds_publication_matched_status_t = std::mem::zeroed();
            (dds_get_publication_matched_status(self.0, &raw mut status) == 0).then_some(status)
        };
        status.map_or(0, |s| s.current_count as usize)
    }
}

impl Drop for Entity {
    fn drop(&mut self) {
        // SAFETY: handles are checked by Cyclone: one that went away with its parent gives an error and no harm.
        let _ = unsafe { dds_delete(self.0) };
    }
}

/// Set by Cyclone's threads when a reader has something, cleared by whoever takes it.
#[derive(Clone, Debug)]
pub(super) struct Ready(Arc<ReadyFlag>);

#[derive(Debug)]
struct ReadyFlag {
    set: AtomicBool,
    bell: Arc<Bell>,
}

impl Ready {
    pub(super) fn new(bell: &Arc<Bell>) -> Self {
        Self(Arc::new(ReadyFlag {
            set: AtomicBool::new(false),
            bell: Arc::clone(bell),
        }))
    }

    /// True if there may be data since the last call.
    pub(super) fn take(&self) -> bool {
        // Looked at before it is written: most readers have nothing, and a plain load is cheap.
        self.0.set.load(Ordering::SeqCst) && self.0.set.swap(false, Ordering::SeqCst)
    }

    /// There is more than was taken.
    pub(super) fn again(&self) {
        self.0.set.store(true, Ordering::SeqCst);
        self.0.bell.ring();
    }
}

/// Runs on Cyclone's receive threads: sets a flag and rings, nothing else.
unsafe extern "C" fn on_data(_: dds_entity_t, argument: *mut c_void) {
    // SAFETY: the argument is the `ReadyFlag` given to `dds_create_listener`, alive as said there.
    let flag = unsafe { &*argument.cast::<ReadyFlag>() };
    flag.set.store(true, Ordering::SeqCst);
    flag.bell.ring();
}

unsafe extern "C" {
    fn ddsi_plist_init_tables();
}

/// Policies in Cyclone's form, owned.
#[derive(Debug)]
pub(super) struct Policies(*mut dds_qos_t);

impl Policies {
    pub(super) fn new() -> Self {
        // Cyclone fills a table the first time that policies are freed, and looks at it without a lock: another thread
        // would free by a half-filled table. This call fills it once, under Cyclone's own lock.
        // SAFETY: no arguments; the first may be called at any time, the second aborts when out of memory.
        unsafe {
            ddsi_plist_init_tables();
            Self(dds_create_qos())
        }
    }

    /// For a reader that keeps `depth` messages between two takes.
    pub(super) fn for_reader(qos: &Qos, depth: u32, hash: Option<&TypeHash>) -> Self {
        let policies = Self::new();
        policies.common(qos);
        policies.history(History::KeepLast(depth));
        policies.type_hash(hash);
        policies
    }

    /// For a writer.
    pub(super) fn for_writer(qos: &Qos, hash: Option<&TypeHash>) -> Self {
        let policies = Self::new();
        policies.common(qos);
        policies.history(qos.history);
        policies.type_hash(hash);
        let (kind, depth) = native_history(qos.history);
        // SAFETY: plain numbers into policies that we own.
        unsafe {
            if qos.durability == Durability::TransientLocal {
                // What late joiners get, in Cyclone a setting of its own.
                dds_qset_durability_service(policies.0, 0, kind, depth, -1, -1, -1);
            }
            dds_qset_writer_data_lifecycle(policies.0, false);
            if let Some(lifespan) = qos.lifespan_ns {
                dds_qset_lifespan(policies.0, lifespan);
            }
        }
        policies
    }

    fn common(&self, qos: &Qos) {
        let reliability = match qos.reliability {
            Reliability::Reliable => dds_reliability_kind_DDS_RELIABILITY_RELIABLE,
            Reliability::BestEffort => dds_reliability_kind_DDS_RELIABILITY_BEST_EFFORT,
        };
        let durability = match qos.durability {
            Durability::TransientLocal => dds_durability_kind_DDS_DURABILITY_TRANSIENT_LOCAL,
            Durability::Volatile => dds_durability_kind_DDS_DURABILITY_VOLATILE,
        };
        let liveliness = match qos.liveliness {
            Liveliness::Automatic => dds_liveliness_kind_DDS_LIVELINESS_AUTOMATIC,
            Liveliness::ManualByParticipant => dds_liveliness_kind_DDS_LIVELINESS_MANUAL_BY_PARTICIPANT,
            Liveliness::ManualByTopic => dds_liveliness_kind_DDS_LIVELINESS_MANUAL_BY_TOPIC,
        };
        // SAFETY: plain numbers into policies that we own.
        unsafe {
            dds_qset_reliability(self.0, reliability, MAX_BLOCKING_NS);
            dds_qset_durability(self.0, durability);
            if let Some(deadline) = qos.deadline_ns {
                dds_qset_deadline(self.0, deadline);
            }
            dds_qset_liveliness(self.0, liveliness, qos.liveliness_lease_ns.unwrap_or(INFINITE_NS));
        }
    }

    fn history(&self, history: History) {
        let (kind, depth) = native_history(history);
        // SAFETY: plain numbers into policies that we own.
        unsafe { dds_qset_history(self.0, kind, depth) };
    }

    fn type_hash(&self, hash: Option<&TypeHash>) {
        if let Some(hash) = hash {
            self.user_data(format!("typehash={};", hash.0).as_bytes());
        }
    }

    fn user_data(&self, bytes: &[u8]) {
        // SAFETY: the bytes are copied by the call.
        unsafe { dds_qset_userdata(self.0, bytes.as_ptr().cast(), bytes.len()) };
    }
}

impl Drop for Policies {
    fn drop(&mut self) {
        // SAFETY: made by `dds_create_qos` and deleted once.
        unsafe { dds_delete_qos(self.0) };
    }
}

fn native_history(history: History) -> (dds_history_kind_t, i32) {
    match history {
        History::KeepLast(depth) => (
            dds_history_kind_DDS_HISTORY_KEEP_LAST,
            i32::try_from(depth.max(1)).unwrap_or(i32::MAX),
        ),
        History::KeepAll => (dds_history_kind_DDS_HISTORY_KEEP_ALL, 0),
        History::Unknown => (dds_history_kind_DDS_HISTORY_KEEP_LAST, 1),
    }
}

/// A name for C; the part before a zero byte, should there be one.
pub(super) fn c_name(name: &str) -> CString {
    let sound = name.split('\0').next().unwrap_or_default();
    CString::new(sound).unwrap_or_default()
}

/// Policies as announced by a peer. What is absent has the value that DDS gives it: Cyclone leaves out all defaults.
///
/// # Safety
/// `policies` must point to policies of Cyclone's, or be null.
pub(super) unsafe fn announced_qos(policies: *const dds_qos_t, is_writer: bool) -> (Qos, Option<TypeHash>) {
    let mut qos = Qos {
        reliability: if is_writer {
            Reliability::Reliable
        } else {
            Reliability::BestEffort
        },
        history: History::Unknown,
        ..Qos::RELIABLE
    };
    if policies.is_null() {
        return (qos, None);
    }
    let finite = |ns: i64| (ns != INFINITE_NS).then_some(ns);
    let (mut kind, mut ns, mut depth) = (0, 0_i64, 0_i32);
    // SAFETY: every out-pointer is a local; each value is read only when the call says that it was there.
    unsafe {
        if dds_qget_reliability(policies, &raw mut kind, &raw mut ns) {
            qos.reliability = if kind == dds_reliability_kind_DDS_RELIABILITY_RELIABLE {
                Reliability::Reliable
            } else {
                Reliability::BestEffort
            };
        }
        if dds_qget_durability(policies, &raw mut kind) && kind != dds_durability_kind_DDS_DURABILITY_VOLATILE {
            qos.durability = Durability::TransientLocal;
        }
        if dds_qget_history(policies, &raw mut kind, &raw mut depth) {
            qos.history = if kind == dds_history_kind_DDS_HISTORY_KEEP_ALL {
                History::KeepAll
            } else {
                u32::try_from(depth).map_or(History::Unknown, History::KeepLast)
            };
        }
        if dds_qget_deadline(policies, &raw mut ns) {
            qos.deadline_ns = finite(ns);
        }
        if dds_qget_lifespan(policies, &raw mut ns) {
            qos.lifespan_ns = finite(ns);
        }
        if dds_qget_liveliness(policies, &raw mut kind, &raw mut ns) {
            qos.liveliness = match kind {
                k if k == dds_liveliness_kind_DDS_LIVELINESS_MANUAL_BY_PARTICIPANT => Liveliness::ManualByParticipant,
                k if k == dds_liveliness_kind_DDS_LIVELINESS_MANUAL_BY_TOPIC => Liveliness::ManualByTopic,
                _ => Liveliness::Automatic,
            };
            qos.liveliness_lease_ns = finite(ns);
        }
        let (mut data, mut size) = (ptr::null_mut::<c_void>(), 0_usize);
        let mut hash = None;
        if dds_qget_userdata(policies, &raw mut data, &raw mut size) && !data.is_null() {
            hash = type_hash(std::slice::from_raw_parts(data.cast(), size));
            dds_free(data);
        }
        (qos, hash)
    }
}

/// Finds `typehash=RIHS01_<64 hexadecimal digits>;` among the entries of an endpoint's user data.
fn type_hash(user_data: &[u8]) -> Option<TypeHash> {
    let entry = user_data
        .split(|byte| *byte == b';')
        .find_map(|entry| entry.strip_prefix(b"typehash="))?;
    let digits = entry.strip_prefix(b"RIHS01_")?;
    let sound = digits.len() == 64 && digits.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(entry).ok()?;
    sound.then(|| TypeHash(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_hashes_are_found_and_checked() {
        let hash = format!("RIHS01_{}", "0a".repeat(32));
        let found = type_hash(format!("a=1;typehash={hash};").as_bytes()).expect("a hash");
        assert_eq!(&*found.0, hash);
        assert_eq!(type_hash(b"typehash=RIHS01_00;"), None);
        assert_eq!(type_hash(b"\xff\xfe"), None);
        assert_eq!(type_hash(b""), None);
    }

    #[test]
    fn policies_survive_the_way_through_cyclone() {
        let hash = TypeHash(format!("RIHS01_{}", "f".repeat(64)).into());
        for qos in [Qos::RELIABLE, Qos::SENSOR, Qos::LATCHED] {
            let native = Policies::for_writer(&qos, Some(&hash));
            // SAFETY: policies made above.
            let (back, back_hash) = unsafe { announced_qos(native.0, true) };
            assert_eq!((back, back_hash), (qos, Some(hash.clone())));
        }
    }

    #[test]
    fn absent_policies_are_the_defaults_of_dds() {
        let native = Policies::new();
        // SAFETY: policies made above.
        let (writer, reader) = unsafe { (announced_qos(native.0, true).0, announced_qos(native.0, false).0) };
        assert_eq!(writer.reliability, Reliability::Reliable);
        assert_eq!(reader.reliability, Reliability::BestEffort);
        assert_eq!(writer.durability, Durability::Volatile);
        assert_eq!(writer.history, History::Unknown);
        assert_eq!(writer.deadline_ns, None);
    }
}
