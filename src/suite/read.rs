//! From the bytes of a suite file, and of the file its `cases_from` names, to a valid suite or all problems in them.

use std::collections::HashMap;

use super::check;
use super::raw::{RawCase, RawKeyword, RawScoring, RawSuite};
use super::{Case, CaseId, Message, Role, Suite};
use crate::problem::{Problem, Problems, shown};
use crate::score::{Expectation, Keyword, Profile, Scoring};
use crate::yaml::{self, Log, Node, Spot};

/// A valid suite file whose `cases_from`, if it names one, is still to be read.
#[derive(Debug)]
pub struct SuiteFile {
    suite: Suite,
    lines: Vec<usize>,
    cases_from: Option<String>,
    /// Where `cases` or the file starts, for what is wrong with all of them.
    log: Log,
}

/// A case and the line where it starts.
type Placed = (Case, usize);

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

/// The cases in a file of JSON lines, or every problem in it.
pub fn read_cases(path: &str, bytes: &[u8]) -> Result<Vec<Case>, Problems> {
    let log = Log::new(path);
    let (cases, _): (Vec<_>, Vec<_>) = json_lines(&log, bytes, Profile::Standard)
        .into_iter()
        .unzip();
    log.or(Some(cases))
}

impl SuiteFile {
    /// The file of further cases, relative to the repository's root: to be read and given to [`Self::finish`].
    pub fn cases_from(&self) -> Option<&str> {
        self.cases_from.as_deref()
    }

    /// The suite, once the path and bytes of its `cases_from` are there.
    pub fn finish(mut self, cases_from: Option<(&str, &[u8])>) -> Result<Suite, Problems> {
        let own = self.suite.path.clone();
        let mut places: Vec<_> = self.lines.iter().map(|line| (own.clone(), *line)).collect();
        if let Some((path, bytes)) = cases_from {
            let log = Log::new(path);
            let further = json_lines(&log, bytes, self.suite.scoring.profile);
            let further = log.or(Some(further))?;
            places.extend(further.iter().map(|(_, line)| (path.to_owned(), *line)));
            self.suite
                .cases
                .extend(further.into_iter().map(|(case, _)| case));
        } else if let Some(missing) = &self.cases_from {
            let message = format!(
                "`cases_from` names {}, which is not there; add it or remove the key",
                shown(missing)
            );
            self.log.push(Problem::of_file(&own, message));
        }
        repeated(&self.log, &self.suite.cases, &places);
        if self.suite.cases.is_empty() {
            let message = "the suite has 0 cases; add one under `cases`, or name a file of cases in `cases_from`";
            self.log.push(Problem::of_file(&own, message));
        }
        self.log.or(Some(self.suite))
    }
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

fn taken(id: &str, file: &str, line: usize) -> String {
    let id = shown(id);
    format!("the id `{id}` is taken by the case at {file}:{line}; give each case its own")
}

fn repeated(log: &Log, cases: &[Case], places: &[(String, usize)]) {
    let mut first: HashMap<&str, &(String, usize)> = HashMap::new();
    for (case, place) in cases.iter().zip(places) {
        if let Some((file, line)) = first.get(case.id.as_str()) {
            let message = taken(case.id.as_str(), file, *line);
            log.push(Problem::of_file(&place.0, message).at(place.1, None));
        } else {
            first.insert(case.id.as_str(), place);
        }
    }
}

fn file(root: &Spot<'_>) -> Option<(Suite, Vec<usize>, Option<String>)> {
    if !root.has("cases") && (root.has("tests") || root.has("prompts")) {
        root.report("this looks like a promptfoo file, which this version does not read; write the cases as a suite, under `cases`");
        return None;
    }
    let raw: RawSuite = root.read()?;
    let scoring = scoring(&root.child("scoring"), raw.scoring);
    let cases = root.child("cases").items();
    repeated_within(&cases);
    let cases = cases.iter().filter_map(|spot| case(spot, scoring.profile));
    let (cases, lines) = cases.unzip();
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
        draft: raw.draft.unwrap_or(false),
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

fn json_lines(log: &Log, bytes: &[u8], profile: Profile) -> Vec<Placed> {
    let text = match yaml::text_of_any_size(log.file(), bytes) {
        Ok(text) => text,
        Err(problem) => {
            log.push(problem);
            return Vec::new();
        }
    };
    let lines = text
        .split('\n')
        .zip(1..)
        .filter(|(line, _)| !line.trim().is_empty());
    let read = |(line, number)| match yaml::json(log.file(), line, number) {
        Ok(node) => case(&Spot::root(log, &node), profile),
        Err(problem) => {
            log.push(problem);
            None
        }
    };
    lines.filter_map(read).collect()
}

fn case(spot: &Spot<'_>, profile: Profile) -> Option<Placed> {
    // Checks are read even where the case itself cannot be, so that their problems are named in the same reading.
    let checks = check::read_all(&spot.child("checks"));
    let mut raw: RawCase = spot.read()?;
    let id = case_id(spot, &raw.id);
    let messages = messages(spot, &mut raw);
    if profile == Profile::Checks && spot.child("checks").items().is_empty() {
        spot.report("the profile `checks` scores by checks alone, and this case has none; add one");
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
