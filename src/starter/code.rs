//! Model IDs in the lines of source code and of settings that are no JSON or YAML.

use std::sync::LazyLock;

use regex::Regex;

use super::line::{MOST_LINE, is_comment};
use super::name;
use super::sighting::{ABOVE, MOST, ON_LINE, Sighting, by_path, ids_in};
use crate::agent::ModelLocator;

/// Lines before a model ID in which the name of its agent may stand.
const LINES_ABOVE: usize = 10;

/// Characters before a model ID that a pattern may begin with.
const MOST_LEAD: usize = 120;

/// Words above a model ID that are tried as the start of a pattern.
const MOST_WORDS: usize = 8;

/// Those in the lines of any text.
pub(super) fn written(path: &str, text: &str, bytes: &[u8]) -> Vec<Sighting> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found: Vec<Sighting> = Vec::new();
    // Where the lines begin that may speak of the next model ID: behind the last one.
    let mut free = 0;
    for (at, line) in lines.iter().enumerate() {
        if line.len() > MOST_LINE || is_comment(line) || found.len() >= MOST {
            continue;
        }
        let ids = ids_in(line);
        for (place, id) in ids.iter().enumerate() {
            let start = place
                .checked_sub(1)
                .and_then(|last| ids.get(last))
                .map_or(0, |last| last.end);
            let end = ids.get(place + 1).map_or(line.len(), |next| next.start);
            let before = line.get(start..id.start).unwrap_or_default();
            let after = line.get(id.end..end).unwrap_or_default();
            if starts_comment(before) || !is_value(before, after) {
                continue;
            }
            let above = lines.get(free.max(at.saturating_sub(LINES_ABOVE))..at);
            let place = Place {
                before,
                is_line_start: start == 0,
                id: line.get(id.clone()).unwrap_or_default(),
                after,
                above: above.filter(|_| start == 0).unwrap_or_default(),
            };
            found.push(place.sighting(path, at + 1, bytes));
            free = at + 1;
        }
    }
    found
}

/// Whether a comment begins in the text before something. An address is none.
fn starts_comment(before: &str) -> bool {
    let slashes = before
        .match_indices("//")
        .any(|(at, _)| !before.get(..at).unwrap_or_default().ends_with(':'));
    slashes || before.contains("/*") || before.contains(" #") || before.contains("\t#")
}

/// Whether a model ID stands as a value: in quotes that hold nothing else, or alone behind a key. Prose speaks of model IDs,
/// and code tests for how they begin or puts them together.
fn is_value(before: &str, after: &str) -> bool {
    let (opens, closes) = (
        quote(before.chars().next_back()),
        quote(after.chars().next()),
    );
    let rest = after.trim_start_matches(|c| Some(c) == closes).trim_start();
    let tests = [
        "startswith",
        "startsWith",
        "match(",
        "includes(",
        "compile(",
        "HasPrefix",
        "starts_with",
    ];
    if tests.iter().any(|word| before.contains(word)) {
        return false;
    }
    if opens.is_some() {
        return opens == closes && !rest.starts_with(['+', '%']) && !rest.starts_with(".format");
    }
    let key = before.trim_end().ends_with(['=', ':']);
    key && closes.is_none() && (rest.is_empty() || rest.starts_with([',', ';', '#', '}']))
}

fn quote(c: Option<char>) -> Option<char> {
    c.filter(|c| matches!(c, '"' | '\'' | '`'))
}

/// A model ID with the text around it, up to the IDs beside it.
struct Place<'t> {
    before: &'t str,
    is_line_start: bool,
    id: &'t str,
    after: &'t str,
    /// The lines before its own.
    above: &'t [&'t str],
}

