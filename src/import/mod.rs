//! Suites of other tools: what they ask and expect as a suite of ours, and what of it is exact, approximate or lost.
//!
//! Nothing of a foreign file is run, no address is opened, no variable is read. Files that it refers to are asked for by
//! name, see [`Files`].

mod chat;
mod document;
mod evals;
mod files;
mod graders;
mod prompt_yml;
mod promptfoo;
mod report;
mod sheet;
mod tables;
mod template;
#[cfg(test)]
mod tests;

pub use document::Document;
pub use files::{Files, MOST_BYTES};
pub use report::{Fidelity, Line, Report};

use std::rc::Rc;

use sheet::{Made, Sheet};

use crate::problem::{Problem, Problems};
use crate::score::Profile;
use crate::suite::{self, Suite};
use crate::yaml::Node;

/// Files of other tools that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A configuration of promptfoo.
    Promptfoo,
    /// A GitHub `.prompt.yml`.
    PromptYml,
    /// A registry file of OpenAI's evals.
    OpenAiEvals,
    /// Graders of OpenAI's evals API.
    OpenAiGrader,
}

impl Format {
    /// Every format, in the order of the documentation.
    pub const ALL: [Self; 4] = [
        Self::Promptfoo,
        Self::PromptYml,
        Self::OpenAiEvals,
        Self::OpenAiGrader,
    ];

    /// The name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Promptfoo => "promptfoo",
            Self::PromptYml => "prompt-yml",
            Self::OpenAiEvals => "openai-evals",
            Self::OpenAiGrader => "openai-grader",
        }
    }

    /// What a file of its kind is, for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Promptfoo => "promptfoo configuration",
            Self::PromptYml => "GitHub prompt file",
            Self::OpenAiEvals => "OpenAI evals registry",
            Self::OpenAiGrader => "OpenAI graders",
        }
    }

    /// The rows of its table: name, how well it is translated, and what is to be said about that.
    pub fn table(self) -> Vec<(String, Fidelity, &'static str)> {
        let rows = tables::parts(self).iter();
        rows.flat_map(|(before, rows)| rows.iter().map(move |row| (before, row)))
            .flat_map(|(before, row)| {
                let names = row.names.iter();
                names.map(move |name| (format!("{before}{name}"), row.fidelity, row.note))
            })
            .collect()
    }
}

/// What a foreign file came to.
#[derive(Debug)]
pub struct Imported {
    /// What it is.
    pub format: Format,
    /// Where it was read from.
    pub path: Rc<str>,
    /// What is exact, approximate and lost.
    pub report: Report,
    description: Option<String>,
    profile: Profile,
    made: Vec<Made>,
}

/// The format of a file that a suite's place names and that is no suite of ours: one that is read in place.
pub fn in_place(path: &str, bytes: &[u8]) -> Option<Format> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let named = [".prompt.yml", ".prompt.yaml"];
    if named.iter().any(|ending| name.ends_with(ending)) {
        return Some(Format::PromptYml);
    }
    if name.starts_with("promptfooconfig.") {
        return Some(Format::Promptfoo);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // A key of the outermost mapping stands at the start of its line; a suite of ours has one of the first two.
    let has = |key: &[u8]| {
        bytes
            .split(|byte| *byte == b'\n')
            .any(|line| line.starts_with(key))
    };
    if has(b"cases:") || has(b"cases_from:") {
        return None;
    }
    if has(b"prompts:") {
        return Some(Format::Promptfoo);
    }
    (has(b"messages:") && (has(b"testData:") || has(b"evaluators:"))).then_some(Format::PromptYml)
}

/// The format that a file's content shows, or every problem that keeps it from being read.
pub fn guess(path: &str, bytes: &[u8]) -> Result<Format, Problems> {
    if let Some(format) = in_place(path, bytes) {
        return Ok(format);
    }
    let root = sheet::tree(path, bytes)?;
    let has = |key: &str| root.get(key).is_some();
    let is_eval = |node: &Node| node.get("class").is_some();
    if has("testing_criteria") || has("grader") || has("graders") || is_grader(&root) {
        return Ok(Format::OpenAiGrader);
    }
    if has("prompts") || has("scenarios") || has("tests") || has("redteam") {
        return Ok(Format::Promptfoo);
    }
    if has("messages") {
        return Ok(Format::PromptYml);
    }
    if root.members().any(|(_, node)| is_eval(node)) {
        return Ok(Format::OpenAiEvals);
    }
    let names = Format::ALL.map(Format::as_str).join(", ");
    let message = format!(
        "it is no file that can be imported: no `prompts`, `messages`, `testing_criteria` and no eval with a `class`; name its format with `--format`: {names}"
    );
    Err(Problem::of_file(path, message).into())
}

