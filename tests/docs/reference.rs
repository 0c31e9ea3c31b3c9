//! The list of all keys of a configuration, made of its schema: nothing that is said of a key is said twice.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use serde_json::Value;
use tunegate::config;

use super::{read, root};

const PAGE: &str = "docs/configuration.md";
/// The heading that the list stands below, to the end of the page.
const HEADING: &str = "## Every key\n";
const INTRODUCTION: &str = "\nMade of the schema. \"–\" means that the key is needed, \"none\" that it has no default value of its own; \
    what stands for it, if anything does, is said beside it. Parameters of an agent are part of the candidate: changing \
    one is a change of the model.\n\n| key | default | meaning |\n|---|---|---|\n";

/// Words of a key's meaning that lead to the page about them.
const LINKS: [(&str, &str, &str); 22] = [
    (
        "agents.*.base_model",
        "asked once by the push that stores the baseline",
        "baseline.md#the-model-that-yours-is-made-from",
    ),
    ("agents.*.suite", "The suite", "suites.md"),
    ("run.looks", "further looks", "cost.md#looks"),
    (
        "run.cache",
        "keeps answers from run to run",
        "cost.md#answers-that-are-kept",
    ),
    (
        "gate.floor_rule",
        "plausible range",
        "gate.md#plausible-ranges",
    ),
    ("gate.max_drop", "drop", "gate.md#the-allowed-drop"),
    (
        "gate.confidence",
        "plausible range",
        "gate.md#plausible-ranges",
    ),
    (
        "gate.on_inconclusive",
        "not proven",
        "gate.md#what-proven-means",
    ),
    (
        "gate.on_stale_model",
        "`model-not-retrained`",
        "reasons.md#model-not-retrained",
    ),
    (
        "gate.on_unknown_origin",
        "`unknown-origin`",
        "reasons.md#unknown-origin",
    ),
    (
        "gate.on_no_baseline",
        "asks the old model in the same run",
        "baseline.md#no-baseline-the-old-model-is-asked",
    ),
    ("judge.model", "grades", "judge.md"),
    (
        "baseline.store",
        "files of the repository itself",
        "baseline.md#baselines-in-the-repository-itself",
    ),
    ("baseline.branch", "baselines", "baseline.md"),
    (
        "baseline.pinned",
        "stored record",
        "baseline.md#a-record-that-stays",
    ),
    (
        "baseline.answers",
        "beside the records",
        "baseline.md#where-it-is",
    ),
    (
        "audit.ignore.*.code",
        "finding",
        "training-data.md#what-is-found",
    ),
    ("release.max_age", "`verify`", "verify.md"),
    (
        "release.require_proven",
        "not proven",
        "gate.md#what-proven-means",
    ),
    (
        "report.comment",
        "a comment is written",
        "github.md#the-comment",
    ),
    (
        "report.calibration",
        "`calibration.json`",
        "calibration.md#in-the-comment",
    ),
    ("accept.permission", "accept", "accepting.md"),
];

/// What the schema says of a key.
#[derive(Debug, Default, Clone)]
pub(crate) struct Key {
    pub(crate) default: Option<Value>,
    needed: bool,
    meaning: String,
}

/// Every key of a configuration by its path, in the order of the schema; `*` stands for names that people choose and for
/// entries of lists.
pub(crate) fn keys() -> Vec<(String, Key)> {
    let schema = config::schema();
    let mut found = Vec::new();
    walk(&schema, &schema, ("", Key::default()), &mut found);
    found
}

fn walk(schema: &Value, node: &Value, (path, key): (&str, Key), found: &mut Vec<(String, Key)>) {
    let key = key.or(node);
    let reference = node["$ref"]
        .as_str()
        .map(|name| name.trim_start_matches('#'));
    if let Some(target) = reference.and_then(|pointer| schema.pointer(pointer)) {
        return walk(schema, target, (path, key), found);
    }
    for list in ["anyOf", "allOf"] {
        let mut members = node[list].as_array().into_iter().flatten();
        if let Some(member) = members.find(|member| member["type"] != "null") {
            return walk(schema, member, (path, key), found);
        }
    }
    let below = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    let needed = node["required"].as_array().cloned().unwrap_or_default();
    let mut inner = Vec::new();
    for (name, child) in node["properties"].as_object().into_iter().flatten() {
        let key = Key {
            needed: needed.contains(&Value::from(name.as_str())),
            ..Key::default()
        };
        walk(schema, child, (&below(name), key), &mut inner);
    }
    let named = !inner.is_empty();
    for list in ["additionalProperties", "items"] {
        let mut further = Vec::new();
        if node[list].is_object() {
            walk(
                schema,
                &node[list],
                (&below("*"), Key::default()),
                &mut further,
            );
        }
        if named || further.len() > 1 {
            inner.append(&mut further);
        }
    }
    if inner.is_empty() {
        inner.push((path.to_owned(), key));
    }
    found.append(&mut inner);
}

impl Key {
    /// What stands beside a reference says more than what it refers to.
    fn or(mut self, node: &Value) -> Self {
        if self.meaning.is_empty() {
            node["description"]
                .as_str()
                .unwrap_or_default()
                .clone_into(&mut self.meaning);
        }
        self.default = self.default.or_else(|| {
            node.get("default")
                .filter(|value| !value.is_null())
                .cloned()
        });
        self
    }

    fn default_shown(&self) -> String {
        match &self.default {
            _ if self.needed => "–".to_owned(),
            None => "none".to_owned(),
            Some(value) => format!("`{}`", plain(value)),
        }
    }
}

/// A value without quotes and brackets: `main`, `0.5`.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

fn meaning(path: &str, key: &Key) -> String {
    let mut text = key.meaning.replace('\n', " ");
    if let Some(code) = path
        .strip_prefix("audit.")
        .filter(|rest| tunegate::corpus::Code::named(rest).is_some())
    {
        text = text.replace(
            &format!("`{code}`"),
            &format!("[{code}](training-data.md#{code})"),
        );
    }
    for (_, words, page) in LINKS.iter().filter(|(of, ..)| *of == path) {
        assert!(text.contains(words), "{path} no longer says {words:?}");
        text = text.replacen(words, &format!("[{words}]({page})"), 1);
    }
    text
}

fn table() -> String {
    let mut text = INTRODUCTION.to_owned();
    for (path, key) in keys() {
        assert!(key.meaning.len() > 10, "{path} says nothing of itself");
        writeln!(
            text,
            "| `{path}` | {} | {} |",
            key.default_shown(),
            meaning(&path, &key)
        )
        .ok();
    }
    text
}

#[test]
fn the_list_of_keys_is_made_of_the_schema() {
    let path = root().join(PAGE);
    let shown = read(&path);
    let (before, listed) = shown.split_once(HEADING).unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, format!("{before}{HEADING}{}", table())).unwrap();
        return;
    }
    assert_eq!(
        listed,
        table(),
        "`UPDATE_DOCS=1 cargo test --test docs` writes it"
    );
}

/// The defaults that the schema names, by key.
pub(crate) fn defaults() -> BTreeMap<String, String> {
    let named = keys().into_iter();
    named
        .filter_map(|(path, key)| Some((path, plain(&key.default?))))
        .collect()
}
