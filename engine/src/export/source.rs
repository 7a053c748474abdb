//! The topics of a recording and what is wanted of each.

use std::sync::Arc;

use super::ExportError;
use super::shape::{COLUMNS_MAX, Shape};
use super::table::{Cell, Column, Kind};
use crate::bag::{BagChannel, BagMessage};
use crate::cdr::{DecodeError, FieldPath, Value};
use crate::name::TypeName;
use crate::schema::{FieldType, Origin, Registry, Schema};

/// The columns that every table begins with.
const TIMES: [&str; 2] = ["receive_ns", "source_ns"];
/// Names that an error lists.
const LISTED: usize = 12;

/// Arrays that are longer than a table is wide, each with the length that it was cut to.
pub(super) type Cut = Vec<(String, usize)>;

/// A field that was asked for.
struct Wanted {
    /// Only of this topic.
    topic: Option<String>,
    path: FieldPath,
}

/// One step from a value to a part of it.
#[derive(Clone, Copy)]
enum Step {
    Field(usize),
    Element(usize),
}

/// A part of a message that becomes columns; the whole message where the path is empty.
struct Pick {
    path: String,
    steps: Vec<Step>,
    shape: Shape,
}

/// A topic with one of its types.
struct Topic {
    /// Its place among the channels of the bag.
    index: usize,
    name: String,
    type_name: String,
    schema: Arc<Schema>,
    picks: Vec<Pick>,
    width: usize,
}

impl Topic {
    fn varies(&self) -> bool {
        self.picks.iter().any(|pick| pick.shape.varies())
    }
}

/// The topics, in the order that they are met.
pub(super) struct Topics {
    names: Vec<String>,
    wanted: Vec<Wanted>,
    found: Vec<Topic>,
    registry: Option<Registry>,
}

impl Topics {
    pub(super) fn new(names: &[String], fields: &[String]) -> Result<Self, ExportError> {
        let wanted = fields.iter().map(|text| wanted(text)).collect::<Result<Vec<_>, _>>()?;
        for topic in wanted.iter().filter_map(|field| field.topic.as_ref()) {
            if !names.contains(topic) {
                return Err(ExportError::NoField {
                    field: format!("{topic}:…"),
                    place: "the chosen topics".to_owned(),
                    have: format!("they are {}; add --topic {topic}", names.join(", ")),
                });
            }
        }
        Ok(Self {
            names: names.to_vec(),
            wanted,
            found: Vec::new(),
            registry: None,
        })
    }

    fn position(&self, channel: &BagChannel) -> Option<usize> {
        self.found.iter().position(|known| known.index == channel.index)
    }

    /// Learns what a topic holds.
    pub(super) fn learn(&mut self, channel: &BagChannel) -> Result<(), ExportError> {
        let schema = self.schema(channel)?;
        let picks = self.picks(&channel.topic, &schema)?;
        self.found.push(Topic {
            index: channel.index,
            name: channel.topic.clone(),
            type_name: channel.type_name.clone(),
            schema,
            picks,
            width: 0,
        });
        Ok(())
    }

    fn schema(&mut self, channel: &BagChannel) -> Result<Arc<Schema>, ExportError> {
        let topic = || channel.topic.clone();
        let name = TypeName::new(&channel.type_name).map_err(|_| ExportError::Type {
            topic: topic(),
            type_name: channel.type_name.clone(),
        })?;
        let found = match &channel.definition {
            Some(text) => Schema::parse(&name, text, Origin::Bag).map(Arc::new),
            None => {
                let registry = self.registry.get_or_insert_with(Registry::from_environment);
                registry.find(&name, None).map(|found| found.schema)
            }
        };
        found.map_err(|source| ExportError::Schema { topic: topic(), source })
    }

