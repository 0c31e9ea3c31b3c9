//! Model IDs of fine-tuned models in the texts of a repository, and how a configuration would point at each.

use std::sync::LazyLock;

use regex::Regex;

use super::name;
use crate::agent::ModelLocator;
use crate::yaml::{self, PlacedText};

/// A model ID that stands in a file.
#[derive(Debug, Clone)]
pub(super) struct Sighting {
    pub(super) path: String,
    pub(super) line: usize,
    pub(super) id: String,
    /// How a configuration finds it; absent where nothing leads to this one alone.
    pub(super) locator: Option<ModelLocator>,
    /// What may be its agent's name, the likeliest first, each with where that was seen.
    pub(super) names: Vec<(String, &'static str)>,
    /// Whether the first of them is the very thing that the model ID is given to.
    pub(super) is_named: bool,
}

/// The shapes by which a model ID of a fine-tuned model is known: OpenAI's and Mistral's `ft:BASE:…`, and Gemini's.
static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let shape = r"\b(?:ft:[A-Za-z0-9][A-Za-z0-9._-]*(?::[A-Za-z0-9._-]*)+|tunedModels/[A-Za-z0-9][A-Za-z0-9-]*)";
    Regex::new(shape).ok()
});

/// The key behind which a model ID may have any shape: what a training job reports.
static KEY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^fine_?tuned_?model(?:_?(?:id|name))?$").ok());

/// Lines before a model ID in which the name of its agent may stand.
const ABOVE: usize = 10;

/// All model IDs in a file.
pub(super) fn sightings(path: &str, bytes: &[u8]) -> Vec<Sighting> {
    let Ok(text) = yaml::text(path, bytes, "") else {
        return Vec::new();
    };
    if let Some(whole) = whole(path, text) {
        return vec![whole];
    }
    let structured = has_ending(path, &["json", "yaml", "yml"]);
    let texts = structured.then(|| yaml::texts(path, bytes)).flatten();
    let pointed: Vec<Sighting> = texts
        .iter()
        .flatten()
        .filter_map(|one| pointed(path, one))
        .collect();
    let mut written = written(path, text, bytes);
    written.retain(|one| !pointed.iter().any(|other| other.id == one.id));
    pointed.into_iter().chain(written).collect()
}

pub(super) fn has_ending(path: &str, endings: &[&str]) -> bool {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| endings.iter().any(|one| ending.eq_ignore_ascii_case(one)))
}

fn is_id(text: &str) -> bool {
    let found = SHAPE.as_ref().and_then(|shape| shape.find(text));
    found.is_some_and(|found| found.len() == text.len())
}

/// A file that is nothing but a model ID. Where its name says so, the ID may have any shape: servers of one's own name
/// models as they like.
fn whole(path: &str, text: &str) -> Option<Sighting> {
    let id = text.trim();
    let named =
        has_ending(path, &["txt", "id", "model"]) || !path.rsplit('/').next()?.contains('.');
    let in_place = path
        .split(['/', '.', '_', '-'])
        .any(|part| part == "model" || part == "models");
    let single = !id.is_empty() && id.len() <= 200 && !id.contains(char::is_whitespace);
    let any = named && in_place && single && id.contains(|c: char| c.is_ascii_alphabetic());
    if !is_id(id) && !any {
        return None;
    }
    let before = text.lines().take_while(|line| line.trim().is_empty());
    Some(Sighting {
        line: 1 + before.count(),
        id: id.to_owned(),
        locator: Some(ModelLocator::File {
            path: path.to_owned(),
        }),
        names: by_path(path),
        is_named: false,
        path: path.to_owned(),
    })
}

fn by_path(path: &str) -> Vec<(String, &'static str)> {
    let named = name::of_path(path);
    named
        .map(|name| (name, "the file's path"))
        .into_iter()
        .collect()
}

