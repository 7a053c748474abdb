//! From paths to what is wanted of each field, and what to say when a path leads nowhere.

use std::collections::BTreeMap;

use super::PlanError;
use crate::cdr::FieldPath;
use crate::schema::layout::{Count, Field, Item, Layout};
use crate::schema::{Primitive, is_time};

/// What is wanted, as a tree over the fields.
#[derive(Default)]
pub(super) struct Want {
    /// Of the value itself.
    pub(super) slots: Vec<usize>,
    pub(super) fields: BTreeMap<usize, Want>,
    pub(super) elements: BTreeMap<u32, Want>,
}

/// Follows a path through the definitions and notes it in the tree.
pub(super) fn resolve(layout: &Layout, path: &FieldPath, slot: usize, want: &mut Want) -> Result<Primitive, PlanError> {
    let ty = || layout.messages[0].name.to_string();
    let mut at = want;
    let mut message = Some(0);
    let mut end: Option<(&Field, bool)> = None;
    for segment in path.segments() {
        let Some(owner) = message.map(|m: usize| &layout.messages[m]) else {
            let (field, _) = end.expect("a path has a first segment");
            return Err(PlanError::NoField {
                path: path.to_string(),
                ty: ty(),
                have: format!("`{}`, a {} without fields", field.name, kind_of(layout, field)),
            });
        };
        let Some(position) = owner.fields.iter().position(|f| *f.name == *segment.name) else {
            return Err(PlanError::NoField {
                path: path.to_string(),
                ty: owner.name.to_string(),
                have: names(&owner.fields),
            });
        };
        let field = &owner.fields[position];
        at = at.fields.entry(position).or_default();
        if let Some(index) = segment.index {
            let length = match field.count {
                Count::One => {
                    return Err(PlanError::NoElements {
                        path: path.to_string(),
                        ty: ty(),
                        field: field.name.to_string(),
                        kind: kind_of(layout, field),
                    });
                }
                Count::Fixed(length) => Some(length),
                Count::Sequence { bound } => bound,
            };
            if let Some(length) = length.filter(|&length| index >= length) {
                return Err(PlanError::PastEnd {
                    path: path.to_string(),
                    ty: ty(),
                    field: field.name.to_string(),
                    length,
                });
            }
            at = at.elements.entry(index).or_default();
        }
        let single = segment.index.is_some() || field.count == Count::One;
        message = match field.item {
            Item::Message(inner) if single => Some(inner),
            _ => None,
        };
        end = Some((field, single));
    }
    let (field, single) = end.expect("a path has a first segment");
    at.slots.push(slot);
    match field.item {
        Item::Primitive(primitive) if single => Ok(primitive),
        Item::Message(inner) if single && is_time(&layout.messages[inner].name) => Ok(Primitive::F64),
        _ => Err(PlanError::NotNumeric {
            path: path.to_string(),
            ty: ty(),
            kind: kind_of(layout, field),
            way_out: match field.item {
                _ if !single => format!("choose an element, such as `{path}[0]`"),
                Item::Message(inner) => {
                    format!("choose one of its fields: {}", names(&layout.messages[inner].fields))
                }
                _ => "text cannot be drawn".to_owned(),
            },
        }),
    }
}

fn names(fields: &[Field]) -> String {
    const MOST: usize = 24;
    if fields.is_empty() {
        return "no fields".to_owned();
    }
    let mut names: Vec<&str> = fields.iter().take(MOST).map(|f| &*f.name).collect();
    if fields.len() > MOST {
        names.push("…");
    }
    names.join(", ")
}

fn kind_of(layout: &Layout, field: &Field) -> String {
    let item = match field.item {
        Item::Primitive(primitive) => primitive.as_str(),
        Item::String { .. } => "string",
        Item::WString { .. } => "wstring",
        Item::Message(inner) => layout.messages[inner].name.as_str(),
    };
    match field.count {
        Count::One => item.to_owned(),
        Count::Fixed(length) => format!("{item}[{length}]"),
        Count::Sequence { .. } => format!("{item}[]"),
    }
}
