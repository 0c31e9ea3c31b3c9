//! What one grader tests, as a check or as words for a judge.

use serde_json::{Value, json};

use super::{say, word};
use crate::import::chat;
use crate::import::sheet::{Draft, Sheet};
use crate::import::tables::{GRADERS, find};
use crate::import::template::{Vars, as_text, substitute};
use crate::problem::shown;
use crate::yaml::Node;

/// The answer, as graders name it.
const ANSWER: [&str; 2] = ["sample.output_text", "sample.output"];

/// Whether a text is the answer alone.
fn is_answer(text: &str) -> bool {
    let name = text.trim().strip_prefix("{{");
    let name = name.and_then(|text| text.strip_suffix("}}"));
    name.is_some_and(|name| ANSWER.contains(&name.trim()))
}

/// The text that the answer is compared with: of `input` and `reference`, the one that is not the answer.
fn reference(grader: &Node, vars: &Vars) -> Result<String, String> {
    let (input, reference) = (word(grader, "input"), word(grader, "reference"));
    let other = match (is_answer(&input), is_answer(&reference)) {
        (true, false) => reference,
        (false, true) => input,
        (true, true) | (false, false) => {
            return Err(find(GRADERS, "input").map_or("", |row| row.note).to_owned());
        }
    };
    if other.contains("sample.") {
        return Err(find(GRADERS, "input").map_or("", |row| row.note).to_owned());
    }
    substitute(&other, vars)
}

fn push(
    sheet: &mut Sheet<'_>,
    grader: &Node,
    draft: &mut Draft,
    mut check: Value,
) -> Result<(), String> {
    let name = word(grader, "name");
    if let Some(map) = check.as_object_mut().filter(|_| !name.trim().is_empty()) {
        map.insert("label".to_owned(), json!(name));
    }
    if let Some(why) = sheet.refuses(&check) {
        return Err(why);
    }
    draft.checks.push(check);
    Ok(())
}

pub(super) fn compare(
    sheet: &mut Sheet<'_>,
    grader: &Node,
    vars: &Vars,
    draft: &mut Draft,
) -> Result<(), String> {
    let text = reference(grader, vars)?;
    let operation = word(grader, "operation");
    // Which of the two holds the other is part of its meaning.
    let is_held = matches!(operation.as_str(), "like" | "ilike");
    if is_held && !is_answer(&word(grader, "input")) {
        return Err(find(GRADERS, "input").map_or("", |row| row.note).to_owned());
    }
    let check = match operation.as_str() {
        "eq" => json!({"equals": text, "case_sensitive": true}),
        "ne" => json!({"equals": text, "case_sensitive": true, "not": true}),
        "like" => json!({"contains": text, "case_sensitive": true}),
        "ilike" => json!({"contains": text}),
        other => {
            return Err(format!(
                "`{}` is no operation; known: eq, ne, like, ilike",
                shown(other)
            ));
        }
    };
    push(sheet, grader, draft, check)
}

pub(super) fn similar(
    sheet: &mut Sheet<'_>,
    grader: &Node,
    vars: &Vars,
    draft: &mut Draft,
) -> Result<(), String> {
    let metric = word(grader, "evaluation_metric");
    if metric == "cosine" {
        return Ok(());
    }
    let text = reference(grader, vars)?;
    let least = grader
        .get("pass_threshold")
        .map(Node::to_json)
        .and_then(|value| value.as_f64());
    let least = least.filter(|least| *least > 0.0);
    if least.is_none() {
        let feature = "text_similarity without `pass_threshold`";
        say(sheet, &sheet.at(grader), feature, feature);
    }
    let least = least.unwrap_or(0.5);
    let check = match metric.as_str() {
        "fuzzy_match" => json!({"levenshtein": {"text": text, "min": least}}),
        "bleu" | "gleu" | "meteor" => json!({&metric: {"text": text, "min": least}}),
        "rouge_l" => json!({"rouge-l": {"text": text, "min": least}}),
        _ => match metric
            .strip_prefix("rouge_")
            .and_then(|n| n.parse::<u64>().ok())
        {
            Some(n) => json!({"rouge-n": {"text": text, "n": n, "min": least}}),
            None => return Err(format!("`{}` is no metric that is known", shown(&metric))),
        },
    };
    push(sheet, grader, draft, check)
}

/// What a grading model is told, as a rubric.
pub(super) fn judged(grader: &Node, vars: &Vars, draft: &mut Draft) -> Result<(), String> {
    let mut vars = vars.clone();
    vars.insert(
        "sample".to_owned(),
        json!({"output_text": "(the answer)", "output": "(the answer)"}),
    );
    let input = grader.get("input").map_or(Value::Null, Node::to_json);
    let texts: Vec<String> = match &input {
        Value::Array(list) => chat::messages(list)?
            .into_iter()
            .map(|(_, text)| text)
            .collect(),
        Value::Null => Vec::new(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            vec![as_text(&input)]
        }
    };
    let text = texts.join("\n");
    // Without rows there is nothing to put in yet.
    let filled = if vars.contains_key("item") {
        substitute(&text, &vars)?
    } else {
        text
    };
    if filled.trim().is_empty() {
        return Err("it has no `input` with text".to_owned());
    }
    draft.rubric.push(filled.trim().to_owned());
    Ok(())
}
