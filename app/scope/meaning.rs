//! What the numbers of a field mean, as far as the definition of its message says so.

use roswave_engine::cdr::FieldPath;
use roswave_engine::schema::{Definition, FieldType, Primitive, Schema};
use roswave_engine::signal::lanes::{match_constants_among, shorten};

/// What the numbers of a field mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing is known: what is worked out of fields, a field of no known type.
    #[default]
    Unknown,
    /// A measured number.
    Measure,
    /// Yes or no.
    Bool,
    /// A whole number of so many bits.
    Whole {
        /// How many.
        bits: u8,
        /// The names that the constants of the message give to values.
        names: Vec<(i64, String)>,
    },
}

impl Meaning {
    /// What a field of a message means.
    #[must_use]
    pub fn of(schema: &Schema, field: &FieldPath) -> Self {
        let Some((owner, name, ty)) = leaf(schema, field) else {
            return Self::Unknown;
        };
        match ty.primitive() {
            Some(Primitive::Bool) => Self::Bool,
            Some(Primitive::F32 | Primitive::F64) => Self::Measure,
            Some(whole) => Self::Whole {
                bits: u8::try_from(whole.size() * 8).unwrap_or(u8::MAX),
                names: names(owner, name, whole),
            },
            None => Self::Measure,
        }
    }
}

/// The definition that a field stands in, its name there, and its type or that of the element.
fn leaf<'a>(schema: &'a Schema, field: &FieldPath) -> Option<(&'a Definition, &'a str, &'a FieldType)> {
    let mut owner = schema.root();
    let mut segments = field.segments().peekable();
    while let Some(segment) = segments.next() {
        let field = owner.fields.iter().find(|known| known.name == segment.name)?;
        let ty = match segment.index {
            Some(_) => field.ty.element()?,
            None => &field.ty,
        };
        if segments.peek().is_none() {
            return Some((owner, &field.name, ty));
        }
        let FieldType::Message(inner) = ty else {
            return None;
        };
        owner = schema.definition(inner)?;
    }
    None
}

/// True for an array or a sequence of numbers, all of which can be drawn.
#[must_use]
pub fn is_array(ty: &FieldType) -> bool {
    ty.element().is_some_and(FieldType::is_numeric)
}

/// The same for a field of a message.
#[must_use]
pub fn is_array_at(schema: &Schema, field: &FieldPath) -> bool {
    leaf(schema, field).is_some_and(|(_, _, ty)| is_array(ty))
}

/// How many elements an array of numbers has by its definition; `None` when that is not an array of fixed length.
#[must_use]
pub fn fixed_length(schema: &Schema, field: &FieldPath) -> Option<usize> {
    match leaf(schema, field)?.2 {
        FieldType::Array { length, .. } => Some(*length as usize),
        _ => None,
    }
}

/// The names of the values of a field.
fn names(owner: &Definition, name: &str, kind: Primitive) -> Vec<(i64, String)> {
    let of = |wanted: &dyn Fn(Primitive) -> bool| {
        let constants = owner
            .constants
            .iter()
            .filter(|constant| constant.ty.primitive().is_some_and(wanted));
        let constants = constants.filter_map(|constant| Some((constant.name.clone(), whole(&constant.value)?)));
        constants.collect::<Vec<_>>()
    };
    // Constants of the type of the field are meant for it; where there are none, those of the other types.
    let mut constants = of(&|ty| ty == kind);
    if constants.is_empty() {
        constants = of(&|ty| !matches!(ty, Primitive::F32 | Primitive::F64));
    }
    let is_whole = |ty: &FieldType| {
        ty.primitive()
            .is_some_and(|ty| !matches!(ty, Primitive::Bool | Primitive::F32 | Primitive::F64))
    };
    let others = owner
        .fields
        .iter()
        .filter(|field| field.name != name && is_whole(&field.ty));
    let others: Vec<&str> = others.map(|field| field.name.as_str()).collect();
    let found = match_constants_among(name, &others, &constants);
    let short = found
        .into_iter()
        .map(|(value, constant)| (value, shorten(name, &constant).to_owned()));
    short.collect()
}

/// A whole number as definitions write them.
fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use roswave_engine::name::TypeName;
    use roswave_engine::schema::Origin;

    use super::*;

    const TEXT: &str = "\
bool ok
uint8 status
uint8 UNKNOWN=0
uint8 STATUS_IDLE=1
uint8 STATUS_MOVING=0x2
uint16 flags
float64 value
test/Part[2] parts
uint8[] data
================================================================================
MSG: test/Part
byte OK=0
byte WARN=1
byte level
string name
";

    fn of(field: &str) -> Meaning {
        let name = TypeName::new("test/msg/Whole").expect("a name");
        let schema = Schema::parse(&name, TEXT, Origin::User).expect("a schema");
        Meaning::of(&schema, &FieldPath::parse(field).expect("a path"))
    }

    #[test]
    fn the_definition_tells_what_numbers_mean() {
        assert_eq!(of("ok"), Meaning::Bool);
        assert_eq!(of("value"), Meaning::Measure);
        assert_eq!(of("nothing"), Meaning::Unknown);
        let flags = Meaning::Whole {
            bits: 16,
            names: Vec::new(),
        };
        assert_eq!(of("flags"), flags);
        let names = |meaning: Meaning| match meaning {
            Meaning::Whole { names, .. } => names,
            other => panic!("{other:?}"),
        };
        assert_eq!(names(of("status")), [(1, "IDLE".to_owned()), (2, "MOVING".to_owned())]);
        assert_eq!(
            names(of("parts[1].level")),
            [(0, "OK".to_owned()), (1, "WARN".to_owned())]
        );
        assert!(names(of("data[3]")).is_empty(), "{:?}", of("data[3]"));
    }
}