    fn picks(&self, topic: &str, schema: &Schema) -> Result<Vec<Pick>, ExportError> {
        let too_large = |_| ExportError::TooLarge {
            topic: topic.to_owned(),
        };
        if self.wanted.is_empty() {
            return Ok(vec![Pick {
                path: String::new(),
                steps: Vec::new(),
                shape: Shape::of(schema).map_err(too_large)?,
            }]);
        }
        let here = |field: &&Wanted| field.topic.as_ref().is_none_or(|only| only == topic);
        let paths: Vec<&FieldPath> = self.wanted.iter().filter(here).map(|field| &field.path).collect();
        let mut picks = Vec::new();
        for (index, path) in paths.iter().enumerate() {
            // What is part of another field would be there twice.
            let covered = |(other_index, other): (usize, &&FieldPath)| {
                (*other == *path && other_index < index) || is_part(path.as_str(), other.as_str())
            };
            if paths.iter().enumerate().any(covered) {
                continue;
            }
            let (steps, ty) = steps(schema, path).ok_or_else(|| no_field(path, topic, schema))?;
            picks.push(Pick {
                path: path.to_string(),
                steps,
                shape: Shape::of_field(schema, ty).map_err(too_large)?,
            });
        }
        if picks.is_empty() {
            let names = |field: &Wanted| field.path.to_string();
            let field = self.wanted.iter().map(names).collect::<Vec<_>>().join(", ");
            return Err(ExportError::NoField {
                field,
                place: topic.to_owned(),
                have: "name a field of each topic, or leave the topic out".to_owned(),
            });
        }
        Ok(picks)
    }

    /// True when messages have to be looked at before the columns are known.
    pub(super) fn varies(&self) -> bool {
        self.found.iter().any(Topic::varies)
    }

    /// True when it is messages of this topic that have to be looked at.
    pub(super) fn is_varying(&self, channel: &BagChannel) -> bool {
        self.found
            .iter()
            .any(|known| known.index == channel.index && known.varies())
    }

    /// Looks at the lengths of a message's sequences. One that does not decode is not looked at.
    pub(super) fn measure(&mut self, message: &BagMessage<'_>) {
        let Some(position) = self.position(message.channel) else {
            return;
        };
        let topic = &mut self.found[position];
        if !topic.varies() {
            return;
        }
        if let Ok(value) = Value::decode(&topic.schema, message.payload) {
            for pick in topic.picks.iter_mut().filter(|pick| pick.shape.varies()) {
                let Pick { steps, shape, .. } = pick;
                with_part(Some(&value), steps, &mut |part| {
                    if let Some(part) = part {
                        shape.measure(part);
                    }
                });
            }
        }
    }

    /// The columns of the table, and what was left out of it.
    pub(super) fn columns(&mut self) -> Result<(Vec<Column>, Cut), ExportError> {
        let several = self.names.len() > 1;
        let mut columns: Vec<Column> = TIMES.iter().map(|name| column(name, Kind::I64)).collect();
        if several {
            columns.push(column("topic", Kind::Text));
        }
        let mut cut = Vec::new();
        let twice: Vec<bool> = (self.found.iter())
            .map(|one| self.found.iter().filter(|other| other.name == one.name).count() > 1)
            .collect();
        for (topic, twice) in self.found.iter_mut().zip(twice) {
            let widths = topic.picks.iter().map(|pick| pick.shape.width());
            topic.width = widths.fold(0, usize::saturating_add);
            let total = topic.width.saturating_add(columns.len());
            if total > COLUMNS_MAX {
                return Err(ExportError::TooWide {
                    topic: topic.name.clone(),
                    columns: total,
                });
            }
            let first = columns.len();
            let mut cut_here = Vec::new();
            for pick in &topic.picks {
                pick.shape.columns(&pick.path, &mut columns, &mut cut_here);
            }
            for column in &mut columns[first..] {
                if twice {
                    column.name = format!("{}({}):{}", topic.name, topic.type_name, column.name);
                } else if several || TIMES.contains(&column.name.as_str()) {
                    column.name = format!("{}:{}", topic.name, column.name);
                }
            }
            cut.extend(
                cut_here
                    .into_iter()
                    .map(|(path, length)| (format!("{}:{path}", topic.name), length)),
            );
        }
        Ok((columns, cut))
    }

