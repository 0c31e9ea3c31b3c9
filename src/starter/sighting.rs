//! Model IDs of fine-tuned models in the files of a repository, and how a configuration would point at each.

use std::sync::LazyLock;

use regex::Regex;

use super::{code, name};
use crate::agent::ModelLocator;
use crate::config::{holds_a_key, looks_like_a_key};
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
    /// Whether the first of them is the very thing that the model ID is given to, or what is said beside it.
    pub(super) is_named: bool,
}

/// Evidence that is a guess.
pub(super) const ABOVE: &str = "a line above it";
pub(super) const ON_LINE: &str = "the line it stands on";
pub(super) const ONLY: &str = "the only agent";

/// The shapes by which a model ID of a fine-tuned model is known: OpenAI's and Mistral's `ft:BASE:…`, and Gemini's.
static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let shape = r"\b(?:ft:[A-Za-z0-9][A-Za-z0-9._-]*(?::[A-Za-z0-9._-]*)+|tunedModels/[A-Za-z0-9][A-Za-z0-9-]*)";
    Regex::new(shape).ok()
});

/// The key behind which a model ID may have any shape: what a training job reports.
static KEY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^fine_?tuned_?model(?:_?(?:id|name))?$").ok());

/// Model IDs of one file; a file with more is no place where a team keeps one.
pub(super) const MOST: usize = 50;

/// Keys beside a model ID that say whose it is.
pub(super) const NAMING: [&str; 9] = [
    "name",
    "id",
    "agent",
    "agent_id",
    "key",
    "slug",
    "model_name",
    "display_name",
    "title",
];

/// All model IDs in a file.
pub(super) fn sightings(path: &str, bytes: &[u8]) -> Vec<Sighting> {
    let Ok(text) = yaml::text(path, bytes, "") else {
        return Vec::new();
    };
    if let Some(whole) = whole(path, text) {
        return vec![whole];
    }
    let structured = has_ending(path, &["json", "yaml", "yml"]);
    if let Some(texts) = structured.then(|| yaml::texts(path, bytes)).flatten() {
        let pointed = texts.iter().filter_map(|one| pointed(path, one, &texts));
        return pointed.take(MOST).collect();
    }
    // Other text files are prose.
    let mut found = if has_ending(path, &["txt"]) {
        Vec::new()
    } else {
        code::written(path, text, bytes)
    };
    found.truncate(MOST);
    found
}

pub(super) fn has_ending(path: &str, endings: &[&str]) -> bool {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| endings.iter().any(|one| ending.eq_ignore_ascii_case(one)))
}

/// The places of model IDs in a line: whole ones, not the beginnings with which code builds or looks for one.
pub(super) fn ids_in(line: &str) -> Vec<std::ops::Range<usize>> {
    let Some(shape) = SHAPE.as_ref() else {
        return Vec::new();
    };
    let places = shape.find_iter(line).filter_map(|found| {
        let id = found.as_str().trim_end_matches('.');
        let after = line.get(found.end()..).and_then(|rest| rest.chars().next());
        let before = line
            .get(..found.start())
            .and_then(|rest| rest.chars().next_back());
        let built = after.is_some_and(|c| "{$*+%\\^".contains(c)) || before == Some('^');
        let whole = !id.starts_with("ft:")
            || (id.split(':').count() >= 3 && !id.ends_with(':') && id.len() <= 200);
        (whole && !built && !id.ends_with('-')).then(|| found.start()..found.start() + id.len())
    });
    places.collect()
}

fn is_id(text: &str) -> bool {
    matches!(ids_in(text).as_slice(), [only] if *only == (0..text.len()))
}

/// A text that may be a model ID of any shape: a team's own server names models as it likes. Never a key.
fn may_be_id(text: &str) -> bool {
    let fits =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '@');
    let shaped = text.contains(['-', '/', ':']) && text.contains(|c: char| c.is_ascii_digit());
    let letter = text.starts_with(|c: char| c.is_ascii_alphabetic());
    shaped && letter && text.len() <= 200 && text.chars().all(fits) && !is_secret(text)
}

fn is_secret(text: &str) -> bool {
    let long_part = text
        .split(['/', ':'])
        .any(|part| part.len() >= 20 && looks_like_a_key(part) && holds_a_key(part));
    long_part || holds_a_key(text) || crate::corpus::is_sensitive(text)
}

