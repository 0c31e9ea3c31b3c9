//! A GitHub `.prompt.yml`: messages, the data that is put into them, and evaluators.

use serde_json::{Value, json};

use super::chat::{self, Fit};
use super::report::At;
use super::sheet::{Draft, Sheet, slug};
use super::tables::{PROMPT_YML, find};
use super::template::{Vars, as_text, substitute};
use crate::problem::shown;
use crate::yaml::Node;

fn say(sheet: &mut Sheet<'_>, at: &At, feature: &str, name: &str) {
    if let Some(row) = find(PROMPT_YML, name) {
        sheet.report.say(at, feature, row.fidelity, row.note);
    }
}

pub(super) fn read(sheet: &mut Sheet<'_>, root: &Node) {
    for (key, node) in root.members() {
        let at = sheet.at(node);
        if find(PROMPT_YML, key).is_some() {
            say(sheet, &at, key, key);
        } else {
            say(sheet, &at, key, "unknown");
        }
    }
    let text = |key| root.get(key).and_then(Node::as_text).map(str::to_owned);
    sheet.description = text("description").or_else(|| text("name"));
    let messages: Vec<Value> = root
        .get("messages")
        .map(|node| node.elements().iter().map(Node::to_json).collect())
        .unwrap_or_default();
    let at = sheet.at(root.get("messages").unwrap_or(root));
    if messages.is_empty() {
        sheet.lost(
            &at,
            "messages",
            "there are none; add a message of the user's",
        );
        return;
    }
    let evaluators = root.get("evaluators").map_or(&[][..], Node::elements);
    let rows = root.get("testData").map_or(&[][..], Node::elements);
    if rows.is_empty() {
        case(sheet, &at, &messages, evaluators, &Vars::new(), 0);
    }
    for (number, row) in rows.iter().enumerate() {
        let at = sheet.at(row);
        match row.to_json() {
            Value::Object(vars) => case(sheet, &at, &messages, evaluators, &vars, number),
            // A row that is text alone is the input.
            Value::String(text) => {
                let vars = Vars::from_iter([("input".to_owned(), json!(text))]);
                case(sheet, &at, &messages, evaluators, &vars, number);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                sheet.lost(&at, "testData", "the row is no mapping of names and values");
            }
        }
    }
}

fn case(
    sheet: &mut Sheet<'_>,
    at: &At,
    messages: &[Value],
    evaluators: &[Node],
    vars: &Vars,
    number: usize,
) {
    let asked = chat::messages(messages).and_then(|messages| {
        let filled = messages
            .into_iter()
            .map(|(role, text)| Ok((role, substitute(&text, vars)?)));
        filled.collect::<Result<Vec<_>, String>>()
    });
    let mut asked = match asked {
        Ok(asked) => asked,
        Err(why) => {
            let remedy = if why.ends_with("has no value") {
                "; give it one in `testData`"
            } else {
                ""
            };
            sheet.lost(at, "messages", &format!("{why}{remedy}"));
            return;
        }
    };
    if !vars.is_empty() {
        say(sheet, at, "{{variable}}", "{{variable}}");
    }
    match chat::fit(&mut asked) {
        Fit::AsTheyAre => {}
        Fit::SystemAsked => sheet.nearly(
            at,
            "messages",
            "the last one is the system's, and is asked as the user's",
        ),
        Fit::No => {
            sheet.lost(
                at,
                "messages",
                "they end with the model's own words; end them with the user's",
            );
            return;
        }
    }
    let name = vars.get("name").or_else(|| vars.get("id")).map(as_text);
    let name = name.map(|name| slug(&name)).filter(|name| !name.is_empty());
    let mut draft = Draft {
        id: name.unwrap_or_else(|| format!("row-{}", number + 1)),
        messages: asked,
        reference: vars.get("expected").map(as_text),
        ..Draft::default()
    };
    for node in evaluators {
        evaluator(sheet, node, vars, &mut draft);
    }
    sheet.take(at, draft);
}

