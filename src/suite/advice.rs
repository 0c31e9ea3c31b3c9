//! What to write instead of a key that is no check: names of other tools, misspellings, names that are to come.

use super::kinds::{COMMON, KINDS, names};
use crate::problem::{nearest, shown};

/// Kinds that the suite format names and this version cannot test.
const LATER: [&str; 2] = ["similar", "json-path"];

/// What to write instead of a key that is no check.
pub(super) fn advice(key: &str) -> String {
    let (not, name) = key
        .strip_prefix("not-")
        .map_or(("", key), |name| ("not-", name));
    if LATER.contains(&name) {
        return format!("the check `{name}` is not available in this version; remove it");
    }
    if let "icontains" | "icontains-any" | "icontains-all" | "iequals" = name {
        let name = name.strip_prefix('i').unwrap_or(name);
        return format!("unknown check `{key}`; write `{not}{name}`: it ignores case here");
    }
    if let Some(hint) = hint(name) {
        let hint = hint.replacen("write `", &format!("write `{not}"), 1);
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

/// What serves instead of a check that other tools have.
fn hint(name: &str) -> Option<&'static str> {
    Some(match name {
        "is-valid-json" | "valid-json" => "write `is-json: true`",
        "matches" | "pattern" => "write `regex`",
        "startswith" | "startsWith" => "write `starts-with`",
        "endswith" | "endsWith" => "write `ends-with`",
        "string_check" | "string-check" | "like" | "ilike" => {
            "write `equals` or `contains`; both ignore case unless `case_sensitive: true`"
        }
        "text_similarity" | "text-similarity" | "fuzzy_match" => {
            "write `rouge-l`, `bleu`, `gleu`, `meteor` or `levenshtein`"
        }
        "is-valid-openai-tools-call"
        | "is-valid-openai-function-call"
        | "is-valid-function-call"
        | "function-call"
        | "tool-calls"
        | "tool-call-f1" => {
            "write `tool-call` with the `name` of the tool and a JSON Schema of its `arguments`"
        }
        "llm-rubric"
        | "model-graded-closedqa"
        | "model-graded-factuality"
        | "factuality"
        | "g-eval"
        | "answer-relevance"
        | "score_model"
        | "label_model" => "write what a judge should look at into the case's `rubric`",
        "perplexity" | "perplexity-score" | "moderation" | "guardrails" => {
            "no check asks the server for more than the answer"
        }
        "javascript" | "python" | "ruby" | "webhook" | "exec" => {
            "no check can start a process or name a URL"
        }
        "type" | "value" | "threshold" => {
            "write the check as one key with its value: `contains: some text`"
        }
        "all" | "and" => "checks of a case are all tested; for a group write `any` with `at_least`",
        _ => return None,
    })
}
