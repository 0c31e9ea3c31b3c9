//! A JSON Schema of a check: valid from the start, whole in itself. It reads no file and no address, and its patterns
//! are searched in linear time.

use std::cmp::Reverse;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use boon::ValidationError as Complaint;
use boon::{CompileError, Compiler, Draft, ErrorKind, SchemaIndex, Schemas, UrlLoader};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// What the schema is called inside of the validator.
const ADDRESS: &str = "suite:///schema";

/// Faults of an answer that are told; the rest is counted.
const SHOWN: usize = 3;

/// A JSON Schema (drafts 4 to 2020-12, by its `$schema`; 2020-12 where it has none). `format` is held to.
#[derive(Clone)]
pub struct Schema {
    value: Arc<Value>,
    compiled: Arc<Compiled>,
}

struct Compiled {
    schemas: Schemas,
    root: SchemaIndex,
}

/// Why something is no schema that a check can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaFault {
    /// Keys and places in lists that lead to what is wrong in the schema, as far as they are known.
    pub steps: Vec<String>,
    /// What is wrong.
    pub why: String,
}

/// Gives nothing: a schema has to hold all that it refers to.
struct Nowhere;

impl UrlLoader for Nowhere {
    fn load(&self, _: &str) -> Result<Value, Box<dyn Error>> {
        Err("not part of the schema".into())
    }
}

impl Schema {
    /// The schema, or why it is none.
    pub fn new(value: Value) -> Result<Self, SchemaFault> {
        let mut compiler = Compiler::new();
        compiler.set_default_draft(Draft::V2020_12);
        compiler.enable_format_assertions();
        compiler.use_loader(Box::new(Nowhere));
        let mut schemas = Schemas::new();
        let added = compiler.add_resource(ADDRESS, value.clone());
        added.map_err(|error| fault(&error))?;
        let root = compiler.compile(ADDRESS, &mut schemas);
        let root = root.map_err(|error| fault(&error))?;
        Ok(Self {
            value: Arc::new(value),
            compiled: Arc::new(Compiled { schemas, root }),
        })
    }

    /// The schema as it was written.
    pub(in crate::score) fn value(&self) -> &Value {
        &self.value
    }

    /// What is wrong with a value by this schema, if anything is.
    pub(in crate::score) fn complaint(&self, value: &Value) -> Option<String> {
        let Compiled { schemas, root } = &*self.compiled;
        let complaint = schemas.validate(value, *root).err()?;
        let mut found = Vec::new();
        leaves(&complaint, &mut found);
        // The validator walks over hash tables; what is said must not depend on their order.
        found.sort();
        found.dedup();
        let more = found.len().saturating_sub(SHOWN);
        found.truncate(SHOWN);
        let told = found.join("; ");
        Some(match more {
            0 => told,
            more => format!("{told}; and {more} more"),
        })
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Schema").field(&self.value).finish()
    }
}

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

/// The places where a value does not fit, each with what was wanted there.
fn leaves(complaint: &Complaint<'_, '_>, found: &mut Vec<String>) {
    // All alternatives of one place are one fault.
    if complaint.causes.is_empty()
        || matches!(complaint.kind, ErrorKind::AnyOf | ErrorKind::OneOf(_))
    {
        let place = complaint.instance_location.to_string();
        let place = if place.is_empty() {
            "it".to_owned()
        } else {
            format!("`{place}`")
        };
        found.push(format!("{place}: {}", complaint.kind));
        return;
    }
    for cause in &complaint.causes {
        leaves(cause, found);
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enums are the validator's, most of which are worded well"
)]
fn fault(error: &CompileError) -> SchemaFault {
    match error {
        CompileError::ValidationError { src, .. } => {
            let deepest = deepest(src);
            let why = match &deepest.kind {
                ErrorKind::Format {
                    got, want: "regex", ..
                } => not_a_pattern(got.as_str().unwrap_or_default()),
                kind => kind.to_string(),
            };
            SchemaFault {
                steps: steps(&deepest.instance_location.to_string()),
                why,
            }
        }
        CompileError::InvalidRegex { url, regex, .. } => SchemaFault {
            steps: steps(url.split_once('#').map_or("", |(_, pointer)| pointer)),
            why: not_a_pattern(regex),
        },
        CompileError::LoadUrlError { url, .. } | CompileError::UnsupportedUrlScheme { url } => {
            SchemaFault {
                steps: Vec::new(),
                why: format!(
                    "`$ref` names `{}`, which is not part of the schema; copy it into `$defs`",
                    crate::problem::shown(url.strip_prefix("suite:///").unwrap_or(url))
                ),
            }
        }
        other => SchemaFault {
            steps: Vec::new(),
            why: other.to_string().replace(ADDRESS, ""),
        },
    }
}

fn not_a_pattern(pattern: &str) -> String {
    let pattern = crate::problem::shown(pattern);
    format!("pattern `{pattern}` cannot be used; write it without look-around and back-references")
}

/// The complaint that looks furthest into the schema: of alternatives, that is the one that was meant.
fn deepest<'c>(complaint: &'c Complaint<'static, 'static>) -> &'c Complaint<'static, 'static> {
    let rank = |complaint: &Complaint<'_, '_>| {
        let place = complaint.instance_location.to_string();
        let depth = place.matches('/').count();
        (Reverse(depth), place, complaint.kind.to_string())
    };
    let causes = complaint.causes.iter().map(deepest);
    causes.min_by_key(|cause| rank(cause)).unwrap_or(complaint)
}

/// The steps of a JSON pointer.
fn steps(pointer: &str) -> Vec<String> {
    let steps = pointer.split('/').skip(1);
    steps
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .collect()
}
