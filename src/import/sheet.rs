//! Collects the cases of a foreign file. Every check is read by the suite's own reader before it is taken, so that what
//! comes out is a suite.

mod bounds;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use serde_json::{Value, json};

use super::files::{Files, Found, resolve};
use super::report::{At, Fidelity, Report};
use crate::problem::{Problem, shown};
use crate::score::Profile;
use crate::suite;
use crate::yaml::{self, Node};

/// Cases of one suite.
const MOST_CASES: usize = 100_000;
/// Text of one suite, all cases together.
const MOST_BYTES: usize = 128 * 1024 * 1024;
const TOO_MUCH: &str =
    "the cases come to more than 100,000 or 128 MB; name fewer tests, prompts or values";

/// A case as it is made.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) messages: Vec<(String, String)>,
    pub(super) checks: Vec<Value>,
    pub(super) rubric: Vec<String>,
    pub(super) reference: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) cluster: Option<String>,
    /// What of the case is lost, in words.
    pub(super) lost: Vec<String>,
}

/// A made case with what a person should know about it.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) case: Value,
    pub(super) at: At,
    pub(super) lost: Vec<String>,
}

/// What is collected.
pub(super) struct Sheet<'f> {
    pub(super) path: Rc<str>,
    pub(super) files: &'f Files,
    pub(super) report: Report,
    pub(super) description: Option<String>,
    pub(super) cases: Vec<Made>,
    ids: HashSet<String>,
    given: HashMap<String, usize>,
    checked: HashMap<String, Option<String>>,
    bytes: usize,
    copied: usize,
    full: bool,
    tried: usize,
}

impl<'f> Sheet<'f> {
    pub(super) fn new(path: &str, files: &'f Files) -> Self {
        Self {
            path: path.into(),
            files,
            report: Report::default(),
            description: None,
            cases: Vec::new(),
            ids: HashSet::new(),
            given: HashMap::new(),
            checked: HashMap::new(),
            bytes: 0,
            copied: 0,
            full: false,
            tried: 0,
        }
    }

    /// A place in the foreign file itself.
    pub(super) fn at(&self, node: &Node) -> At {
        At {
            file: Rc::clone(&self.path),
            line: node.place.line,
        }
    }

    pub(super) fn exact(&mut self, at: &At, feature: &str) {
        self.report.say(at, feature, Fidelity::Exact, "");
    }

    pub(super) fn nearly(&mut self, at: &At, feature: &str, note: &str) {
        self.report.say(at, feature, Fidelity::Approximate, note);
    }

    pub(super) fn lost(&mut self, at: &At, feature: &str, note: &str) {
        self.report.say(at, feature, Fidelity::NotTranslated, note);
    }

    /// Why the suite's reader refuses a check, if it does.
    pub(super) fn refuses(&mut self, check: &Value) -> Option<String> {
        let key = check.to_string();
        if let Some(known) = self.checked.get(&key) {
            return known.clone();
        }
        let probe = json!({"id": "x", "prompt": "x", "reference": "x", "checks": [check]});
        let read = suite::read_case("", &probe.to_string(), 1, Profile::Standard);
        let why = read.err().map(|problems| {
            let first = problems.iter().next();
            first.map_or_else(String::new, |problem| problem.message.clone())
        });
        // What is the same in many cases is read once; what differs in each is not kept.
        if self.checked.len() < 5_000 {
            self.checked.insert(key, why.clone());
        }
        why
    }

    /// Takes a case, under an id of its own; says in the report why not.
    pub(super) fn take(&mut self, at: &At, draft: Draft) {
        if self.full {
            return;
        }
        let id = self.id(&draft.id);
        let (case, lost) = case(&id, draft);
        let text = case.to_string();
        let read = suite::read_case("", &text, 1, Profile::Standard);
        if let Err(problems) = read {
            let first = problems.iter().next();
            let why = first.map_or("", |problem| problem.message.as_str());
            self.lost(at, "case", why);
            return;
        }
        self.bytes += text.len();
        if self.cases.len() >= MOST_CASES || self.bytes > MOST_BYTES {
            self.full = true;
            self.lost(at, "case", TOO_MUCH);
            return;
        }
        self.ids.insert(id);
        let at = at.clone();
        self.cases.push(Made { case, at, lost });
    }