fn is_grader(root: &Node) -> bool {
    let first = root.elements().first().unwrap_or(root);
    let kind = first.get("type").and_then(Node::as_text);
    let kinds = [
        "string_check",
        "text_similarity",
        "score_model",
        "label_model",
        "multi",
    ];
    kind.is_some_and(|kind| kinds.contains(&kind))
}

/// Translates a file, as far as the files that it refers to are known: where some are [`Files::wanted`], it is to be
/// translated again once they are there.
pub fn read(format: Format, path: &str, bytes: &[u8], files: &Files) -> Result<Imported, Problems> {
    let root = sheet::tree(path, bytes)?;
    let mut sheet = Sheet::new(path, files);
    if !root.is_mapping() && format != Format::OpenAiGrader {
        let message = format!("expected a {}, found {}", format.title(), root.describe());
        return Err(Problem::of_file(path, message).into());
    }
    match format {
        Format::Promptfoo => promptfoo::read(&mut sheet, &root),
        Format::PromptYml => prompt_yml::read(&mut sheet, &root),
        Format::OpenAiEvals => evals::read(&mut sheet, &root),
        Format::OpenAiGrader => graders::read(&mut sheet, &root),
    }
    let unchecked = |made: &Made| made.case.get("checks").is_none();
    let profile = if sheet.cases.iter().any(unchecked) {
        Profile::Standard
    } else {
        Profile::Checks
    };
    if profile == Profile::Standard && !sheet.cases.is_empty() {
        let at = sheet.at(&root);
        sheet.nearly(&at, "scoring", UNCHECKED);
    }
    Ok(Imported {
        format,
        path: sheet.path,
        report: sheet.report,
        description: sheet.description,
        profile,
        made: sheet.cases,
    })
}

impl Imported {
    /// How many cases there are.
    pub fn len(&self) -> usize {
        self.made.len()
    }

    /// Whether nothing is left to ask.
    pub fn is_empty(&self) -> bool {
        self.made.is_empty()
    }

    /// The suite.
    pub fn suite(&self) -> Result<Suite, Problems> {
        if self.is_empty() {
            let mut lost = self.report.lines().filter(|line| {
                line.fidelity == Fidelity::NotTranslated && !tables::is_about_agents(&line.note)
            });
            let why = lost.next().map_or_else(
                || "it holds no test".to_owned(),
                |line| format!("{}, {}: {}", line.place, line.feature, line.note),
            );
            let message = format!(
                "nothing of this {} could be translated; {why}",
                self.format.title()
            );
            return Err(Problem::of_file(&*self.path, message).into());
        }
        let head = self.head().to_string();
        let lines: Vec<String> = self.made.iter().map(|made| made.case.to_string()).collect();
        let file = suite::read(&self.path, head.as_bytes())?;
        let mut suite = file.finish(Some((&self.path, lines.join("\n").as_bytes())))?;
        suite.notes = self.notes();
        Ok(suite)
    }

    /// The suite without its cases.
    fn head(&self) -> serde_json::Value {
        let mut head = serde_json::json!({"scoring": {"profile": self.profile.as_str()}});
        if let (Some(description), Some(head)) = (&self.description, head.as_object_mut()) {
            head.insert("description".to_owned(), serde_json::json!(description));
        }
        head
    }

    /// What a person should know who reads it in place: one line of counts, and what is lost.
    fn notes(&self) -> Vec<String> {
        let count = |fidelity| self.report.count(fidelity);
        let path = &self.path;
        let told = format!(
            "{path} is read as a {}: {} exact, {} approximate, {} not translated; `tunegate import {path}` tells each",
            self.format.title(),
            count(Fidelity::Exact),
            count(Fidelity::Approximate),
            count(Fidelity::NotTranslated),
        );
        let lost = self
            .report
            .lines()
            .filter(|line| line.fidelity == Fidelity::NotTranslated);
        let lost = lost.take(MOST_NOTES).map(|line| {
            format!(
                "{}: {} is not translated: {}",
                line.place, line.feature, line.note
            )
        });
        std::iter::once(told).chain(lost).collect()
    }
}

const UNCHECKED: &str = "some cases have no check, so `profile: standard` scores all of them by its signals, which are made for texts in English; with a check in each case write `profile: checks`";

/// Lost things that a run tells of; the command tells all.
const MOST_NOTES: usize = 20;