    /// Gives the cells of a message, one for every column.
    pub(super) fn row(&self, message: &BagMessage<'_>, mut give: impl FnMut(Cell<'_>)) -> Result<(), DecodeError> {
        let decoded = match self.position(message.channel) {
            Some(position) => Some((position, Value::decode(&self.found[position].schema, message.payload)?)),
            None => None,
        };
        give(time(message.log_time_ns));
        give(time(message.publish_time_ns));
        if self.names.len() > 1 {
            give(Cell::Text(&message.channel.topic));
        }
        for (position, topic) in self.found.iter().enumerate() {
            match &decoded {
                Some((at, value)) if *at == position => {
                    for pick in &topic.picks {
                        with_part(Some(value), &pick.steps, &mut |part| pick.shape.cells(part, &mut give));
                    }
                }
                _ => (0..topic.width).for_each(|_| give(Cell::Missing)),
            }
        }
        Ok(())
    }
}

fn column(name: &str, kind: Kind) -> Column {
    Column {
        name: name.to_owned(),
        kind,
    }
}

/// A time past the year 2262 does not fit.
fn time(time_ns: u64) -> Cell<'static> {
    i64::try_from(time_ns).map_or(Cell::Missing, Cell::Int)
}

fn wanted(text: &str) -> Result<Wanted, ExportError> {
    let (topic, path) = match text.rsplit_once(':') {
        Some((topic, path)) => (Some(topic.trim().to_owned()), path),
        None => (None, text),
    };
    Ok(Wanted {
        topic,
        path: FieldPath::parse(path)?,
    })
}

/// Whether `path` leads into what `whole` leads to.
fn is_part(path: &str, whole: &str) -> bool {
    path.strip_prefix(whole)
        .is_some_and(|rest| rest.starts_with(['.', '[']))
}

/// The way to a field, and its type; `None` when there is no such field or no such element.
fn steps<'a>(schema: &'a Schema, path: &FieldPath) -> Option<(Vec<Step>, &'a FieldType)> {
    let mut definition = Some(schema.root());
    let mut steps = Vec::new();
    let mut found = None;
    for segment in path.segments() {
        let fields = &definition?.fields;
        let at = fields.iter().position(|field| field.name == segment.name)?;
        steps.push(Step::Field(at));
        let mut ty = &fields.get(at)?.ty;
        if let Some(index) = segment.index {
            let most = match ty {
                FieldType::Array { length, .. } => Some(*length),
                FieldType::Sequence { bound, .. } => *bound,
                _ => None,
            };
            if most.is_some_and(|most| index >= most) {
                return None;
            }
            ty = ty.element()?;
            steps.push(Step::Element(index as usize));
        }
        definition = match ty {
            FieldType::Message(name) => schema.definition(name),
            _ => None,
        };
        found = Some(ty);
    }
    Some((steps, found?))
}

fn no_field(path: &FieldPath, topic: &str, schema: &Schema) -> ExportError {
    let names: Vec<&str> = schema.root().fields.iter().map(|field| &*field.name).collect();
    let shown = names.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
    let more = match names.len().saturating_sub(LISTED) {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    ExportError::NoField {
        field: path.to_string(),
        place: format!("{topic} ({})", schema.type_name()),
        have: format!("it has {shown}{more}"),
    }
}

/// Goes to a part of a value; elements of arrays of numbers are no values of their own, and are made on the way.
fn with_part(value: Option<&Value>, steps: &[Step], then: &mut dyn FnMut(Option<&Value>)) {
    let Some((step, rest)) = steps.split_first() else {
        return then(value);
    };
    match (step, value) {
        (Step::Field(at), Some(Value::Message(fields))) => {
            with_part(fields.get(*at).map(|(_, value)| value), rest, then);
        }
        (Step::Element(at), Some(Value::List(items))) => with_part(items.get(*at), rest, then),
        (Step::Element(at), Some(Value::Numbers(numbers))) => with_part(numbers.get(*at).as_ref(), rest, then),
        (Step::Element(at), Some(Value::Bytes(bytes))) => {
            with_part(bytes.get(*at).copied().map(Value::U8).as_ref(), rest, then);
        }
        _ => then(None),
    }
}
