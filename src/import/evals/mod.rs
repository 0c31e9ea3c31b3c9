//! A registry file of OpenAI's evals: classes and their samples.

mod ideal;
mod shots;

use std::rc::Rc;

use ideal::{check, in_words};
use serde_json::Value;
use shots::shots;

use super::chat::{self, Fit, Messages};
use super::report::At;
use super::sheet::{Draft, Sheet, slug};
use super::tables::{EVALS, find};
use super::template::as_text;
use crate::yaml::{self, Node};

fn say(sheet: &mut Sheet<'_>, at: &At, name: &str) {
    if let Some(row) = find(EVALS, name) {
        sheet.report.say(at, name, row.fidelity, row.note);
    }
}

/// Says that something is lost, with the note of a row.
fn lost_as(sheet: &mut Sheet<'_>, at: &At, feature: &str, name: &str) {
    if let Some(row) = find(EVALS, name) {
        sheet.lost(at, feature, row.note);
    }
}

/// One eval: what it does and to which rows.
struct Eval<'n> {
    class: &'n str,
    ignore_case: bool,
    rubric: Option<String>,
    /// What the system says before the messages of each row.
    task: Option<String>,
    shots: Vec<Messages>,
    /// What stands before the ids of its rows.
    before: String,
}

pub(super) fn read(sheet: &mut Sheet<'_>, root: &Node) {
    let evals: Vec<(&str, &Node)> = root
        .members()
        .filter(|(_, node)| node.get("class").is_some())
        .collect();
    for (name, node) in root.members() {
        let description = node.get("description").and_then(Node::as_text);
        if sheet.description.is_none() && name.chars().all(|c| !c.is_control()) {
            sheet.description = description.map(str::to_owned);
        }
    }
    let several = evals.len() > 1;
    for (name, node) in &evals {
        if sheet.is_full() {
            return;
        }
        eval(sheet, name, node, several);
    }
    if evals.is_empty() {
        let at = sheet.at(root);
        sheet.lost(&at, "class", "no eval here has a `class`");
    }
}

fn eval(sheet: &mut Sheet<'_>, name: &str, node: &Node, several: bool) {
    let at = sheet.at(node);
    let class = node
        .get("class")
        .and_then(Node::as_text)
        .unwrap_or_default();
    let whole = class;
    let class = class.rsplit([':', '.']).next().unwrap_or(class);
    // A class of the same name elsewhere is code of somebody else.
    let is_own = whole == class || whole.starts_with("evals.");
    let args = node.get("args");
    let known = [
        "Includes",
        "Match",
        "MatchWithSolvers",
        "FuzzyMatch",
        "JsonMatch",
        "JsonValidator",
        "ModelBasedClassify",
    ];
    if !is_own || !known.contains(&class) {
        let feature = format!("class: {}", crate::problem::shown(class));
        lost_as(sheet, &at, &feature, "class");
        return;
    }
    let get = |key| args.and_then(|args| args.get(key));
    arguments(sheet, args);
    let before = if several {
        format!("{}/", slug(name))
    } else {
        String::new()
    };
    let mut eval = Eval {
        class,
        ignore_case: get("ignore_case").map(Node::to_json) == Some(Value::Bool(true)),
        rubric: None,
        task: get("task_description")
            .and_then(Node::as_text)
            .map(str::to_owned),
        shots: Vec::new(),
        before,
    };
    if class == "ModelBasedClassify" {
        eval.rubric = rubric(sheet, &at, args);
        if eval.rubric.is_none() {
            return;
        }
    }
    eval.shots = shots(sheet, &at, args);
    match get("samples_jsonl").and_then(Node::as_text) {
        Some(name) => samples(sheet, &at, &eval, name),
        None => sheet.lost(&at, "samples_jsonl", "the eval names no rows"),
    }
}

/// Every row of a file as a case.
fn samples(sheet: &mut Sheet<'_>, at: &At, eval: &Eval<'_>, name: &str) {
    let Some((path, text)) = rows(sheet, at, name) else {
        return;
    };
    say(sheet, at, "samples_jsonl");
    let file: Rc<str> = path.as_str().into();
    for (line, number) in text.lines().zip(1..) {
        if sheet.is_full() {
            return;
        }
        if line.trim().is_empty() {
            continue;
        }
        let at = At {
            file: Rc::clone(&file),
            line: number,
        };
        sample(sheet, &at, eval, line);
    }
}