/// A file that is nothing but a model ID.
fn whole(path: &str, text: &str) -> Option<Sighting> {
    let id = text.trim();
    let named =
        has_ending(path, &["txt", "id", "model"]) || !path.rsplit('/').next()?.contains('.');
    let mut words = path
        .split(['/', '.', '_', '-'])
        .map(str::to_ascii_lowercase);
    let in_place = words
        .clone()
        .any(|part| part == "model" || part == "models");
    let about_else = words.any(|part| NO_MODEL.contains(&part.as_str()));
    let any = named && in_place && !about_else && may_be_id(id);
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

/// What files that lie beside models hold.
const NO_MODEL: [&str; 23] = [
    "apikey",
    "auth",
    "cert",
    "checksum",
    "cred",
    "credential",
    "credentials",
    "creds",
    "key",
    "keys",
    "license",
    "passwd",
    "password",
    "pem",
    "pwd",
    "readme",
    "requirements",
    "secret",
    "secrets",
    "token",
    "tokens",
    "vault",
    "version",
];

pub(super) fn by_path(path: &str) -> Vec<(String, &'static str)> {
    let named = name::of_path(path);
    named
        .map(|name| (name, "the file's path"))
        .into_iter()
        .collect()
}

/// A value of a JSON or YAML file.
fn pointed(path: &str, one: &PlacedText, all: &[PlacedText]) -> Option<Sighting> {
    let (key, parents) = one.keys.split_last()?;
    let by_key = KEY.as_ref().is_some_and(|shape| shape.is_match(key));
    if !(is_id(&one.text) || (by_key && may_be_id(&one.text))) {
        return None;
    }
    // An entry of a list has no name of its own but the one that it says.
    let said = all.iter().filter(|other| {
        let beside = other.keys.split_last();
        beside.is_some_and(|(key, above)| {
            above == parents && NAMING.contains(&key.to_ascii_lowercase().as_str())
        })
    });
    // A job's own ID, and that of the model, name nobody.
    let job = |text: &str| {
        text.contains(':')
            || ["ftjob", "file-", "job-", "run-"]
                .iter()
                .any(|start| text.starts_with(start))
    };
    let said = { said }
        .filter(|other| !job(&other.text))
        .find_map(|other| name::within(&other.text));
    let is_named = said.is_some();
    let keys = one.keys.iter().rev().filter_map(|key| name::within(key));
    let names = keys.map(|name| (name, "a key above it"));
    let said = said.map(|name| (name, "what is said beside it"));
    Some(Sighting {
        path: path.to_owned(),
        line: one.line,
        id: one.text.clone(),
        locator: Some(ModelLocator::Pointer {
            path: path.to_owned(),
            pointer: one.pointer.clone(),
        }),
        names: said.into_iter().chain(names).chain(by_path(path)).collect(),
        is_named,
    })
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
    fn an_entry_of_a_list_says_whose_it_is() {
        let text = "agents:\n- {name: support, model: 'ft:gpt-4o:a:b:2'}\n- {name: legal, model: 'ft:gpt-4o:a:b:1'}\n";
        let found = sightings("config/agents.yaml", text.as_bytes());
        let names: Vec<&str> = found.iter().map(named).collect();
        assert_eq!(names, ["support", "legal"]);
        let code = "A = [\n  Agent(model=\"ft:gpt-4o:a:b:1\", name=\"legal\"),\n  Agent(model=\"ft:gpt-4o:a:b:2\", name=\"support\"),\n]\n";
        let found = sightings("src/a.py", code.as_bytes());
        let names: Vec<&str> = found.iter().map(named).collect();
        assert_eq!(names, ["legal", "support"]);
        assert!(found.iter().all(|one| one.is_named));
    }

    #[test]
    fn comments_and_beginnings_are_no_model_ids() {
        for text in [
            "# OLD = \"ft:gpt-4o:a:b:c\"\n",
            "x = 1  // was ft:gpt-4o:a:b:c\n",
            "//was \"ft:gpt-4o:a:b:c\"\n",
            "a = \"ft:gpt-4o:a:b:v\" + REV\n",
            "\"\"\"Such as ft:gpt-4o:a:b:c, for example.\"\"\"\n",
            "if m.startswith(\"ft:gpt-4o:a:b\"):\n",
            "if m.startswith(\"ft:gpt-4o-mini:\"):\n",
            "re.compile(r\"^ft:gpt-4o:.*$\")\n",
            "`ft:gpt-4o:acme:sales:${REV}`\n",
        ] {
            assert!(sightings("src/a.py", text.as_bytes()).is_empty(), "{text}");
        }
        let live = "# QA = \"ft:gpt-4o:a:b:old\"\nQA = \"ft:gpt-4o:a:b:live\"\n";
        let found = only("src/a.py", live);
        assert_eq!(
            (found.id.as_str(), found.locator.is_some()),
            ("ft:gpt-4o:a:b:live", true)
        );
    }

    #[test]
    fn a_pattern_never_jumps_to_the_next_agent() {
        let block = |support: &str| {
            format!(
                "support = Agent(\n    temperature=0.1,\n    model=\"{support}\",\n)\nlegal = Agent(\n    temperature=0.2,\n    model=\"ft:gpt-4o:a:b:2\",\n)\n"
            )
        };
        let found = sightings("src/a.py", block("ft:gpt-4o:a:b:1").as_bytes());
        let names: Vec<&str> = found.iter().map(named).collect();
        assert_eq!(names, ["support", "legal"]);
        let locator = found[0].locator.as_ref().unwrap();
        assert!(locator.find(Some(block("gpt-4o-mini").as_bytes())).is_err());
        assert_eq!(
            locator
                .find(Some(block("ft:gpt-4o:a:b:9").as_bytes()))
                .unwrap(),
            "ft:gpt-4o:a:b:9"
        );
    }

    #[test]
    fn a_sentence_beside_a_model_names_nobody() {
        let text = "const a = {\n  support: { prompt: \"You hand over to legal\", model: \"ft:gpt-4o:a:b:1\" },\n  legal: { topP: 0.9, model: \"ft:gpt-4o:a:b:2\" },\n};\n";
        let found = sightings("src/a.ts", text.as_bytes());
        let names: Vec<&str> = found.iter().map(named).collect();
        assert_eq!(names, ["support", "legal"]);
    }

    #[test]
    fn the_id_of_a_job_names_nobody() {
        let text = "{\"id\": \"ftjob-abc123\", \"fine_tuned_model\": \"ft:gpt-4o:a:b:1\"}";
        assert_eq!(named(&only("jobs/support.json", text)), "support");
    }

    #[test]
    fn a_section_names_what_stands_in_it() {
        let text = "[support]\nmodel = \"ft:gpt-4o:a:b:1\"\n[legal]\nmodel = \"ft:gpt-4o:a:b:2\"\n";
        let found = sightings("config.toml", text.as_bytes());
        let names: Vec<&str> = found.iter().map(named).collect();
        assert_eq!(names, ["support", "legal"]);
        let found = only("app.properties", "support.model=ft:gpt-4o:a:b:1\n");
        assert_eq!(named(&found), "support");
    }

    #[test]
    fn a_key_is_never_taken_for_a_model() {
        for (path, text) in [
            ("models/hf_token.txt", "hf_AbCdEf123456789012345678"),
            ("models/qa.txt", "sk-proj-abc123def456ghi789jkl012"),
            ("models/LICENSE", "MIT-2"),
            ("models/VERSION", "v1-2"),
            (
                "jobs/qa.json",
                "{\"fine_tuned_model\": \"sk-proj-abc123def456ghi789jkl012\"}",
            ),
            ("jobs/qa.json", "{\"fine_tuned_model\": \"${QA_MODEL}\"}"),
        ] {
            assert!(
                sightings(path, text.as_bytes()).is_empty(),
                "{path}: {text}"
            );
        }
    }

    #[test]
    fn a_line_of_hundreds_of_model_ids_is_no_place_for_one() {
        let line: Vec<String> = (0..500)
            .map(|at| format!("a{at}x=\"ft:gpt-4o:a:b:{at}\""))
            .collect();
        assert!(sightings("src/a.js", line.join(",").as_bytes()).is_empty());
        assert!(sightings("src/a.js", line.join("\n").as_bytes()).len() <= MOST);
    }

    #[test]
    fn a_base_model_is_no_fine_tuned_one() {
        assert!(sightings("src/a.py", b"MODEL = \"gpt-4o-mini\"\nloft:ten = 1\n").is_empty());
    }
}
