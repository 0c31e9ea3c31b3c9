//! What the ideal answers of a row mean to the class of its eval.

use serde_json::{Value, json};

use super::Eval;
use crate::import::template::as_text;

/// What an ideal answer means to the class.
pub(super) fn check(eval: &Eval<'_>, ideals: &[String], ideal: Option<&Value>) -> Option<Value> {
    let sensitive = eval.class != "FuzzyMatch" && !eval.ignore_case;
    let texts = |name: &str, value: Value| {
        if sensitive {
            json!({name: value, "case_sensitive": true})
        } else {
            json!({name: value})
        }
    };
    if eval.class == "JsonValidator" {
        return Some(json!({"is-json": true}));
    }
    if eval.class == "JsonMatch" {
        let parsed = |text: &String| serde_json::from_str::<Value>(text).ok();
        let mut values: Vec<Value> = ideals.iter().filter_map(parsed).collect();
        if let Some(object @ Value::Object(_)) = ideal {
            values = vec![object.clone()];
        }
        return (!values.is_empty()).then(|| json!({"json-schema": {"enum": values}}));
    }
    let first = ideals.first()?;
    Some(match (eval.class, ideals.len()) {
        ("Includes" | "FuzzyMatch", 1) => texts("contains", json!(first)),
        ("Includes" | "FuzzyMatch", _) => texts("contains-any", json!(ideals)),
        (_, 1) => texts("starts-with", json!(first)),
        (_, _) => {
            let members: Vec<Value> = ideals
                .iter()
                .map(|ideal| texts("starts-with", json!(ideal)))
                .collect();
            json!({"any": members})
        }
    })
}

/// The prompt of a grading model as a rubric: what it names is put in, or named.
pub(super) fn in_words(prompt: &str, row: &Value, ideals: &[String]) -> String {
    let mut text = prompt
        .replace("{input}", "(the question)")
        .replace("{completion}", "(the answer)");
    let ideal = ideals.join("\n");
    text = text.replace("{ideal}", &ideal);
    for (key, value) in row.as_object().into_iter().flatten() {
        let name = format!("{{{key}}}");
        if key != "input" && text.contains(&name) && text.len() < 100_000 {
            text = text.replace(&name, &as_text(value));
        }
    }
    text
}
