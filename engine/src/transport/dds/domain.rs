//! Cyclone's domain and our participant in it, and what the kernel granted them.

#![allow(unsafe_code)]

use std::collections::HashMap;
use std::ffi::CStr;
use std::os::raw::c_void;
use std::sync::{Arc, Mutex, Once, PoisonError, Weak};

use cyclors::*;

use super::config::Settings;
use super::entity::{Entity, c_name};
use super::sockets;
use crate::message::Gid;
use crate::transport::TransportError;

/// One domain of this process. Cyclone allows one of each number, so participants share it.
#[derive(Debug)]
struct Domain {
    number: u32,
    handle: dds_entity_t,
    sockets: sockets::Granted,
}

static DOMAINS: Mutex<Option<HashMap<u32, Weak<Domain>>>> = Mutex::new(None);

/// What Cyclone said last while a domain was made: the reason behind a bare error code.
static LAST_WORDS: Mutex<String> = Mutex::new(String::new());

impl Domain {
    fn open(settings: &Settings) -> Result<Arc<Self>, TransportError> {
        let mut domains = DOMAINS.lock().unwrap_or_else(PoisonError::into_inner);
        let domains = domains.get_or_insert_with(HashMap::new);
        if let Some(domain) = domains.get(&settings.domain).and_then(Weak::upgrade) {
            return Ok(domain);
        }
        route_log();
        let failed = |reason| TransportError::Join {
            domain: settings.domain,
            reason,
        };
        last_words().clear();
        let before = sockets::open_udp();
        let config = c_name(&settings.xml());
        // SAFETY: the text outlives the call.
        let handle = unsafe { dds_create_domain(settings.domain, config.as_ptr()) };
        if handle <= 0 {
            return Err(failed(explain(&super::entity::reason(handle))));
        }
        let domain = Arc::new(Self {
            number: settings.domain,
            handle,
            sockets: sockets::Granted::since(&before),
        });
        let _ = domains.insert(settings.domain, Arc::downgrade(&domain));
        Ok(domain)
    }
}

impl Drop for Domain {
    fn drop(&mut self) {
        // Under the lock, so that nobody makes the domain anew while it goes.
        let mut domains = DOMAINS.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: a handle that was made by `dds_create_domain` and is deleted once; joins Cyclone's threads.
        let _ = unsafe { dds_delete(self.handle) };
        if let Some(domains) = domains.as_mut() {
            let dead = domains
                .get(&self.number)
                .is_some_and(|domain| domain.strong_count() == 0);
            if dead {
                let _ = domains.remove(&self.number);
            }
        }
    }
}

/// Our participant. Its fields are dropped in this order.
#[derive(Debug)]
pub(super) struct Participant {
    entity: Entity,
    gid: Gid,
    domain: Arc<Domain>,
}

impl Participant {
    pub(super) fn join(settings: &Settings) -> Result<Self, TransportError> {
        let domain = Domain::open(settings)?;
        let failed = |reason: String| TransportError::Join {
            domain: settings.domain,
            reason: explain(&reason),
        };
        let entity = Entity::participant(settings.domain).map_err(failed)?;
        let gid = entity
            .gid()
            .ok_or_else(|| failed("the participant has no GUID".to_owned()))?;
        Ok(Self { entity, gid, domain })
    }

    pub(super) fn entity(&self) -> &Entity {
        &self.entity
    }

    pub(super) fn gid(&self) -> Gid {
        self.gid
    }

    pub(super) fn sockets(&self) -> &sockets::Granted {
        &self.domain.sockets
    }
}

fn last_words() -> std::sync::MutexGuard<'static, String> {
    LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Turns an error of Cyclone's into a sentence with the way out.
fn explain(code: &str) -> String {
    let words = last_words().clone();
    let has = |part: &str| words.contains(part);
    if has("interface") {
        format!(
            "no network interface can be used ({words}): bring one up (`ip link set lo up` is enough for this machine), \
             or name one in CYCLONEDDS_URI"
        )
    } else if has("participant index") {
        format!("too many DDS participants run on this machine ({words}): end some, or choose another ROS_DOMAIN_ID")
    } else if has("config") || has("CYCLONEDDS_URI") || has("unknown element") || has("not found") {
        format!("the configuration was refused ({words}): correct CYCLONEDDS_URI")
    } else if words.is_empty() {
        code.to_owned()
    } else {
        format!("{code} ({words})")
    }
}

/// Sends Cyclone's warnings to our log in place of standard error.
fn route_log() {
    static ONCE: Once = Once::new();
    // SAFETY: the function stays for the life of the process, and needs no argument.
    ONCE.call_once(|| unsafe { dds_set_log_sink(Some(on_log), std::ptr::null_mut()) });
}

unsafe extern "C" fn on_log(_: *mut c_void, data: *const dds_log_data_t) {
    // SAFETY: Cyclone gives a message that is valid and ends with a zero byte during the call.
    let (priority, text) = unsafe { ((*data).priority, CStr::from_ptr((*data).message).to_string_lossy()) };
    let text = text.trim_end();
    if priority & (DDS_LC_FATAL | DDS_LC_ERROR) != 0 {
        tracing::error!(target: "cyclonedds", "{text}");
    } else {
        tracing::warn!(target: "cyclonedds", "{text}");
    }
    let mut words = last_words();
    words.clear();
    words.push_str(text);
}
