//! The prompts of a configuration, inline or in files.

use std::rc::Rc;

use serde_json::Value;

use super::filled::{deep, of_data, of_text};
use super::{Piece, say};
use crate::import::chat::Messages;
use crate::import::files::ending;
use crate::import::report::At;
use crate::import::sheet::{Sheet, slug};
use crate::import::template::{self, Vars};
use crate::yaml::{self, Node};

/// Files that hold a prompt as text or as data.
const READ: [&str; 8] = ["txt", "md", "j2", "json", "jsonl", "yaml", "yml", "csv"];
/// Files whose prompt comes out of a program.
const RUN: [&str; 9] = ["js", "cjs", "mjs", "ts", "cts", "mts", "py", "rb", "sh"];

/// A prompt, before values are put into it.
#[derive(Debug, Clone)]
pub(super) struct Prompt {
    pub(super) at: At,
    /// Short, and its own among the prompts.
    pub(super) name: String,
    /// What tests name it by.
    pub(super) labels: Vec<String>,
    body: Body,
}

#[derive(Debug, Clone)]
enum Body {
    Text(String),
    /// A list of messages, or something else that is data.
    Data(Value),
}

/// All prompts; what is none of text is told.
pub(super) fn read(sheet: &mut Sheet<'_>, prompts: Option<Piece>) -> Vec<Prompt> {
    let mut found = Vec::new();
    if let Some(prompts) = prompts {
        if prompts.node.is_list() {
            for node in prompts.node.elements() {
                entry(sheet, &prompts.with(node), &mut found);
            }
        } else if prompts.node.as_text().is_some() {
            entry(sheet, &prompts, &mut found);
        } else {
            // An older form: files with their labels.
            for (name, label) in prompts.node.members() {
                let label = label.as_text().map(str::to_owned);
                reference(
                    sheet,
                    &prompts.with(&prompts.node).at(),
                    name,
                    label,
                    &mut found,
                );
            }
        }
    }
    names(&mut found);
    found
}

fn entry(sheet: &mut Sheet<'_>, piece: &Piece, found: &mut Vec<Prompt>) {
    let at = piece.at();
    if let Some(text) = piece.node.as_text() {
        reference(sheet, &at, text, None, found);
        return;
    }
    let get = |key| piece.node.get(key).and_then(Node::as_text);
    let label = get("label").or_else(|| get("display")).map(str::to_owned);
    if piece.node.get("function").is_some() {
        say(sheet, &at, "prompts: functions");
        return;
    }
    if let Some(raw) = get("raw") {
        let label = label.or_else(|| get("id").map(str::to_owned));
        reference(sheet, &at, raw, label, found);
    } else if let Some(id) = get("id").or_else(|| get("path")).or_else(|| get("file")) {
        reference(sheet, &at, id, label, found);
    } else {
        sheet.lost(
            &at,
            "prompts",
            "a prompt is a text, a file, or has `raw` or `id`; write it as text",
        );
    }
}

/// A prompt that is text, or the file that it names.
fn reference(
    sheet: &mut Sheet<'_>,
    at: &At,
    text: &str,
    label: Option<String>,
    found: &mut Vec<Prompt>,
) {
    let named = text.strip_prefix("file://");
    let path = named.unwrap_or(text);
    let file = path.rsplit_once(':').map_or(path, |(file, _)| file);
    let is_name = !text.contains(char::is_whitespace) && !text.contains("{{");
    if text.starts_with("exec:")
        || ((named.is_some() || is_name) && RUN.contains(&ending(file).as_str()))
    {
        say(sheet, at, "prompts: functions");
        return;
    }
    let is_file = named.is_some() || (is_name && READ.contains(&ending(path).as_str()));
    let is_address = is_name && text.contains("://");
    if !is_file && !is_address {
        found.push(prompt(at, label, Body::Text(text.to_owned())));
        return;
    }
    let label = label.or_else(|| Some(path.to_owned()));
    let Some((path, content)) = sheet.text(at, "prompts", text) else {
        return;
    };
    if named.is_some() {
        say(sheet, at, "file://");
    }
    let at = At {
        file: Rc::from(path.as_str()),
        line: 1,
    };
    bodies(sheet, &at, &path, content, label.as_deref(), found);
}

