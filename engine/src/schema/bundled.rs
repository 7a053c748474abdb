//! The definitions that the program carries, so that it needs no ROS on the machine.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use crate::name::TypeName;

/// Written by `assets/definitions/generate.py`: per definition `=` x 80, `MSG: package/Type`, the text.
const TEXT: &str = include_str!("../../../assets/definitions/jazzy.msgs");

static INDEX: LazyLock<BTreeMap<TypeName, &'static str>> = LazyLock::new(|| {
    TEXT.split("================================================================================\n")
        .filter_map(|section| {
            let (name, text) = section.strip_prefix("MSG: ")?.split_once('\n')?;
            Some((TypeName::new(name).ok()?, text))
        })
        .collect()
});

pub(super) fn text(name: &TypeName) -> Option<Arc<str>> {
    INDEX.get(name).copied().map(Arc::from)
}

/// The types that are bundled, by name.
pub fn names() -> impl Iterator<Item = &'static TypeName> {
    INDEX.keys()
}
