//! OpenAI's graders: the `testing_criteria` of an eval, with the rows that stand in the same file.

mod compare;

use compare::{compare, judged, similar};
use serde_json::Value;

use super::chat::{self, Fit};
use super::report::At;
use super::sheet::{Draft, Sheet};
use super::tables::{GRADERS, find};
use super::template::{Vars, substitute};
use crate::problem::shown;
use crate::yaml::Node;

fn say(sheet: &mut Sheet<'_>, at: &At, feature: &str, name: &str) {
    if let Some(row) = find(GRADERS, name) {
        sheet.report.say(at, feature, row.fidelity, row.note);
    }
}

pub(super) fn read(sheet: &mut Sheet<'_>, root: &Node) {
    sheet.description = root.get("name").and_then(Node::as_text).map(str::to_owned);
    let at = sheet.at(root);
    let named = ["testing_criteria", "graders", "grader"]
        .iter()
        .find_map(|key| root.get(key));
    let graders = match named.unwrap_or(root) {
        list if list.is_list() => list.elements().to_vec(),
        one if named.is_none() && one.get("type").is_none() => Vec::new(),
        one if one.get("type").is_none() => one.members().map(|(_, node)| node.clone()).collect(),
        one => vec![one.clone()],
    };
    let source = root.get("data_source");
    let rows = rows(root);
    let template = template(source);
    if rows.is_empty() {
        say(sheet, &at, "data_source", "data_source");
        for grader in &graders {
            let mut draft = Draft::default();
            let vars = Vars::new();
            grade(sheet, grader, &vars, &mut draft, 0);
        }
        return;
    }
    for (number, node) in rows.iter().enumerate() {
        let at = sheet.at(node);
        case(sheet, &at, node, &template, &graders, number);
    }
}

/// Rows, in the places where the API has them.
fn rows(root: &Node) -> Vec<Node> {
    let source = root.get("data_source");
    let content = source
        .and_then(|source| source.get("source"))
        .and_then(|source| source.get("content"));
    let content = content.or_else(|| source.and_then(|source| source.get("content")));
    let content = content
        .or_else(|| root.get("items"))
        .or_else(|| root.get("data"));
    content.map_or(&[][..], Node::elements).to_vec()
}

/// The messages that every row is put into.
fn template(source: Option<&Node>) -> Vec<Value> {
    let messages = source.and_then(|source| source.get("input_messages"));
    let list = messages
        .and_then(|messages| messages.get("template"))
        .or(messages);
    list.map(|list| list.elements().iter().map(Node::to_json).collect())
        .unwrap_or_default()
}

fn case(
    sheet: &mut Sheet<'_>,
    at: &At,
    row: &Node,
    template: &[Value],
    graders: &[Node],
    number: usize,
) {
    let item = row.get("item").unwrap_or(row).to_json();
    let vars = Vars::from_iter([("item".to_owned(), item.clone())]);
    let asked = if template.is_empty() {
        own_messages(&item)
    } else {
        chat::messages(template)
    };
    let asked = asked.and_then(|messages| {
        let filled = messages
            .into_iter()
            .map(|(role, text)| Ok((role, substitute(&text, &vars)?)));
        filled.collect::<Result<Vec<_>, String>>()
    });
    let mut messages = match asked {
        Ok(messages) => messages,
        Err(why) => {
            sheet.lost(at, "data_source", &why);
            return;
        }
    };
    match chat::fit(&mut messages) {
        Fit::AsTheyAre => {}
        Fit::SystemAsked => sheet.nearly(
            at,
            "data_source",
            "the last message is the system's, and is asked as the user's",
        ),
        Fit::No => {
            sheet.lost(
                at,
                "data_source",
                "the messages are none, or end with the model's own words",
            );
            return;
        }
    }
    say(sheet, at, "item templates", "item templates");
    let mut draft = Draft {
        id: format!("item-{}", number + 1),
        messages,
        ..Draft::default()
    };
    for grader in graders {
        grade(sheet, grader, &vars, &mut draft, 0);
    }
    sheet.take(at, draft);
}

/// What a row itself asks, where no messages stand beside the rows.
fn own_messages(item: &Value) -> Result<chat::Messages, String> {
    for key in ["messages", "input", "prompt", "question"] {
        match item.get(key) {
            Some(Value::Array(list)) => return chat::messages(list),
            Some(Value::String(text)) => return Ok(vec![("user".to_owned(), text.clone())]),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => {}
        }
    }
    Err(
        "`data_source` has no `input_messages.template`, and the row no `input`; add one"
            .to_owned(),
    )
}

fn grade(sheet: &mut Sheet<'_>, grader: &Node, vars: &Vars, draft: &mut Draft, depth: usize) {
    let at = sheet.at(grader);
    let kind = grader
        .get("type")
        .and_then(Node::as_text)
        .unwrap_or_default()
        .to_owned();
    let feature = match kind.as_str() {
        "string_check" => format!("string_check: {}", word(grader, "operation")),
        "text_similarity" => {
            let metric = word(grader, "evaluation_metric");
            let metric = if metric.starts_with("rouge") {
                "rouge"
            } else {
                &metric
            };
            format!("text_similarity: {metric}")
        }
        _ => kind.clone(),
    };
    let outcome = match kind.as_str() {
        "string_check" | "text_similarity" if vars.is_empty() => Ok(()),
        "string_check" => compare(sheet, grader, vars, draft),
        "text_similarity" => similar(sheet, grader, vars, draft),
        "score_model" | "label_model" => judged(grader, vars, draft),
        "multi" if depth < 4 => {
            let members = grader.get("graders");
            let listed = members.map_or(&[][..], Node::elements).iter();
            let named = members
                .into_iter()
                .flat_map(Node::members)
                .map(|(_, node)| node);
            for member in listed.chain(named) {
                grade(sheet, member, vars, draft, depth + 1);
            }
            Ok(())
        }
        _ => Ok(()),
    };
    if let Err(why) = outcome {
        sheet.lost(&at, &feature, &why);
        draft.lost.push(format!("{feature}: {why}"));
        return;
    }
    let row = find(GRADERS, &feature).or_else(|| find(GRADERS, "unknown"));
    if let Some(row) = row {
        sheet
            .report
            .say(&at, &shown(&feature), row.fidelity, row.note);
        if row.fidelity == super::Fidelity::NotTranslated {
            draft.lost.push(shown(&feature));
        }
    }
}

fn word(grader: &Node, key: &str) -> String {
    grader
        .get(key)
        .and_then(Node::as_text)
        .unwrap_or_default()
        .to_owned()
}