/// A value of a JSON or YAML file.
fn pointed(path: &str, one: &PlacedText) -> Option<Sighting> {
    let key = one.keys.last()?;
    let by_key = KEY.as_ref().is_some_and(|shape| shape.is_match(key));
    let reported = by_key && crate::agent::model_id(&one.text).is_ok();
    if !(is_id(&one.text) || reported) {
        return None;
    }
    let keys = one.keys.iter().rev().filter_map(|key| name::within(key));
    let names = keys.map(|name| (name, "a key above it"));
    Some(Sighting {
        path: path.to_owned(),
        line: one.line,
        id: one.text.clone(),
        locator: Some(ModelLocator::Pointer {
            path: path.to_owned(),
            pointer: one.pointer.clone(),
        }),
        names: names.chain(by_path(path)).collect(),
        is_named: false,
    })
}

/// Those in the lines of any text, such as source code.
fn written(path: &str, text: &str, bytes: &[u8]) -> Vec<Sighting> {
    let Some(shape) = SHAPE.as_ref() else {
        return Vec::new();
    };
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let above = lines.get(at.saturating_sub(ABOVE)..at).unwrap_or_default();
        found.extend(shape.find_iter(line).map(|id| {
            let place = Place {
                before: line.get(..id.start()).unwrap_or_default(),
                id: id.as_str(),
                after: line.get(id.end()..).unwrap_or_default(),
                above,
            };
            place.sighting(path, at + 1, bytes)
        }));
    }
    found
}

/// A model ID with the text around it.
struct Place<'t> {
    before: &'t str,
    id: &'t str,
    after: &'t str,
    /// The lines before its own.
    above: &'t [&'t str],
}