fn evaluator(sheet: &mut Sheet<'_>, node: &Node, vars: &Vars, draft: &mut Draft) {
    let at = sheet.at(node);
    let name = node.get("name").and_then(Node::as_text).map(str::to_owned);
    let outcome = if let Some(string) = node.get("string") {
        texts(sheet, &at, string, vars, name.as_deref(), draft)
    } else if let Some(llm) = node.get("llm") {
        judged(sheet, &at, llm, vars, draft)
    } else if let Some(uses) = node.get("uses").and_then(Node::as_text) {
        plugin(sheet, &at, uses, vars, draft);
        Ok(())
    } else {
        Err((
            "evaluators".to_owned(),
            "it has none of `string`, `llm` and `uses`".to_owned(),
        ))
    };
    if let Err((feature, why)) = outcome {
        sheet.lost(&at, &feature, &why);
        draft.lost.push(format!("{feature}: {why}"));
    }
}

type Told = (String, String);

/// Comparisons with a text; the first that is set counts, as there.
fn texts(
    sheet: &mut Sheet<'_>,
    at: &At,
    string: &Node,
    vars: &Vars,
    name: Option<&str>,
    draft: &mut Draft,
) -> Result<(), Told> {
    let kinds = [
        ("equals", "equals", true),
        ("contains", "contains", false),
        ("startsWith", "starts-with", false),
        ("endsWith", "ends-with", false),
    ];
    for (key, check, sensitive) in kinds {
        let Some(node) = string.get(key) else {
            continue;
        };
        let feature = format!("string: {key}");
        let wanted =
            substitute(&as_text(&node.to_json()), vars).map_err(|why| (feature.clone(), why))?;
        if wanted.is_empty() {
            continue;
        }
        let mut made = json!({check: wanted});
        if let Some(map) = made.as_object_mut() {
            if sensitive {
                map.insert("case_sensitive".to_owned(), json!(true));
            }
            if let Some(name) = name.filter(|name| !name.trim().is_empty()) {
                map.insert("label".to_owned(), json!(name));
            }
        }
        if let Some(why) = sheet.refuses(&made) {
            return Err((feature, why));
        }
        draft.checks.push(made);
        say(sheet, at, &feature, &feature);
        return Ok(());
    }
    Err((
        "string".to_owned(),
        "it has none of `equals`, `contains`, `startsWith` and `endsWith` with a text".to_owned(),
    ))
}

/// A prompt for a model that grades, as the text of a rubric.
fn judged(
    sheet: &mut Sheet<'_>,
    at: &At,
    llm: &Node,
    vars: &Vars,
    draft: &mut Draft,
) -> Result<(), Told> {
    let lost = |why: String| ("llm".to_owned(), why);
    let prompt = llm
        .get("prompt")
        .and_then(Node::as_text)
        .unwrap_or_default();
    let mut vars = vars.clone();
    vars.insert("completion".to_owned(), json!("(the answer)"));
    let prompt = substitute(prompt, &vars).map_err(lost)?;
    if prompt.trim().is_empty() {
        return Err(lost("it has no `prompt`".to_owned()));
    }
    let before = llm.get("systemPrompt").and_then(Node::as_text);
    let before = substitute(before.unwrap_or_default(), &vars).map_err(lost)?;
    let rubric = format!("{}\n\n{}", before.trim(), prompt.trim());
    draft.rubric.push(rubric.trim().to_owned());
    say(sheet, at, "llm", "llm");
    if llm.get("modelId").is_some() {
        say(sheet, at, "llm: modelId", "llm: modelId");
    }
    Ok(())
}

fn plugin(sheet: &mut Sheet<'_>, at: &At, uses: &str, vars: &Vars, draft: &mut Draft) {
    let feature = format!("uses: {}", shown(uses));
    let rubric = match uses {
        "github/similarity" => match vars.get("expected") {
            Some(expected) => format!("The answer means the same as: {}", as_text(expected)),
            None => "The answer means the same as the reference.".to_owned(),
        },
        "github/fluency" => "The answer reads fluently: grammar, choice of words, flow.".to_owned(),
        "github/coherence" => {
            "The answer is coherent: its sentences follow from one another.".to_owned()
        }
        "github/relevance" => {
            "The answer addresses what was asked, and nothing beside it.".to_owned()
        }
        "github/groundedness" => {
            "What the answer claims is grounded in the context that the question gives.".to_owned()
        }
        _ => {
            say(sheet, at, &feature, "uses");
            draft.lost.push(feature);
            return;
        }
    };
    say(sheet, at, &feature, &feature);
    draft.rubric.push(rubric);
}