    /// An id that no case has yet. What was given for the same words is kept, so that many alike cost no search.
    fn id(&mut self, wanted: &str) -> String {
        let mut short: String = wanted.chars().take(110).collect();
        if short.is_empty() {
            short.push_str("case");
        }
        let mut count = self.given.get(&short).copied().unwrap_or(0);
        loop {
            count += 1;
            let free = match count {
                1 => short.clone(),
                count => format!("{short}-{count}"),
            };
            if !self.ids.contains(&free) {
                self.given.insert(short, count);
                return free;
            }
        }
    }

    /// The bytes of a file that is referred to, with its path; what keeps it from being read is told.
    pub(super) fn file(
        &mut self,
        at: &At,
        feature: &str,
        reference: &str,
    ) -> Option<(String, &'f [u8])> {
        let path = match resolve(&self.path, reference) {
            Ok(path) => path,
            Err(why) => {
                self.lost(at, feature, &format!("{}: {why}", shown(reference)));
                return None;
            }
        };
        match self.files.find(&path) {
            Found::Bytes(bytes) if bytes.len() > super::MOST_BYTES => {
                let note = format!("{path} has more than 64 MB; split it");
                self.lost(at, feature, &note);
                None
            }
            Found::Bytes(bytes) => Some((path, bytes)),
            Found::Refused(why) => {
                self.lost(at, feature, &format!("{}: {why}", shown(&path)));
                None
            }
            Found::Absent => {
                self.lost(
                    at,
                    feature,
                    &format!("{} is not there; add it", shown(&path)),
                );
                None
            }
            Found::Later => None,
        }
    }

    /// The text of a file that is referred to.
    pub(super) fn text(
        &mut self,
        at: &At,
        feature: &str,
        reference: &str,
    ) -> Option<(String, &'f str)> {
        let (path, bytes) = self.file(at, feature, reference)?;
        match yaml::text_of_any_size(&path, bytes) {
            Ok(text) => Some((path, text)),
            Err(problem) => {
                self.lost(at, feature, &problem.to_string());
                None
            }
        }
    }

    /// The value of a YAML or JSON file that is referred to.
    pub(super) fn tree(
        &mut self,
        at: &At,
        feature: &str,
        reference: &str,
    ) -> Option<(Rc<str>, Node)> {
        let (path, bytes) = self.file(at, feature, reference)?;
        match tree(&path, bytes) {
            Ok(node) => Some((path.into(), node)),
            Err(problem) => {
                self.lost(at, feature, &problem.to_string());
                None
            }
        }
    }
}

/// The value of a YAML or JSON file that other tools read too.
pub(super) fn tree(path: &str, bytes: &[u8]) -> Result<Node, Problem> {
    let text = yaml::text(
        path,
        bytes,
        "split it, or name the tests in a file of JSON lines",
    )?;
    Ok(yaml::foreign(path, text)?.spread())
}

/// The case in the words of a suite file.
fn case(id: &str, draft: Draft) -> (Value, Vec<String>) {
    let mut case = serde_json::Map::new();
    case.insert("id".to_owned(), json!(id));
    let mut messages = draft.messages;
    match messages.as_mut_slice() {
        [(role, content)] if role == "user" => {
            case.insert("prompt".to_owned(), json!(std::mem::take(content)));
        }
        several => {
            let several = several.iter();
            let several = several.map(|(role, content)| json!({"role": role, "content": content}));
            case.insert("messages".to_owned(), Value::Array(several.collect()));
        }
    }
    if !draft.checks.is_empty() {
        case.insert("checks".to_owned(), Value::Array(draft.checks));
    }
    if let Some(reference) = draft.reference.filter(|text| !text.trim().is_empty()) {
        case.insert("reference".to_owned(), json!(reference));
    }
    if !draft.rubric.is_empty() {
        case.insert("rubric".to_owned(), json!(draft.rubric.join("\n")));
    }
    if !draft.tags.is_empty() {
        case.insert("tags".to_owned(), json!(draft.tags));
    }
    if let Some(cluster) = draft.cluster {
        case.insert("cluster".to_owned(), json!(cluster));
    }
    (Value::Object(case), draft.lost)
}

/// Words as an id: small letters and digits with `-` between them.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for word in text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        if slug.chars().count() + word.chars().count() > 60 {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&word.to_lowercase());
    }
    slug
}
