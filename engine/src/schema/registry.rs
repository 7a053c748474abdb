//! Finds the definition of a type among everything that is known.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::Arc;

use super::{Origin, Schema, SchemaError, bundled};
use crate::graph::TypeHash;
use crate::name::TypeName;

/// Bytes that a `.msg` file may have.
const MAX_FILE: u64 = 1 << 20;

/// A schema as found, and whether it agrees with the hash that was announced.
#[derive(Clone, Debug)]
pub struct Found {
    /// The definition.
    pub schema: Arc<Schema>,
    /// Whether it is the one that the peers use.
    pub agreement: Agreement,
}

/// Whether a definition is the one that the peers use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Its hash is the announced one.
    Same,
    /// Its hash differs: values may be read wrongly.
    Different,
    /// No hash was announced.
    NotAnnounced,
}

/// Finds definitions, in this order: those found or added before, packages under `AMENT_PREFIX_PATH`, bundled texts.
/// One whose hash is the announced one goes before any that differs.
#[derive(Debug, Default)]
pub struct Registry {
    /// Prefixes with `share/<package>/msg/<Type>.msg` below them.
    prefixes: Vec<PathBuf>,
    by_hash: HashMap<TypeHash, Arc<Schema>>,
    added: HashMap<TypeName, Vec<Arc<Schema>>>,
    answers: HashMap<(TypeName, Option<TypeHash>), Found>,
}

impl Registry {
    /// Bundled definitions and those under `AMENT_PREFIX_PATH`.
    #[must_use]
    pub fn from_environment() -> Self {
        let prefixes = std::env::var_os("AMENT_PREFIX_PATH")
            .map(|paths| {
                std::env::split_paths(&paths)
                    .filter(|p| !p.as_os_str().is_empty())
                    .collect()
            })
            .unwrap_or_default();
        Self::with_prefixes(prefixes)
    }

    /// Bundled definitions and those below `prefixes`, as `share/<package>/msg/<Type>.msg`, first ones first.
    #[must_use]
    pub fn with_prefixes(prefixes: Vec<PathBuf>) -> Self {
        Self {
            prefixes,
            ..Self::default()
        }
    }

    /// Adds a definition from a bag or from the wire. It goes before those on the disk; the latest one added goes first.
    pub fn add(&mut self, schema: Arc<Schema>) {
        let name = schema.type_name().clone();
        self.answers.retain(|(known, _), _| *known != name);
        let known = self.added.entry(name).or_default();
        known.retain(|other| other.hash() != schema.hash());
        known.insert(0, Arc::clone(&schema));
        let _ = self.by_hash.insert(schema.hash().clone(), schema);
    }

    /// The definition of a type, preferably the one with the announced hash.
    ///
    /// # Errors
    /// When no source knows the type, or the only definition of it makes no sense.
    pub fn find(&mut self, name: &TypeName, announced: Option<&TypeHash>) -> Result<Found, SchemaError> {
        let key = (name.clone(), announced.cloned());
        if let Some(answer) = self.answers.get(&key) {
            return Ok(answer.clone());
        }
        let found = self.search(name, announced)?;
        let _ = self
            .by_hash
            .insert(found.schema.hash().clone(), Arc::clone(&found.schema));
        let _ = self.answers.insert(key, found.clone());
        Ok(found)
    }

    fn search(&self, name: &TypeName, announced: Option<&TypeHash>) -> Result<Found, SchemaError> {
        let cached = announced.and_then(|hash| self.by_hash.get(hash));
        if let Some(schema) = cached.filter(|s| s.type_name() == name) {
            return Ok(Found {
                schema: Arc::clone(schema),
                agreement: Agreement::Same,
            });
        }
        let mut second_best: Option<Arc<Schema>> = None;
        let mut trouble: Option<SchemaError> = None;
        let added = self.added.get(name).into_iter().flatten().map(|s| Ok(Arc::clone(s)));
        let stored = [Origin::Ament, Origin::Bundled]
            .into_iter()
            .filter_map(|origin| self.load(name, origin).transpose());
        for candidate in added.chain(stored) {
            match candidate {
                Ok(schema) => match announced {
                    None => {
                        return Ok(Found {
                            schema,
                            agreement: Agreement::NotAnnounced,
                        });
                    }
                    Some(hash) if schema.hash() == hash => {
                        return Ok(Found {
                            schema,
                            agreement: Agreement::Same,
                        });
                    }
                    Some(_) => {
                        let _ = second_best.get_or_insert(schema);
                    }
                },
                Err(error) => {
                    let _ = trouble.get_or_insert(error);
                }
            }
        }
        match second_best {
            Some(schema) => Ok(Found {
                schema,
                agreement: Agreement::Different,
            }),
            None => Err(trouble.unwrap_or_else(|| SchemaError::Unknown(name.clone()))),
        }
    }

    /// A definition from one kind of source; its dependencies may come from any.
    fn load(&self, name: &TypeName, origin: Origin) -> Result<Option<Arc<Schema>>, SchemaError> {
        let root = match origin {
            Origin::Ament => self.installed(name)?,
            _ => bundled::text(name),
        };
        let Some(root) = root else {
            return Ok(None);
        };
        let mut source = |wanted: &TypeName| {
            if wanted == name {
                return Ok(Some(Arc::clone(&root)));
            }
            if origin == Origin::Bundled
                && let Some(text) = bundled::text(wanted)
            {
                return Ok(Some(text));
            }
            Ok(match self.installed(wanted)? {
                Some(text) => Some(text),
                None => bundled::text(wanted),
            })
        };
        Schema::build(name, origin, &mut source).map(|schema| Some(Arc::new(schema)))
    }

    fn installed(&self, name: &TypeName) -> Result<Option<Arc<str>>, SchemaError> {
        // The parts of a type name are letters, digits and underscores: the path stays below the prefix.
        let (scope, kind) = name.as_str().rsplit_once('/').unwrap_or_default();
        for prefix in &self.prefixes {
            let path = prefix.join("share").join(scope).join(format!("{kind}.msg"));
            match read(&path) {
                Ok(text) => return Ok(Some(text.into())),
                Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
                Err(e) => {
                    return Err(SchemaError::Read {
                        ty: name.clone(),
                        path: path.display().to_string(),
                        reason: e.to_string(),
                    });
                }
            }
        }
        Ok(None)
    }
}

fn read(path: &std::path::Path) -> io::Result<String> {
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut text = String::new();
    let length = file.take(MAX_FILE + 1).read_to_string(&mut text)?;
    if length as u64 > MAX_FILE {
        return Err(io::Error::other(format!("it has more than {MAX_FILE} bytes")));
    }
    Ok(text)
}
