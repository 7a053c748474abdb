//! Fields that are marked to be carried together.

use std::collections::BTreeSet;

use roswave_engine::signal::FieldRef;

use crate::scope::tree::{FieldKind, Row, Tree};

/// The marked fields.
#[derive(Debug, Default)]
pub(super) struct Marks {
    fields: BTreeSet<FieldRef>,
    /// Where a range begins.
    anchor: Option<FieldRef>,
}

impl Tree {
    /// True when a field is marked.
    #[must_use]
    pub fn is_marked(&self, at: &FieldRef) -> bool {
        self.marks.fields.contains(at)
    }

    /// Marks a field, or takes its mark away.
    pub fn toggle_mark(&mut self, at: FieldRef) {
        if !self.marks.fields.remove(&at) {
            let _ = self.marks.fields.insert(at.clone());
        }
        self.marks.anchor = Some(at);
    }

    /// Marks all fields from the one that was clicked last to this one, as they stand in the tree.
    pub fn mark_until(&mut self, at: &FieldRef) {
        let fields: Vec<&FieldRef> = self.rows.iter().filter_map(number).collect();
        let place = |wanted: &FieldRef| fields.iter().position(|field| *field == wanted);
        let from = self.marks.anchor.as_ref().and_then(place);
        let Some(to) = place(at) else {
            return;
        };
        let from = from.unwrap_or(to);
        let range = fields.get(from.min(to)..=from.max(to)).unwrap_or_default();
        self.marks.fields = range.iter().map(|field| (*field).clone()).collect();
        if self.marks.anchor.is_none() {
            self.marks.anchor = Some(at.clone());
        }
    }

    /// Begins ranges at this field.
    pub fn anchor(&mut self, at: FieldRef) {
        self.marks.anchor = Some(at);
    }

    /// Takes all marks away. False when there was none.
    pub fn clear_marks(&mut self) -> bool {
        let some = !self.marks.fields.is_empty();
        self.marks = Marks::default();
        some
    }

    /// What is carried with a field: all that are marked, when it is one of them, in the order of the tree.
    #[must_use]
    pub fn carried_with(&self, at: &FieldRef) -> Vec<FieldRef> {
        if !self.is_marked(at) {
            return vec![at.clone()];
        }
        let marked = self
            .rows
            .iter()
            .filter_map(number)
            .filter(|field| self.is_marked(field));
        let marked: Vec<FieldRef> = marked.cloned().collect();
        // The tree may have closed over some of them meanwhile.
        let mut all = marked.clone();
        all.extend(
            self.marks
                .fields
                .iter()
                .filter(|field| !marked.contains(field))
                .cloned(),
        );
        all
    }
}

/// The field of a row that a chart can draw.
fn number(row: &Row) -> Option<&FieldRef> {
    match row {
        Row::Field {
            at,
            kind: FieldKind::Number,
            ..
        } => Some(at),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(text: &str) -> FieldRef {
        text.parse().expect("a field")
    }

    fn tree() -> Tree {
        let rows = ["/a:x", "/a:y", "/b:x", "/b:y"].map(|text| Row::Field {
            at: field(text),
            label: text.to_owned(),
            depth: 0,
            kind: FieldKind::Number,
            unit: None,
        });
        Tree {
            rows: rows.to_vec(),
            ..Tree::default()
        }
    }

    #[test]
    fn a_range_is_marked_and_carried_in_order() {
        let mut tree = tree();
        tree.anchor(field("/b:x"));
        tree.mark_until(&field("/a:y"));
        assert_eq!(tree.carried_with(&field("/b:x")), [field("/a:y"), field("/b:x")]);
        assert_eq!(tree.carried_with(&field("/b:y")), [field("/b:y")], "not one of them");
        tree.toggle_mark(field("/b:y"));
        tree.toggle_mark(field("/b:x"));
        assert_eq!(tree.carried_with(&field("/a:y")), [field("/a:y"), field("/b:y")]);
        assert!(tree.clear_marks() && !tree.clear_marks());
    }

    #[test]
    fn a_range_without_a_begin_is_one_field() {
        let mut tree = tree();
        tree.mark_until(&field("/a:y"));
        assert_eq!(tree.carried_with(&field("/a:y")), [field("/a:y")]);
        tree.mark_until(&field("/nowhere:z"));
        assert_eq!(tree.carried_with(&field("/a:y")), [field("/a:y")]);
    }
}
