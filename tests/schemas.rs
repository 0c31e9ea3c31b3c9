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
