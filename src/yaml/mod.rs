//! Reads YAML and JSON that people wrote into one small tree that remembers the line and column of every value.
//!
//! One parser for everything: what is read, what is refused and where a problem lies cannot disagree. Hostile input
//! (alias bombs, deep nesting, control characters, huge files) ends in one [`Problem`]. Decides nothing about what
//! keys mean.

mod fault;
mod json;
mod merge;
mod path;
mod pointer;
mod scan;
mod schema;
mod source;
mod spot;
mod tree;
mod value;

pub use json::json;
pub use path::{glob, repository_path};
pub use pointer::{PlacedText, Pointer, PointerError, texts};
pub use schema::schema_of;
pub use source::{MAX_BYTES, text, text_of_any_size};
pub use spot::{Each, Items, Log, Spot};
pub use tree::{Node, Place};

#[cfg(doc)]
use crate::problem::Problem;
pub use scan::{foreign, yaml};