impl Place<'_> {
    fn sighting(&self, path: &str, line: usize, bytes: &[u8]) -> Sighting {
        let given = given_to(self.before).or_else(|| said_beside(self.before, self.after));
        let is_named = given.is_some();
        let mut names: Vec<_> = given.into_iter().collect();
        let own = identifiers(self.before)
            .into_iter()
            .filter_map(name::within);
        names.extend(own.map(|name| (name, ON_LINE)));
        let lines = self.above.iter().rev().enumerate();
        let words =
            lines.flat_map(|(at, line)| identifiers(line).into_iter().map(move |word| (at, word)));
        let words: Vec<(usize, &str)> = words
            .filter(|(_, word)| name::within(word).is_some())
            .collect();
        names.extend(
            words
                .iter()
                .filter_map(|(_, word)| Some((name::within(word)?, ABOVE))),
        );
        names.extend(by_path(path));
        let locators = self.patterns(&words).into_iter().filter_map(|pattern| {
            let pattern = Regex::new(&pattern).ok()?;
            let path = path.to_owned();
            Some(ModelLocator::Pattern { path, pattern })
        });
        let leads_here = |locator: &ModelLocator| {
            locator
                .find(Some(bytes))
                .is_ok_and(|found| found == self.id)
        };
        Sighting {
            path: path.to_owned(),
            line,
            id: self.id.to_owned(),
            locator: { locators }.find(leads_here),
            names,
            is_named,
        }
    }

    /// Patterns that may find this model ID and no other text: by what stands before it on its line, or by a word above.
    fn patterns(&self, words: &[(usize, &str)]) -> Vec<String> {
        let start = if self.id.starts_with("ft:") {
            "ft:"
        } else {
            "tunedModels/"
        };
        let (body, end) = match quote(self.after.chars().next()) {
            Some(end) => (format!("({start}[^{end}]+)"), end.to_string()),
            None => (format!("({start}[A-Za-z0-9._:-]+)"), String::new()),
        };
        let mut patterns = Vec::new();
        let lead = self.before.trim_start();
        let says_something = lead.contains(|c: char| c.is_ascii_alphabetic());
        if says_something && lead.chars().count() <= MOST_LEAD {
            // How it is indented and aligned is no part of what it says.
            let pieces: Vec<String> = lead.split_whitespace().map(regex::escape).collect();
            let tail = if lead.ends_with(char::is_whitespace) {
                r"\s*"
            } else {
                ""
            };
            let anchor = if self.is_line_start {
                r"(?m)^[ \t]*"
            } else {
                ""
            };
            let lead = format!("{anchor}{}{tail}{body}{end}", pieces.join(r"\s*"));
            // In a list of agents every line begins alike; what follows says whose it is.
            if let Some(name) = said_in(self.after).first() {
                patterns.push(format!(r#"{lead}[^\n]*?["']{}["']"#, regex::escape(name)));
            }
            patterns.insert(0, lead);
        }
        // As many lines below the word as today: one more may be another agent's.
        let pieces: Vec<String> = lead.split_whitespace().map(regex::escape).collect();
        let own = pieces.join(r"\s*");
        for (between, word) in words.iter().take(MOST_WORDS) {
            let word = regex::escape(word);
            patterns.push(format!(
                r"\b{word}\b[^\n]*\n(?:[^\n]*\n){{0,{between}}}?[ \t]*{own}\s*{body}{end}"
            ));
        }
        patterns
    }
}

/// What a model ID is given to: `qa_agent: "`, `"qa_agent" = `, `qa.model=`.
fn given_to(before: &str) -> Option<(String, &'static str)> {
    static GIVEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"([A-Za-z][A-Za-z0-9_.-]*)["'`]?\]?\s*(?::\s*[A-Za-z]+\s*=|:=|=>|:|=)\s*["'`]?$"#,
        )
        .ok()
    });
    let word = GIVEN.as_ref()?.captures(before)?.get(1)?.as_str();
    Some((name::within(word)?, "what it is given to"))
}

/// A name that is said on the same line: `{id: "legal", model: …}`, `Agent(model=…, name="legal")`.
fn said_beside(before: &str, after: &str) -> Option<(String, &'static str)> {
    let (earlier, later) = (said_in(before), said_in(after));
    let said = earlier.last().or(later.first())?;
    Some((name::within(said)?, "what is said beside it"))
}

/// The names that a text says.
fn said_in(text: &str) -> Vec<&str> {
    static SAID: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"\b(?:name|id|agent|agent_id|key|slug)["']?\s*[:=]\s*["']([^"']{1,64})["']"#)
            .ok()
    });
    let found = SAID
        .as_ref()
        .into_iter()
        .flat_map(|said| said.captures_iter(text));
    found
        .filter_map(|found| found.get(1))
        .map(|found| found.as_str())
        .collect()
}

/// Words of a line that are written as identifiers are and that something follows: `=`, `:`, a quote, a comma; or that
/// are a section's title. The last first.
fn identifiers(line: &str) -> Vec<&str> {
    static WORD: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"([A-Za-z][A-Za-z0-9_-]*)["'`]?\s*(?:[:=,\[\]]|$)"#).ok());
    let Some(word) = WORD.as_ref() else {
        return Vec::new();
    };
    if line.len() > MOST_LINE || is_comment(line) {
        return Vec::new();
    }
    let ids = ids_in(line);
    let sentences = sentences(line);
    let mut words: Vec<&str> = word
        .captures_iter(line)
        .filter_map(|found| found.get(1))
        .filter(|found| {
            !ids.iter()
                .chain(&sentences)
                .any(|part| part.contains(&found.start()))
        })
        .map(|found| found.as_str())
        .collect();
    words.reverse();
    words
}

/// The texts in quotes that are sentences rather than names.
fn sentences(line: &str) -> Vec<std::ops::Range<usize>> {
    static QUOTED: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#""[^"]*"|'[^']*'|`[^`]*`"#).ok());
    let quoted = QUOTED
        .as_ref()
        .into_iter()
        .flat_map(|shape| shape.find_iter(line));
    quoted
        .filter(|found| found.as_str().contains(' '))
        .map(|found| found.range())
        .collect()
}
