//! Why there is no schema.

use thiserror::Error;

use super::MAX_DEPTH;
use crate::name::TypeName;

/// Why there is no schema.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SchemaError {
    /// No source knows the type.
    #[error(
        "no definition of {0} is known: source the workspace that holds its package (AMENT_PREFIX_PATH) and start again"
    )]
    Unknown(TypeName),
    /// A type that another one needs is not there.
    #[error("the definition of {needed_by} needs {ty}, which is not known: source the workspace that holds the package `{}`", ty.package())]
    Missing {
        /// The type that is not known.
        ty: TypeName,
        /// The type whose definition names it.
        needed_by: TypeName,
    },
    /// A line of a definition makes no sense.
    #[error("line {line} of the definition of {ty}: {reason}")]
    Line {
        /// The type.
        ty: TypeName,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A message that contains itself would be endless.
    #[error("the definition of {ty} contains itself: {chain}")]
    Cycle {
        /// The type.
        ty: TypeName,
        /// The types on the way round.
        chain: String,
    },
    /// Deeper than any real type.
    #[error("the definition of {ty} nests messages more than {MAX_DEPTH} deep")]
    TooDeep {
        /// The type.
        ty: TypeName,
    },
    /// More than any real type.
    #[error("the definition of {ty} is too large: {what}")]
    TooLarge {
        /// The type.
        ty: TypeName,
        /// What there is too much of, and the limit.
        what: String,
    },
    /// A definition's file could not be read.
    #[error("cannot read the definition of {ty} from {path}: {reason}")]
    Read {
        /// The type.
        ty: TypeName,
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// A recording holds the definition in another language.
    #[error(
        "the definition of {ty} is written as {language}, not as `.msg` text; source the workspace that holds its package"
    )]
    Language {
        /// The type.
        ty: TypeName,
        /// Such as `IDL`.
        language: String,
    },
}
