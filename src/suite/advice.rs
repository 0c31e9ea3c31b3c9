//! What to write instead of a key that is no check: names of other tools, misspellings, names that are to come.

use super::kinds::{COMMON, KINDS, names};
use crate::problem::{nearest, shown};

/// Kinds that the suite format names and this version cannot test.
const LATER: [&str; 3] = ["similar", "json-path", "tool-call"];

/// What to write instead of a key that is no check.
pub(super) fn advice(key: &str) -> String {
    let (not, name) = key
        .strip_prefix("not-")
        .map_or(("", key), |name| ("not-", name));
    if LATER.contains(&name) {
        return format!("the check `{name}` is not available in this version; remove it");
    }
    let hint = match name {
        "icontains" | "icontains-any" | "icontains-all" | "iequals" => {
            let name = name.strip_prefix('i').unwrap_or(name);
            return format!("unknown check `{key}`; write `{not}{name}`: it ignores case here");
        }
        "is-valid-json" | "valid-json" => "write `is-json: true`",
        "matches" | "pattern" => "write `regex`",
        "llm-rubric" | "model-graded-closedqa" | "factuality" => {
            "write what a judge should look at into the case's `rubric`"
        }
        "javascript" | "python" | "ruby" | "webhook" | "exec" => {
            "no check can start a process or name a URL"
        }
        "type" | "value" | "threshold" => {
            "write the check as one key with its value: `contains: some text`"
        }
        "cost" | "latency" => "cost and latency are measured for every run, not checked by case",
        "all" | "and" => "checks of a case are all tested; for a group write `any` with `at_least`",
        _ => "",
    };
    if !hint.is_empty() {
        return format!("unknown check `{}`; {hint}", shown(key));
    }
    match nearest(name, KINDS.iter().map(|(name, ..)| *name).chain(COMMON)) {
        Some(near) if COMMON.contains(&near) => {
            format!("unknown key `{}`; did you mean `{near}`?", shown(key))
        }
        Some(near) => format!(
            "unknown check `{}`; did you mean `{not}{near}`?",
            shown(key)
        ),
        None => format!("unknown check `{}`; known: {}", shown(key), names()),
    }
}
