//! A configuration of promptfoo: its prompts, filled with the values of its tests.

mod asserts;
mod checks;
mod combine;
mod csv;
mod filled;
mod prompts;
mod references;
mod sets;
mod test;
mod tests;

use std::collections::BTreeMap;
use std::rc::Rc;

use prompts::Prompt;
use serde_json::Value;
use test::Test;

use super::chat::{self, Fit};
use super::report::{At, Fidelity};
use super::sheet::{Draft, Sheet, slug};
use super::tables::{PROMPTFOO, TOP_KEYS, find};
use super::template::{self, Vars};
use crate::problem::shown;
use crate::yaml::Node;

/// A value with the file that it stands in.
#[derive(Debug, Clone)]
struct Piece {
    file: Rc<str>,
    node: Node,
}

impl Piece {
    fn at(&self) -> At {
        At {
            file: Rc::clone(&self.file),
            line: self.node.place.line,
        }
    }

    fn with(&self, node: &Node) -> Self {
        Self {
            file: Rc::clone(&self.file),
            node: node.clone(),
        }
    }

    fn child(&self, key: &str) -> Option<Self> {
        self.node.get(key).map(|node| self.with(node))
    }
}

/// Assertions that others refer to by name.
type Templates = BTreeMap<String, Piece>;

/// Says a row of the general table.
fn say(sheet: &mut Sheet<'_>, at: &At, name: &str) {
    if let Some(row) = find(PROMPTFOO, name) {
        sheet.report.say(at, name, row.fidelity, row.note);
    }
}

pub(super) fn read(sheet: &mut Sheet<'_>, root: &Node) {
    let whole = Piece {
        file: Rc::clone(&sheet.path),
        node: root.clone(),
    };
    for (key, node) in root.members() {
        let at = sheet.at(node);
        match find(TOP_KEYS, key) {
            Some(row) => sheet.report.say(&at, key, row.fidelity, row.note),
            None if key.starts_with('$') => {}
            None => sheet.lost(&at, key, "this version does not know it"),
        }
    }
    sheet.description = root
        .get("description")
        .and_then(Node::as_text)
        .map(str::to_owned);
    let templates = whole.child("assertionTemplates");
    let templates: Templates = templates
        .iter()
        .flat_map(|piece| {
            piece
                .node
                .members()
                .map(|(name, node)| (name.to_owned(), piece.with(node)))
        })
        .collect();
    let prompts = prompts::read(sheet, whole.child("prompts"));
    let tests = tests::all(sheet, &whole, &templates);
    let several = prompts.len() > 1;
    for (number, test) in tests.iter().enumerate() {
        if sheet.is_full() {
            break;
        }
        cases(sheet, test, number, &prompts, several);
    }
}

/// The cases of one test: one for each combination of its values and each prompt.
fn cases(sheet: &mut Sheet<'_>, test: &Test, number: usize, prompts: &[Prompt], several: bool) {
    let named = test
        .description
        .as_deref()
        .map(slug)
        .filter(|slug| !slug.is_empty());
    let base = named.unwrap_or_else(|| format!("test-{}", number + 1));
    let combinations = match combine::combinations(test) {
        Ok(combinations) => combinations,
        Err(why) => {
            sheet.lost(&test.at, "vars: lists", &why);
            return;
        }
    };
    if combinations.len() > 1 {
        say(sheet, &test.at, "vars: lists");
    }
    let related = several || combinations.len() > 1;
    for (which, vars) in combinations.iter().enumerate() {
        for prompt in prompts.iter().filter(|prompt| test.takes(prompt)) {
            if sheet.is_full() {
                return;
            }
            let mut draft = Draft {
                id: base.clone(),
                cluster: related.then(|| base.clone()),
                tags: test.tags.clone(),
                ..Draft::default()
            };
            if combinations.len() > 1 {
                draft.id = format!("{}-{}", draft.id, which + 1);
            }
            if several {
                draft.id = format!("{}@{}", draft.id, prompt.name);
                draft.tags.push(format!("prompt:{}", prompt.name));
            }
            case(sheet, test, prompt, vars, draft);
        }
    }
}

fn case(sheet: &mut Sheet<'_>, test: &Test, prompt: &Prompt, vars: &Vars, mut draft: Draft) {
    let vars = match filled(vars) {
        Ok(vars) => vars,
        Err((name, why)) => {
            sheet.lost(&test.at, "vars", &format!("`{}`: {why}", shown(&name)));
            return;
        }
    };
    let around = |key| test.option(key).map(template::as_text).unwrap_or_default();
    let asked = prompt.messages(&around("prefix"), &around("suffix"), &vars);
    let (mut messages, missing) = match asked {
        Ok(asked) => asked,
        Err(why) => {
            sheet.lost(&prompt.at, "prompts", &why);
            return;
        }
    };
    if let Some(name) = missing {
        let row = find(PROMPTFOO, "name without a value");
        let note = row.map_or("", |row| row.note);
        sheet.nearly(
            &prompt.at,
            &format!("name without a value: {}", shown(&name)),
            note,
        );
    }
    match chat::fit(&mut messages) {
        Fit::AsTheyAre => {}
        Fit::SystemAsked => say(sheet, &prompt.at, "prompts: last message is the system's"),
        Fit::No => {
            let note = "the conversation ends with the model's own words; end it with the user's";
            sheet.lost(&prompt.at, "prompts", note);
            return;
        }
    }
    if messages.len() > 1 {
        say(sheet, &prompt.at, "prompts: chat messages");
    }
    if prompt.has_blocks() {
        say(sheet, &prompt.at, "templates with `if` or `for`");
    }
    draft.messages = messages;
    asserts::take(sheet, test, &vars, &mut draft);
    let at = test.at.clone();
    sheet.take(&at, draft);
}

/// The values of a test, of which those that are text may name others.
fn filled(vars: &Vars) -> Result<Vars, (String, String)> {
    let mut filled = vars.clone();
    for (name, value) in vars {
        if let Value::String(text) = value {
            let rendered = template::render(text, vars).map_err(|why| (name.clone(), why))?;
            // What names a value that is not there stays as it is.
            if rendered.missing.is_none() {
                filled.insert(name.clone(), Value::String(rendered.text));
            }
        }
    }
    Ok(filled)
}

/// Says how well a key is translated, by its table; unknown ones are lost.
fn keys(
    sheet: &mut Sheet<'_>,
    piece: &Piece,
    rows: &[super::tables::Row],
    before: &str,
    quiet: &[&str],
) {
    for (key, node) in piece.node.members() {
        let at = piece.with(node).at();
        let feature = format!("{before}{key}");
        match find(rows, key) {
            Some(row) if row.fidelity == Fidelity::Exact && quiet.contains(&key) => {}
            Some(row) => sheet.report.say(&at, &feature, row.fidelity, row.note),
            None => sheet.lost(&at, &feature, "this version does not know it"),
        }
    }
}
