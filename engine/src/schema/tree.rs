//! Walking the fields of a type, for a topic tree that unfolds step by step.

use super::{FieldType, Schema, units};
use crate::cdr::FieldPath;
use crate::name::TypeName;

/// A field as a tree shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Child<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its type.
    pub ty: &'a FieldType,
    /// True if a chart can draw it as it stands.
    pub numeric: bool,
    /// True if it holds fields or elements of its own.
    pub expandable: bool,
}

impl Schema {
    /// The fields of the type, or of one that it depends on, in the order of the definition. Nothing for other types.
    pub fn children<'a>(&'a self, name: &TypeName) -> impl Iterator<Item = Child<'a>> + use<'a> {
        self.definition(name)
            .map(|d| d.fields.as_slice())
            .unwrap_or_default()
            .iter()
            .map(|field| Child {
                name: &field.name,
                ty: &field.ty,
                numeric: field.ty.is_numeric(),
                expandable: matches!(
                    field.ty,
                    FieldType::Message(_) | FieldType::Array { .. } | FieldType::Sequence { .. }
                ),
            })
    }

    /// The type of the value at `path`; `None` when the type has no such field.
    #[must_use]
    pub fn field_type(&self, path: &FieldPath) -> Option<&FieldType> {
        let mut definition = Some(self.root());
        let mut found = None;
        for segment in path.segments() {
            let field = definition?.fields.iter().find(|f| f.name == segment.name)?;
            let ty = match segment.index {
                Some(_) => field.ty.element()?,
                None => &field.ty,
            };
            definition = match ty {
                FieldType::Message(name) => self.definition(name),
                _ => None,
            };
            found = Some(ty);
        }
        found
    }

    /// Paths of what a chart can draw, up to `limit` of them: elements of arrays are listed one by one, elements of
    /// sequences are not, because only a message tells how many there are. A time is listed whole and by its parts.
    #[must_use]
    pub fn leaves(&self, limit: usize) -> Vec<FieldPath> {
        let mut walk = Walk {
            out: Vec::new(),
            limit,
            steps: limit.saturating_mul(16).saturating_add(4096),
        };
        self.collect(None, self.type_name(), &mut walk);
        walk.out
    }

    fn collect(&self, prefix: Option<&FieldPath>, name: &TypeName, walk: &mut Walk) {
        for child in self.children(name) {
            if walk.is_over() {
                return;
            }
            let path = FieldPath::child(prefix, child.name);
            match child.ty {
                FieldType::Array { element, length } => {
                    for i in 0..*length {
                        if walk.is_over() {
                            return;
                        }
                        match &**element {
                            FieldType::Message(inner) => self.collect(Some(&path.element(i)), inner, walk),
                            ty if ty.is_numeric() => walk.out.push(path.element(i)),
                            _ => break,
                        }
                    }
                }
                _ if child.numeric && !child.expandable => walk.out.push(path),
                FieldType::Message(inner) => {
                    if child.numeric {
                        walk.out.push(path.clone());
                    }
                    self.collect(Some(&path), inner, walk);
                }
                _ => {}
            }
        }
    }

    /// Unit of a field of a well-known type: `angular_velocity.x` of `sensor_msgs/msg/Imu` is in `rad/s`. `None` where
    /// the definition does not fix one.
    #[must_use]
    pub fn unit(&self, path: &FieldPath) -> Option<&'static str> {
        let mut definition = Some(self.root());
        let mut unit = None;
        for segment in path.segments() {
            let owner = definition?;
            let field = owner.fields.iter().find(|f| f.name == segment.name)?;
            // The innermost definition that fixes a unit decides; a bare vector takes that of the field that holds it.
            unit = units::unit(&owner.name, segment.name).or(unit);
            let ty = match segment.index {
                Some(_) => field.ty.element()?,
                None => &field.ty,
            };
            definition = match ty {
                FieldType::Message(name) => self.definition(name),
                _ => None,
            };
        }
        unit
    }
}

/// The listing of leaves as it goes on. A small text can span a huge tree without a single number in it.
struct Walk {
    out: Vec<FieldPath>,
    limit: usize,
    steps: usize,
}

impl Walk {
    fn is_over(&mut self) -> bool {
        self.steps = self.steps.saturating_sub(1);
        self.steps == 0 || self.out.len() >= self.limit
    }
}
