//! From the bytes of a suite file, and of the file its `cases_from` names, to a valid suite or all problems in them.

use std::collections::HashMap;
use std::sync::Arc;

use super::check;
use super::file::SuiteFile;
use super::raw::{RawCase, RawKeyword, RawScoring, RawSuite};
use super::values;
use super::{Case, CaseId, Message, Role, Suite};
use crate::problem::{Problems, shown};
use crate::score::{Expectation, Keyword, Profile, Scoring};
use crate::yaml::{self, Log, Node, Spot};

/// A case and the line where it starts.
pub(super) type Placed = (Case, usize);

/// The suite in a file, or every problem in it. The path is relative to the repository's root.
pub fn read(path: &str, bytes: &[u8]) -> Result<SuiteFile, Problems> {
    let large = "move the cases to a file of JSON lines and name it in `cases_from`";
    let text = yaml::text(path, bytes, large)?;
    let tree = yaml::yaml(path, text)?;
    let log = Log::new(path);
    let file = file(&Spot::root(&log, &tree));
    let (suite, lines, cases_from) = log.or(file)?;
    let log = Log::new(path);
    Ok(SuiteFile {
        suite,
        lines,
        cases_from,
        log,
    })
}

/// Ids that a file gives twice, also to cases that are wrong otherwise.
fn repeated_within(cases: &[Spot<'_>]) {
    let mut first: HashMap<&str, usize> = HashMap::new();
    for case in cases {
        let spot = case.child("id");
        let Some(id) = spot.node().and_then(Node::as_text) else {
            continue;
        };
        if let Some(line) = first.get(id) {
            spot.report(taken(id, spot.file(), *line));
        } else {
            first.insert(id, case.place().line);
        }
    }
}

pub(super) fn taken(id: &str, file: &str, line: usize) -> String {
    let id = shown(id);
    format!("the id `{id}` is taken by the case at {file}:{line}; give each case its own")
}

fn file(root: &Spot<'_>) -> Option<(Suite, Vec<usize>, Option<String>)> {
    if !root.has("cases")
        && ["tests", "testing_criteria"]
            .iter()
            .any(|key| root.has(key))
    {
        root.report(
            "this looks like a file of another tool; `tunegate import FILE` writes it as a suite",
        );
        return None;
    }
    let raw: RawSuite = root.read()?;
    let scoring = scoring(&root.child("scoring"), raw.scoring);
    let cases = root.child("cases").items();
    repeated_within(&cases);
    let cases = cases.iter().filter_map(|spot| case(spot, scoring.profile));
    let (cases, lines) = cases.map(|(case, line)| (Arc::new(case), line)).unzip();
    let cases_from = raw.cases_from.and_then(|path| {
        let relative = yaml::repository_path(root.file(), &path);
        relative
            .map_err(|why| root.child("cases_from").report(why))
            .ok()
    });
    let suite = Suite {
        path: root.file().to_owned(),
        description: raw.description,
        scoring,
        cases,
        lines: None,
        draft: raw.draft.unwrap_or(false),
        notes: Vec::new(),
    };
    Some((suite, lines, cases_from))
}

fn scoring(spot: &Spot<'_>, raw: Option<RawScoring>) -> Scoring {
    let Some(raw) = raw else {
        return Scoring::default();
    };
    let mut scoring = Scoring {
        profile: raw.profile.unwrap_or_default(),
        ..Scoring::default()
    };
    for (name, weight) in raw.weights.unwrap_or_default() {
        let spot = spot.child("weights").child(&name);
        if let Some(dimension) = check::dimension(&spot, &name) {
            let weight = check::positive(&spot, weight);
            scoring.weights.insert(dimension, weight);
        }
    }
    scoring
}

/// The case at a spot; what is wrong with it is reported there.
pub(super) fn case(spot: &Spot<'_>, profile: Profile) -> Option<Placed> {
    // Checks are read even where the case itself cannot be, so that their problems are named in the same reading.
    let checks = check::read_all(&spot.child("checks"));
    let mut raw: RawCase = spot.read()?;
    let id = case_id(spot, &raw.id);
    let messages = messages(spot, &mut raw);
    if profile == Profile::Checks && spot.child("checks").items().is_empty() {
        spot.report("the profile `checks` scores by checks alone, and this case has none; add one");
    }
    if raw
        .reference
        .as_deref()
        .is_none_or(|reference| reference.trim().is_empty())
    {
        values::without_reference(&spot.child("checks"), &raw.id);
    }
    let keywords = spot.child("keywords").items();
    let keywords = keywords.iter().filter_map(keyword).collect();
    let weight = raw
        .weight
        .map_or(1.0, |weight| check::positive(&spot.child("weight"), weight));
    let case = Case {
        id,
        messages,
        expectation: Expectation {
            keywords,
            form: raw.expect,
            checks,
            reference: raw.reference,
            rubric: raw.rubric,
        },
        tags: raw.tags.unwrap_or_default(),
        weight,
        cluster: raw.cluster,
        draft: raw.draft.unwrap_or(false),
    };
    Some((case, spot.place().line))
}

fn case_id(spot: &Spot<'_>, id: &str) -> CaseId {
    let plain = !id.is_empty() && id.trim() == id && !id.chars().any(char::is_control);
    if !plain || id.chars().count() > 128 {
        spot.child("id")
            .report("an id has 1 to 128 characters on one line, without outer white space");
    }
    CaseId::new(id)
}

fn messages(spot: &Spot<'_>, raw: &mut RawCase) -> Vec<Message> {
    let messages: Vec<Message> = match (raw.prompt.take(), raw.messages.take()) {
        (Some(content), None) => vec![Message {
            role: Role::User,
            content,
        }],
        (_, Some(messages)) => messages
            .into_iter()
            .map(|message| Message {
                role: message.role,
                content: message.content,
            })
            .collect(),
        (None, None) => Vec::new(),
    };
    let list = spot.child("messages");
    match (spot.has("prompt"), spot.has("messages")) {
        (true, true) => spot.report_key(
            "messages",
            "a case has `prompt` or `messages`, here are both; keep one",
        ),
        (false, false) => spot.report("the case asks nothing; add `prompt` or `messages`"),
        (true, false)
            if messages
                .iter()
                .all(|message| message.content.trim().is_empty()) =>
        {
            if spot
                .child("prompt")
                .node()
                .and_then(Node::as_text)
                .is_some()
            {
                spot.child("prompt")
                    .report("the prompt is empty; write what the user says");
            }
        }
        (false, true) if list.items().is_empty() => {
            list.report("the conversation is empty; add a message of the user's");
        }
        (false, true) if list.items().len() == messages.len() => {
            last_is_the_users(&list, &messages);
        }
        (true, false) | (false, true) => {}
    }
    messages
}

fn last_is_the_users(list: &Spot<'_>, messages: &[Message]) {
    let Some((message, spot)) = messages.last().zip(list.items().pop()) else {
        return;
    };
    match message.role {
        Role::User if message.content.trim().is_empty() => {
            spot.report("the last message is empty; write what the user says");
        }
        Role::User => {}
        Role::System | Role::Assistant => {
            spot.report("the last message has to be the user's: the model answers it");
        }
    }
}

fn keyword(spot: &Spot<'_>) -> Option<Keyword> {
    let RawKeyword(any_of) = spot.read()?;
    if any_of.is_empty() && spot.items().is_empty() {
        spot.report("the list is empty; name at least one word");
        return None;
    }
    if any_of.iter().any(|word| word.trim().is_empty()) {
        spot.report("a keyword is empty; write a word or remove it");
        return None;
    }
    Some(Keyword { any_of })
}