/// The prompts of a file.
fn bodies(
    sheet: &mut Sheet<'_>,
    at: &At,
    path: &str,
    content: &str,
    label: Option<&str>,
    found: &mut Vec<Prompt>,
) {
    let label = || label.map(str::to_owned);
    match ending(path).as_str() {
        "json" | "yaml" | "yml" => match yaml::foreign(path, content) {
            Ok(node) => found.push(prompt(at, label(), Body::Data(node.spread().to_json()))),
            // A template makes many a file no YAML until its values are there.
            Err(_) => found.push(prompt(at, label(), Body::Text(content.to_owned()))),
        },
        "jsonl" => {
            for (line, number) in content.lines().zip(1..) {
                if line.trim().is_empty() {
                    continue;
                }
                let at = At {
                    line: number,
                    ..at.clone()
                };
                match serde_json::from_str(line) {
                    Ok(value) => found.push(prompt(&at, label(), Body::Data(value))),
                    Err(why) => sheet.lost(&at, "prompts", &format!("not valid JSON: {why}")),
                }
            }
        }
        "txt" => {
            let content = content.replace("\r\n", "\n");
            for part in content
                .split("\n---\n")
                .filter(|part| !part.trim().is_empty())
            {
                found.push(prompt(
                    at,
                    label(),
                    Body::Text(part.trim_end_matches('\n').to_owned()),
                ));
            }
        }
        "csv" => sheet.lost(
            at,
            "prompts",
            "prompts are not read from tables; name a text file for each",
        ),
        _ => found.push(prompt(
            at,
            label(),
            Body::Text(content.trim_end_matches('\n').to_owned()),
        )),
    }
}

fn prompt(at: &At, label: Option<String>, body: Body) -> Prompt {
    Prompt {
        at: at.clone(),
        name: String::new(),
        labels: label.into_iter().collect(),
        body,
    }
}

/// Gives each prompt a short name of its own.
fn names(prompts: &mut [Prompt]) {
    let mut taken: Vec<String> = Vec::new();
    for (number, prompt) in prompts.iter_mut().enumerate() {
        let label = prompt.labels.first().map(|label| {
            let file = label.rsplit('/').next().unwrap_or(label);
            slug(file.split('.').next().unwrap_or(file))
        });
        let short: Option<String> = label.map(|label| label.chars().take(40).collect());
        let short = short.filter(|label| !label.is_empty() && !taken.contains(label));
        prompt.name = short.unwrap_or_else(|| format!("p{}", number + 1));
        taken.push(prompt.name.clone());
    }
}

impl Prompt {
    /// Whether a test that names prompts names this one.
    pub(super) fn is_named(&self, names: &[String]) -> bool {
        let matches = |name: &String, label: &str| {
            name == label
                || name
                    .strip_suffix('*')
                    .is_some_and(|start| label.starts_with(start))
        };
        names.iter().any(|name| {
            matches(name, &self.name) || self.labels.iter().any(|label| matches(name, label))
        })
    }

    /// Whether more than values stands in its templates.
    pub(super) fn has_blocks(&self) -> bool {
        match &self.body {
            Body::Text(text) => text.contains("{%"),
            Body::Data(data) => data.to_string().contains("{%"),
        }
    }

    /// What is asked with these values, and a name that has none.
    pub(super) fn messages(
        &self,
        prefix: &str,
        suffix: &str,
        vars: &Vars,
    ) -> Result<(Messages, Option<String>), String> {
        let mut missing = None;
        let mut fill = |text: &str| -> Result<String, String> {
            let rendered = template::render(text, vars)?;
            missing = missing.take().or(rendered.missing);
            Ok(rendered.text)
        };
        let data = match &self.body {
            Body::Data(data) => Some(data.clone()),
            Body::Text(text) if text.trim_start().starts_with(['[', '{']) => {
                serde_json::from_str(text).ok()
            }
            Body::Text(_) => None,
        };
        if let Some(data) = data {
            let data = deep(data, &mut fill)?;
            let messages = of_data(&data)?;
            return Ok((messages, missing));
        }
        let Body::Text(text) = &self.body else {
            return Err("the prompt has no text".to_owned());
        };
        let text = fill(&[prefix, text, suffix].concat())?;
        Ok((of_text(text)?, missing))
    }
}
