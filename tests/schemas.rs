//! The published schemas: current, and true of what this repository itself has. `UPDATE_SCHEMAS=1 cargo test --test
//! schemas` writes them anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tunegate::calibration::Calibration;
use tunegate::record::RunRecord;
use tunegate::yaml::{Log, Spot, text, yaml};
use tunegate::{config, suite};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// A YAML file as the program itself reads it.
fn as_json(path: &Path) -> Value {
    let (name, bytes) = (path.display().to_string(), read(path));
    let text = text(&name, &bytes, "").unwrap_or_else(|why| panic!("{why}"));
    let tree = yaml(&name, text).unwrap_or_else(|why| panic!("{why}"));
    let log = Log::new(&name);
    let value = Spot::root(&log, &tree).read::<Value>();
    log.or(value).unwrap_or_else(|why| panic!("{why}"))
}

fn suites() -> Vec<PathBuf> {
    let folder = root().join("suites");
    let entries = fs::read_dir(&folder).unwrap_or_else(|why| panic!("{why}"));
    entries.flatten().map(|entry| entry.path()).collect()
}

fn problems(schema: &Value, value: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap_or_else(|why| panic!("{why}"));
    validator
        .iter_errors(value)
        .map(|problem| format!("{}: {problem}", problem.instance_path()))
        .collect()
}

#[track_caller]
fn valid(schema: &Value, value: &Value, name: &Path) {
    let problems = problems(schema, value);
    assert!(problems.is_empty(), "{}: {problems:#?}", name.display());
}

#[track_caller]
fn current(name: &str, schema: &Value) {
    let path = root().join("schemas").join(name);
    let written = serde_json::to_string_pretty(schema).unwrap_or_default() + "\n";
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        fs::write(&path, &written).unwrap_or_else(|why| panic!("{why}"));
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == written,
        "{} is not what the code says; run UPDATE_SCHEMAS=1 cargo test --test schemas",
        path.display()
    );
}

fn run_of_the_demonstration() -> Value {
    let folder = tempfile::tempdir().unwrap_or_else(|why| panic!("{why}"));
    let ended = Command::new(env!("CARGO_BIN_EXE_tunegate"))
        .args(["demo", "--quiet", "--out"])
        .arg(folder.path())
        .output()
        .unwrap_or_else(|why| panic!("{why}"));
    assert!(ended.status.success(), "{ended:?}");
    let record = read(&folder.path().join("run.json"));
    serde_json::from_slice(&record).unwrap_or_else(|why| panic!("{why}"))
}

/// Every key of a schema with what is said of it: its place, and the schema of its value.
fn keys(place: &str, node: &Value, found: &mut Vec<(String, Value)>) {
    for (name, child) in node["properties"].as_object().into_iter().flatten() {
        found.push((format!("{place}.{name}"), child.clone()));
        keys(&format!("{place}.{name}"), child, found);
    }
    for list in ["definitions", "$defs"] {
        for (name, child) in node[list].as_object().into_iter().flatten() {
            keys(name, child, found);
        }
    }
}

/// Whether an editor can offer all that may stand there, or the value that is meant where nothing does.
fn is_listed(schema: &Value, key: &Value) -> bool {
    let lists_all = |node: &Value| {
        let lists = ["enum", "const", "oneOf", "properties"];
        lists.iter().any(|list| node.get(*list).is_some()) || node["type"] == "boolean"
    };
    let lists = ["allOf", "anyOf"].into_iter();
    let members = lists.flat_map(|list| key[list].as_array().into_iter().flatten());
    let mut named = members
        .chain([key])
        .filter_map(|node| node["$ref"].as_str());
    let target_does = |name: &str| {
        let target = schema.pointer(name.trim_start_matches('#'));
        target.is_some_and(lists_all)
    };
    key.get("default").is_some() || lists_all(key) || named.any(target_does)
}

#[test]
fn what_a_person_writes_has_a_description_and_an_example_that_fits() {
    let mut examples = 0;
    for (name, schema) in [("config", config::schema()), ("suite", suite::schema())] {
        let mut found = Vec::new();
        keys(name, &schema, &mut found);
        for (place, mut key) in found {
            if place.starts_with("Check.") && place.matches('.').count() > 1 {
                continue;
            }
            let described = key["description"]
                .as_str()
                .is_some_and(|text| !text.is_empty());
            assert!(described, "{place} says nothing of itself");
            let shown = key["examples"].as_array().cloned().unwrap_or_default();
            let open = key["anyOf"].is_array() || !is_listed(&schema, &key);
            assert!(!shown.is_empty() || !open, "{place} has no example: {key}");
            key["definitions"] = schema["definitions"].clone();
            for example in &shown {
                valid(&key, example, Path::new(&place));
            }
            examples += shown.len();
        }
    }
    assert!(examples > 80, "{examples}");
}

#[test]
fn the_published_schemas_are_those_of_the_code() {
    current("config.json", &config::schema());
    current("suite.json", &suite::schema());
    current("run.json", &RunRecord::json_schema());
    current("calibration.json", &Calibration::json_schema());
}

#[test]
fn our_own_configuration_is_valid_and_a_misspelt_key_is_not() {
    let path = root().join("tunegate.yaml");
    let mut value = as_json(&path);
    valid(&config::schema(), &value, &path);
    value["gate"]["max_dropp"] = json!(0.5);
    assert_ne!(problems(&config::schema(), &value), Vec::<String>::new());
    let mut value = as_json(&path);
    value["gate"]["floor"] = json!(80);
    assert_ne!(problems(&config::schema(), &value), Vec::<String>::new());
}

#[test]
fn our_own_suites_are_valid_and_a_misspelt_key_is_not() {
    let suites = suites();
    assert!(suites.len() >= 5, "{suites:?}");
    for path in suites {
        let mut value = as_json(&path);
        valid(&suite::schema(), &value, &path);
        value["cases"][0]["keyword"] = json!(["async"]);
        assert_ne!(problems(&suite::schema(), &value), Vec::<String>::new());
    }
    let misspelt = json!({"cases": [{"id": "a", "prompt": "b", "checks": [{"contain": "c"}]}]});
    assert_ne!(problems(&suite::schema(), &misspelt), Vec::<String>::new());
}

#[test]
fn the_record_of_a_run_is_valid_and_a_wrong_outcome_is_not() {
    let mut value = run_of_the_demonstration();
    valid(&RunRecord::json_schema(), &value, Path::new("run.json"));
    value["verdict"]["outcome"] = json!("passed");
    let problems = problems(&RunRecord::json_schema(), &value);
    assert_eq!(problems.len(), 1, "{problems:?}");
}
