//! Decides whether a model wants the tool called that a case expects, with arguments that fit.

use serde::Serialize;
use serde_json::Value;

use super::finding::Finding;
use super::{Schema, ToolCall};

/// Bytes of the arguments of all calls to the tool that are read.
const MOST_BYTES: usize = 1_000_000;

/// Names of called tools that are shown.
const SHOWN: usize = 4;

/// The call of a tool that is expected.
#[derive(Debug, Clone, Serialize)]
pub struct ExpectedCall {
    /// Which tool; any one where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What its arguments have to fit; any JSON object where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Schema>,
}

/// Whether one of the calls is the expected one. Arguments are a JSON object, as every server demands; nothing at all is
/// an empty one.
pub(super) fn is_among(calls: &[ToolCall], expected: &ExpectedCall) -> Finding {
    if calls.is_empty() {
        return Finding::no("no tool was called");
    }
    let is_meant = |call: &&ToolCall| expected.name.as_ref().is_none_or(|name| *name == call.name);
    let meant = || calls.iter().filter(is_meant);
    if meant().map(|call| call.arguments.len()).sum::<usize>() > MOST_BYTES {
        return Finding::untold("the arguments have more than 1,000,000 bytes, which are not read");
    }
    let mut why = None;
    for call in meant() {
        match fits(call, expected.arguments.as_ref()) {
            Ok(()) => return true.into(),
            Err(fault) => why = why.or(Some(fault)),
        }
    }
    Finding::no(why.unwrap_or_else(|| format!("called {}", names(calls))))
}

fn fits(call: &ToolCall, schema: Option<&Schema>) -> Result<(), String> {
    let text = match call.arguments.trim() {
        "" => "{}",
        text => text,
    };
    let arguments: Value =
        serde_json::from_str(text).map_err(|why| format!("the arguments are no JSON: {why}"))?;
    if !arguments.is_object() {
        return Err("the arguments are no JSON object".to_owned());
    }
    match schema.map(|schema| schema.complaint(&arguments)) {
        Some(Some(fault)) => Err(format!("arguments: {fault}")),
        Some(None) | None => Ok(()),
    }
}

fn names(calls: &[ToolCall]) -> String {
    let names: Vec<&str> = calls.iter().map(|call| call.name.as_str()).collect();
    super::describe::quoted(names.get(..SHOWN).unwrap_or(&names))
}
