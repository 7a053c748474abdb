//! Message definitions: the `.msg` parser, the RIHS01 hash, and where a type's definition came from.
//!
//! A [`Schema`] is a type with everything it depends on: complete, free of cycles, of bounded depth. It comes out of a
//! [`Registry`] (definitions bundled with the program, found on the disk, or added from a bag or the wire) or out of
//! [`Schema::parse`], which reads the `ros2msg` text of a recording.

mod bundled;
mod error;
mod hash;
pub(crate) mod layout;
mod parse;
mod registry;
mod tree;
mod types;
mod units;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::graph::TypeHash;
use crate::name::TypeName;

pub use bundled::names as bundled_names;
pub use error::SchemaError;
pub use registry::{Agreement, Found, Registry};
pub use tree::Child;
pub use types::{Constant, Definition, Field, FieldType, Primitive};

pub(crate) use types::is_time;

use layout::Layout;

/// Definitions that one type may depend on; the largest of the common packages has 17.
const MAX_DEFINITIONS: usize = 512;
/// How deep messages may nest; the common packages reach 6.
pub(crate) const MAX_DEPTH: usize = 32;
/// The line that parts the definitions of a `ros2msg` text.
const SEPARATOR: &str = "================================================================================";

/// Where a definition was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Among the texts that this program carries.
    Bundled,
    /// In a package under `AMENT_PREFIX_PATH`.
    Ament,
    /// A node told it (`get_type_description`).
    Wire,
    /// In a recording.
    Bag,
    /// In a directory that the user named.
    User,
}

/// Gives the text of a type's definition, or `None` when it does not know the type.
pub type Source<'a> = dyn FnMut(&TypeName) -> Result<Option<Arc<str>>, SchemaError> + 'a;

/// A type with everything it depends on: complete and free of cycles.
#[derive(Debug)]
pub struct Schema {
    /// The root first, then every dependency in the order that it is met.
    definitions: Vec<Definition>,
    index: BTreeMap<TypeName, usize>,
    origin: Origin,
    hash: TypeHash,
    text: Arc<str>,
    layout: Layout,
}

impl Schema {
    /// The type.
    #[must_use]
    pub fn type_name(&self) -> &TypeName {
        &self.root().name
    }

    /// The definition of the type itself.
    #[must_use]
    pub fn root(&self) -> &Definition {
        &self.definitions[0]
    }

    /// The definition of the type or of one that it depends on.
    #[must_use]
    pub fn definition(&self, name: &TypeName) -> Option<&Definition> {
        self.index.get(name).map(|&i| &self.definitions[i])
    }

    /// The root, then every dependency once.
    #[must_use]
    pub fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    /// Where the root's definition was found.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The RIHS01 hash computed from the definitions. Defaults, constants and comments do not count into it.
    #[must_use]
    pub fn hash(&self) -> &TypeHash {
        &self.hash
    }

    /// Text in the `ros2msg` form of MCAP: the root's text, then every dependency behind a line of 80 `=` and
    /// `MSG: pkg/Type`.
    #[must_use]
    pub fn ros2msg(&self) -> &str {
        &self.text
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Parses the `ros2msg` form. Definitions that `name` does not need are passed over.
    ///
    /// # Errors
    /// When a line makes no sense, a needed definition is missing, or the type contains itself.
    pub fn parse(name: &TypeName, ros2msg: &str, origin: Origin) -> Result<Self, SchemaError> {
        let sections = parse::sections(name, ros2msg)?;
        let mut schema = Self::build(name, origin, &mut |wanted| {
            Ok(sections.get(wanted).copied().map(Arc::from))
        })?;
        schema.text = ros2msg.into();
        Ok(schema)
    }

    /// Puts a type together from the texts that `source` knows.
    ///
    /// # Errors
    /// As for [`Schema::parse`], and what `source` itself returns.
    pub fn build(name: &TypeName, origin: Origin, source: &mut Source<'_>) -> Result<Self, SchemaError> {
        let text = source(name)?.ok_or_else(|| SchemaError::Unknown(name.clone()))?;
        let mut definitions = vec![parse::definition(name, text)?];
        let mut index = BTreeMap::from([(name.clone(), 0)]);
        let mut waiting = VecDeque::from([0_usize]);
        while let Some(at) = waiting.pop_front() {
            for f in 0..definitions[at].fields.len() {
                let Some(mut needed) = message_of(&definitions[at].fields[f].ty).cloned() else {
                    continue;
                };
                if index.contains_key(&needed) {
                    continue;
                }
                let mut text = source(&needed)?;
                if text.is_none() && needed.short() == "Header" {
                    // ROS 1 habit: a bare `Header` is the one of std_msgs unless the package has its own.
                    needed = TypeName::new("std_msgs/msg/Header").expect("a type name");
                    set_message(&mut definitions[at].fields[f].ty, &needed);
                    if index.contains_key(&needed) {
                        continue;
                    }
                    text = source(&needed)?;
                }
                let text = text.ok_or_else(|| SchemaError::Missing {
                    ty: needed.clone(),
                    needed_by: definitions[at].name.clone(),
                })?;
                if definitions.len() == MAX_DEFINITIONS {
                    return Err(SchemaError::TooLarge {
                        ty: name.clone(),
                        what: format!("it depends on more than {MAX_DEFINITIONS} types"),
                    });
                }
                let _ = index.insert(needed.clone(), definitions.len());
                waiting.push_back(definitions.len());
                definitions.push(parse::definition(&needed, text)?);
            }
        }
        let layout = Layout::of(&definitions, &index)?;
        let hash = hash::rihs01(&definitions);
        let text = ros2msg(&definitions).into();
        Ok(Self {
            definitions,
            index,
            origin,
            hash,
            text,
            layout,
        })
    }
}

/// The message that a field holds, bare or as elements.
fn message_of(ty: &FieldType) -> Option<&TypeName> {
    match ty {
        FieldType::Message(name) => Some(name),
        FieldType::Array { element, .. } | FieldType::Sequence { element, .. } => message_of(element),
        FieldType::Primitive(_) | FieldType::String { .. } | FieldType::WString { .. } => None,
    }
}

fn set_message(ty: &mut FieldType, to: &TypeName) {
    match ty {
        FieldType::Message(name) => *name = to.clone(),
        FieldType::Array { element, .. } | FieldType::Sequence { element, .. } => set_message(element, to),
        FieldType::Primitive(_) | FieldType::String { .. } | FieldType::WString { .. } => {}
    }
}

fn ros2msg(definitions: &[Definition]) -> String {
    let mut out = definitions[0].text.to_string();
    for definition in &definitions[1..] {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        out.push_str(SEPARATOR);
        out.push_str("\nMSG: ");
        out.push_str(definition.name.package());
        out.push('/');
        out.push_str(definition.name.short());
        out.push('\n');
        out.push_str(&definition.text);
    }
    out
}

#[cfg(test)]
mod tests;
