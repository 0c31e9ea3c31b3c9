//! What serde says when a value does not fit, in words for people; keeps the steps that lead to the value, so that the
//! caller can report it with its place, take it out and go on to the next.

use std::fmt::{self, Display};

use serde::de::{Error, Expected, Unexpected};

use super::tree::{Place, Step};
use crate::problem::{shown, unknown};

/// Why a value did not fit, and where inside the value that was read.
#[derive(Debug)]
pub(super) struct Fault {
    /// From the outside in, once complete; collected from the inside out.
    steps: Vec<Step>,
    pub(super) place: Option<Place>,
    pub(super) message: String,
    /// The key that is missing, where that is what is wrong.
    pub(super) missing: Option<&'static str>,
}

impl Fault {
    pub(super) fn new(message: String) -> Self {
        Self {
            steps: Vec::new(),
            place: None,
            message,
            missing: None,
        }
    }

    pub(super) fn inside(mut self, step: Step, place: Place) -> Self {
        self.steps.push(step);
        self.place.get_or_insert(place);
        self
    }

    /// The steps that lead to the value that is wrong.
    pub(super) fn steps(&self) -> Vec<Step> {
        self.steps.iter().rev().cloned().collect()
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {expected}, found {}", words(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        Self::new(unknown("key", field, known))
    }

    fn unknown_variant(variant: &str, known: &'static [&'static str]) -> Self {
        Self::new(unknown("value", variant, known))
    }

    fn missing_field(field: &'static str) -> Self {
        let message = format!("the key `{field}` is missing");
        Self {
            missing: Some(field),
            ..Self::new(message)
        }
    }
}

fn words(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => value.to_string(),
        Unexpected::Unsigned(value) => format!("the number {value}"),
        Unexpected::Signed(value) => format!("the number {value}"),
        Unexpected::Float(value) => format!("the number {value}"),
        Unexpected::Str(text) => format!("\"{}\"", shown(text)),
        Unexpected::Unit => "nothing".into(),
        Unexpected::Seq => "a list".into(),
        Unexpected::Map => "a mapping".into(),
        Unexpected::Other(what) => what.to_owned(),
        Unexpected::Char(_)
        | Unexpected::Bytes(_)
        | Unexpected::Option
        | Unexpected::NewtypeStruct
        | Unexpected::Enum
        | Unexpected::UnitVariant
        | Unexpected::NewtypeVariant
        | Unexpected::TupleVariant
        | Unexpected::StructVariant => found.to_string(),
    }
}
