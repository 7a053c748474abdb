//! What the machine says about a run, and the record that keeps it.

use std::collections::BTreeMap;

use mcap::records::Metadata;

use super::ledger::RUN;
use super::request::RecordRequest;
use crate::clock::Timestamp;

/// Longest text of a note, tag, name, bookmark or fact, in bytes: what is longer is cut.
pub(super) const TEXT_MAX: usize = 16 * 1024;

/// Name, tags, note, robot and host.
pub(super) fn run_record(request: &RecordRequest) -> Metadata {
    let mut facts = request.facts.clone();
    let host = rustix::system::uname();
    let text = |text: &std::ffi::CStr| text.to_string_lossy().into_owned();
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let known = [
        ("name", request.notes.name.clone()),
        ("note", request.notes.note.clone()),
        (
            "tags",
            (!request.notes.tags.is_empty()).then(|| request.notes.tags.join(", ")),
        ),
        ("host", Some(text(host.nodename()))),
        (
            "system",
            Some(format!("{} {}", text(host.sysname()), text(host.release()))),
        ),
        ("machine", Some(text(host.machine()))),
        (
            "software",
            Some(concat!("roswave ", env!("CARGO_PKG_VERSION")).to_owned()),
        ),
        ("ros_distro", variable("ROS_DISTRO")),
        ("ros_domain_id", variable("ROS_DOMAIN_ID")),
        ("rmw", variable("RMW_IMPLEMENTATION")),
        ("started_ns", Some(Timestamp::now().0.to_string())),
    ];
    facts.extend(
        known
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?))),
    );
    let metadata: BTreeMap<String, String> = facts.into_iter().map(|(name, value)| (name, cut(value))).collect();
    Metadata {
        name: RUN.to_owned(),
        metadata,
    }
}

/// The text, no longer than it may be.
pub(super) fn cut(mut text: String) -> String {
    let mut end = text.len().min(TEXT_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}