impl Place<'_> {
    fn sighting(&self, path: &str, line: usize, bytes: &[u8]) -> Sighting {
        let given = given_to(self.before);
        let is_named = given.is_some();
        let mut names: Vec<_> = given.into_iter().collect();
        names.extend(on_line(self.before));
        let by_line = !names.is_empty();
        let above = self.above.iter().rev().flat_map(|line| on_line(line));
        names.extend(above.map(|(name, _)| (name, "a line above it")));
        names.extend(by_path(path));
        let patterns = self.patterns(by_line).into_iter();
        let locators = patterns.filter_map(|pattern| {
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
    fn patterns(&self, by_line: bool) -> Vec<String> {
        let start = if self.id.starts_with("ft:") {
            "ft:"
        } else {
            "tunedModels/"
        };
        let quote = |c: Option<char>| c.filter(|c| matches!(c, '"' | '\'' | '`'));
        let (body, end) = match quote(self.after.chars().next()) {
            Some(end) => (format!("({start}[^{end}]+)"), end.to_string()),
            None => (format!("({start}[A-Za-z0-9._:-]+)"), String::new()),
        };
        let mut patterns = Vec::new();
        if by_line {
            let lead = regex::escape(self.before.trim_start());
            patterns.push(format!("{lead}{body}{end}"));
        }
        let opening = quote(self.before.chars().next_back());
        let opening = opening.map_or_else(String::new, String::from);
        let words = self.above.iter().rev().flat_map(|line| identifiers(line));
        for word in words.filter(|word| name::within(word).is_some()) {
            let word = regex::escape(word);
            patterns.push(format!(r"(?s)\b{word}\b.*?{opening}{body}{end}"));
        }
        patterns
    }
}

/// What a model ID is given to: `qa_agent: "`, `"qa_agent" = `.
fn given_to(before: &str) -> Option<(String, &'static str)> {
    static GIVEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"([A-Za-z][A-Za-z0-9_-]*)["'`]?\]?\s*(?::|=|:=|=>)\s*["'`]?$"#).ok()
    });
    let word = GIVEN.as_ref()?.captures(before)?.get(1)?.as_str();
    Some((name::within(word)?, "what it is given to"))
}

/// The identifiers and quoted words of a line that name something, the last first.
fn on_line(line: &str) -> Vec<(String, &'static str)> {
    let names = identifiers(line).into_iter().filter_map(name::within);
    names.map(|name| (name, "the line it stands on")).collect()
}

/// Words of a line that are written as identifiers are and that something follows: `=`, `:`, `(`, a quote or a comma.
fn identifiers(line: &str) -> Vec<&str> {
    static WORD: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"([A-Za-z][A-Za-z0-9_-]*)["'`]?\s*(?:[:=,(\[]|$)"#).ok());
    let Some(word) = WORD.as_ref() else {
        return Vec::new();
    };
    let code = line.split(['#']).next().unwrap_or_default();
    let mut words: Vec<&str> = word
        .captures_iter(code)
        .filter_map(|found| found.get(1))
        .map(|found| found.as_str())
        .collect();
    words.reverse();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(path: &str, text: &str) -> Sighting {
        let mut found = sightings(path, text.as_bytes());
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    fn named(sighting: &Sighting) -> &str {
        sighting.names.first().map_or("", |(name, _)| name)
    }

    #[test]
    fn a_file_that_holds_nothing_else_is_the_model_id() {
        let found = only(
            "models/qa_agent/model_id.txt",
            "\n ft:open-mistral-7b:acme:1:qa\n",
        );
        assert_eq!((found.line, named(&found)), (2, "qa_agent"));
        assert!(matches!(found.locator, Some(ModelLocator::File { .. })));
        assert_eq!(
            only("models/legal.txt", "acme/legal-7b-v3\n").id,
            "acme/legal-7b-v3"
        );
        assert!(sightings("notes/legal.txt", b"acme/legal-7b-v3\n").is_empty());
    }

    #[test]
    fn a_value_of_a_json_or_yaml_file_is_found_by_its_pointer() {
        let text = "agents:\n  legal:\n    model: ft:gpt-4o-mini-2024-07-18:acme:legal:Ab1\n";
        let found = only("config/agents.yaml", text);
        assert_eq!((found.line, named(&found)), (3, "legal"));
        let Some(ModelLocator::Pointer { pointer, .. }) = found.locator else {
            panic!("no pointer");
        };
        assert_eq!(pointer, "/agents/legal/model");
        let text = r#"{"fine_tuned_model": "acme/support-8b", "model": "llama"}"#;
        assert_eq!(only("jobs/support.json", text).id, "acme/support-8b");
    }

    #[test]
    fn source_code_is_found_by_a_pattern_that_matches_once() {
        let text = "MODELS = {\n    \"qa_agent\": \"ft:open-mistral-7b:a:1:qa\",\n    'legal': 'ft:open-mistral-7b:a:2:legal',\n}\n";
        let found = sightings("src/agents.py", text.as_bytes());
        let names: Vec<&str> = found.iter().map(named).collect();
        assert_eq!(names, ["qa_agent", "legal"]);
        for one in &found {
            let locator = one.locator.as_ref().unwrap();
            assert_eq!(locator.find(Some(text.as_bytes())).as_ref(), Ok(&one.id));
            // What a training job writes tomorrow is found as well.
            let moved = text.replace(&one.id, "ft:open-mistral-7b:a:9:new");
            assert_eq!(
                locator.find(Some(moved.as_bytes())).unwrap(),
                "ft:open-mistral-7b:a:9:new"
            );
        }
    }

    #[test]
    fn what_an_id_is_given_to_names_it_before_all_that_stands_around_it() {
        let text = "support_agent = load()\ncontent_agent = \"ft:gpt-4o:a:b:c\"\n";
        let found = only("src/a.py", text);
        assert!(found.is_named);
        assert_eq!(named(&found), "content_agent");
        assert!(!only("src/a.py", "client.chat(model=\"ft:gpt-4o:a:b:c\")\n").is_named);
    }

    #[test]
    fn a_name_may_stand_above_its_model() {
        let text = "content_agent = Agent(\n    temperature=0.2,\n    model=\"ft:gpt-4o:a:b:c\",\n)\nother = Agent(\n    model=\"ft:gpt-4o:a:b:d\",\n)\n";
        let found = sightings("src/agents.py", text.as_bytes());
        assert!(
            found[0]
                .names
                .iter()
                .any(|(name, _)| name == "content_agent")
        );
        let locator = found[0].locator.as_ref().unwrap();
        assert_eq!(
            locator.find(Some(text.as_bytes())).unwrap(),
            "ft:gpt-4o:a:b:c"
        );
    }

    #[test]
    fn a_base_model_is_no_fine_tuned_one() {
        assert!(sightings("src/a.py", b"MODEL = \"gpt-4o-mini\"\nloft:ten = 1\n").is_empty());
    }
}
