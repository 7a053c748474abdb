//! What a definition says: primitives, types of fields, fields, constants.

use std::fmt;
use std::sync::Arc;

use crate::name::TypeName;

/// A scalar of fixed size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Primitive {
    /// `bool`: one byte, 0 or 1.
    Bool,
    /// `byte`: eight bits without a meaning of their own.
    Byte,
    /// `char`: an unsigned byte in ROS 2.
    Char,
    /// `int8`.
    I8,
    /// `uint8`.
    U8,
    /// `int16`.
    I16,
    /// `uint16`.
    U16,
    /// `int32`.
    I32,
    /// `uint32`.
    U32,
    /// `int64`.
    I64,
    /// `uint64`.
    U64,
    /// `float32`.
    F32,
    /// `float64`.
    F64,
}

impl Primitive {
    /// Bytes on the wire, and the boundary that it is aligned to.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::Bool | Self::Byte | Self::Char | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// The word for it in a `.msg` text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Byte => "byte",
            Self::Char => "char",
            Self::I8 => "int8",
            Self::U8 => "uint8",
            Self::I16 => "int16",
            Self::U16 => "uint16",
            Self::I32 => "int32",
            Self::U32 => "uint32",
            Self::I64 => "int64",
            Self::U64 => "uint64",
            Self::F32 => "float32",
            Self::F64 => "float64",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "bool" => Self::Bool,
            "byte" => Self::Byte,
            "char" => Self::Char,
            "int8" => Self::I8,
            "uint8" => Self::U8,
            "int16" => Self::I16,
            "uint16" => Self::U16,
            "int32" => Self::I32,
            "uint32" => Self::U32,
            "int64" => Self::I64,
            "uint64" => Self::U64,
            "float32" => Self::F32,
            "float64" => Self::F64,
            _ => return None,
        })
    }
}

/// The type of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// A number or a bool.
    Primitive(Primitive),
    /// `string` or `string<=bound`.
    String {
        /// Most bytes it may hold.
        bound: Option<u32>,
    },
    /// `wstring` or `wstring<=bound`.
    WString {
        /// Most UTF-16 units it may hold.
        bound: Option<u32>,
    },
    /// Another message.
    Message(TypeName),
    /// `element[length]`.
    Array {
        /// Never itself an array or a sequence.
        element: Box<FieldType>,
        /// At least 1.
        length: u32,
    },
    /// `element[]` or `element[<=bound]`.
    Sequence {
        /// Never itself an array or a sequence.
        element: Box<FieldType>,
        /// Most elements it may hold.
        bound: Option<u32>,
    },
}

impl FieldType {
    /// The type of one element of an array or a sequence.
    #[must_use]
    pub fn element(&self) -> Option<&FieldType> {
        match self {
            Self::Array { element, .. } | Self::Sequence { element, .. } => Some(element),
            _ => None,
        }
    }

    /// The scalar, when it is one.
    #[must_use]
    pub fn primitive(&self) -> Option<Primitive> {
        match self {
            Self::Primitive(primitive) => Some(*primitive),
            _ => None,
        }
    }

    /// True for what a chart can draw as it stands: a scalar, or a `builtin_interfaces` time or duration, which is
    /// drawn in seconds.
    #[must_use]
    pub fn is_numeric(&self) -> bool {
        match self {
            Self::Primitive(_) => true,
            Self::Message(name) => is_time(name),
            _ => false,
        }
    }
}

/// True for the two types that hold seconds and nanoseconds.
pub(crate) fn is_time(name: &TypeName) -> bool {
    matches!(
        name.as_str(),
        "builtin_interfaces/msg/Time" | "builtin_interfaces/msg/Duration"
    )
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bounded = |f: &mut fmt::Formatter<'_>, word: &str, bound: &Option<u32>| match bound {
            Some(bound) => write!(f, "{word}<={bound}"),
            None => f.write_str(word),
        };
        match self {
            Self::Primitive(primitive) => f.write_str(primitive.as_str()),
            Self::String { bound } => bounded(f, "string", bound),
            Self::WString { bound } => bounded(f, "wstring", bound),
            Self::Message(name) => write!(f, "{}/{}", name.package(), name.short()),
            Self::Array { element, length } => write!(f, "{element}[{length}]"),
            Self::Sequence { element, bound: None } => write!(f, "{element}[]"),
            Self::Sequence {
                element,
                bound: Some(bound),
            } => write!(f, "{element}[<={bound}]"),
        }
    }
}

/// A field of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: FieldType,
    /// The default as it was written, without the quotes of a string.
    pub default: Option<String>,
}

/// A constant of a message: a name for a value, not on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constant {
    /// Its name.
    pub name: String,
    /// A primitive or a string.
    pub ty: FieldType,
    /// The value as it was written, without the quotes of a string.
    pub value: String,
}

/// One message definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The type.
    pub name: TypeName,
    /// In the order of the wire. Empty for a message without fields, which is one unused byte on the wire.
    pub fields: Vec<Field>,
    /// In the order of the text.
    pub constants: Vec<Constant>,
    /// The text that it was read from.
    pub text: Arc<str>,
}