/// Says which arguments are known.
fn arguments(sheet: &mut Sheet<'_>, args: Option<&Node>) {
    let quiet = [
        "samples_jsonl",
        "modelgraded_spec",
        "eval_type",
        "num_few_shot",
        "modelgraded_spec_args",
    ];
    for (key, node) in args.iter().flat_map(|args| args.members()) {
        let at = sheet.at(node);
        if quiet.contains(&key) {
            continue;
        }
        if matches!(key, "ignore_case" | "few_shot_jsonl" | "task_description") {
            say(sheet, &at, key);
        } else {
            let feature = format!("args: {}", crate::problem::shown(key));
            lost_as(sheet, &at, &feature, "args");
        }
    }
}

/// The text of rows: below `data`, beside the folder of evals, as the registry has them, or beside the file itself.
fn rows<'f>(sheet: &mut Sheet<'f>, at: &At, name: &str) -> Option<(String, &'f str)> {
    let in_registry = super::files::resolve(&sheet.path, &format!("../data/{name}")).ok();
    let is_there = in_registry
        .as_deref()
        .is_some_and(|path| !matches!(sheet.files.find(path), super::files::Found::Absent));
    if is_there && !name.starts_with(['/', '.']) {
        return sheet.text(at, "samples_jsonl", &format!("../data/{name}"));
    }
    sheet.text(at, "samples_jsonl", name)
}

/// The prompt of a specification for a grading model, with our words in the places of question and answer.
fn rubric(sheet: &mut Sheet<'_>, at: &At, args: Option<&Node>) -> Option<String> {
    let spec = args?.get("modelgraded_spec").and_then(Node::as_text);
    let Some(spec) = spec else {
        sheet.lost(at, "ModelBasedClassify", "it names no `modelgraded_spec`");
        return None;
    };
    let place = format!("../modelgraded/{spec}.yaml");
    let (_, tree) = sheet.tree(at, "ModelBasedClassify", &place)?;
    let within = tree.get(spec).unwrap_or(&tree);
    let prompt = within.get("prompt").and_then(Node::as_text);
    if prompt.is_none() {
        let spec = crate::problem::shown(spec);
        let why = format!("the specification `{spec}` has no `prompt` that is text");
        sheet.lost(at, "ModelBasedClassify", &why);
    }
    prompt.map(|prompt| prompt.trim().to_owned())
}

fn sample(sheet: &mut Sheet<'_>, at: &At, eval: &Eval<'_>, line: &str) {
    let row = match yaml::json(&at.file, line, at.line) {
        Ok(node) => node.to_json(),
        Err(problem) => {
            sheet.lost(at, "sample", &problem.message);
            return;
        }
    };
    let mut messages = match asked(sheet, at, row.get("input")) {
        Ok(messages) => messages,
        Err(why) => {
            sheet.lost(at, "sample", &why);
            return;
        }
    };
    if let Some(task) = &eval.task {
        messages.insert(0, ("system".to_owned(), task.clone()));
    }
    if let Some(last) = messages.pop() {
        messages.extend(eval.shots.iter().flatten().cloned());
        messages.push(last);
    }
    match chat::fit(&mut messages) {
        Fit::AsTheyAre => {}
        Fit::SystemAsked => say(sheet, at, "last message is the system's"),
        Fit::No => {
            sheet.lost(at, "sample", "its messages end with the model's own words");
            return;
        }
    }
    let ideal = row.get("ideal").or_else(|| row.get("expected"));
    let ideals: Vec<String> = match ideal {
        Some(Value::Array(items)) => items.iter().map(as_text).collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(one @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_))) => {
            vec![as_text(one)]
        }
    };
    let ideals: Vec<String> = ideals.into_iter().filter(|text| !text.is_empty()).collect();
    let mut draft = Draft {
        id: format!("{}sample-{}", eval.before, at.line),
        messages,
        ..Draft::default()
    };
    if let Some(rubric) = &eval.rubric {
        draft.rubric.push(in_words(rubric, &row, &ideals));
        draft.reference = ideals.into_iter().next();
    } else {
        let Some(check) = check(eval, &ideals, ideal) else {
            lost_as(sheet, at, "sample", "sample");
            return;
        };
        draft.checks.push(check);
    }
    say(sheet, at, eval.class);
    sheet.take(at, draft);
}

/// The messages of a row.
fn asked(sheet: &mut Sheet<'_>, at: &At, input: Option<&Value>) -> Result<Messages, String> {
    match input {
        Some(Value::String(text)) => Ok(vec![("user".to_owned(), text.clone())]),
        Some(Value::Array(list)) => {
            if list.iter().any(|one| one.get("name").is_some()) {
                say(sheet, at, "name of a message");
            }
            chat::messages(list)
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => {
            Err("the row has no `input` with text".to_owned())
        }
    }
}
