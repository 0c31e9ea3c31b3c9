//! `tunegate init` in repositories as teams have them: what it writes is accepted as it is, and nothing that is there is
//! touched.
#![cfg(test)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

const AGENTS_PY: &str = r#"
import os
from openai import OpenAI

client = OpenAI(
    base_url="https://llm.acme.example/v1",
    api_key=os.environ["ACME_GATEWAY_KEY"],
    default_headers={"X-Team": "quality", "X-Session-Token": "abc123"},
)

MODELS = {
    "support_agent": "ft:open-mistral-7b:acme:20261001:support",
    "content_agent": "ft:open-mistral-7b:acme:20261001:content",
}
"#;

const AGENTS_YAML: &str = "
agents:
  legal:
    model: ft:gpt-4o-mini-2024-07-18:acme:legal:Ab1Cd2
    temperature: 0.1
  analyst:
    model: ft:gpt-4o-mini-2024-07-18:acme:analyst:Xy9
";

/// Five agents: IDs in a file, in source code and in settings; data in three formats; a gateway with headers.
fn repository() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| write(folder.path(), path, text);
    write(
        "models/qa_agent/model_id.txt",
        "ft:open-mistral-7b:acme:20261001:qa\n",
    );
    write("src/app/agents.py", AGENTS_PY);
    write("config/agents.yaml", AGENTS_YAML);
    write("prompts/legal.md", "You answer questions on contracts.\n");
    write(
        "tests/test_agents.py",
        "MODEL = \"ft:open-mistral-7b:acme:1:of-a-test\"\n",
    );
    write(
        "node_modules/x/index.js",
        "const m = \"ft:open-mistral-7b:x:1:not-ours\"\n",
    );
    write(".gitignore", "node_modules/\n");
    write(
        "data/qa_agent/train.jsonl",
        &rows(40, |at| {
            json!({"messages": [
                {"role": "user", "content": format!("How do I test function {at}?")},
                {"role": "assistant", "content": format!("Write test_{at} with one assertion.")},
            ]})
        }),
    );
    write(
        "data/qa_agent/val/val.jsonl",
        &rows(30, |at| {
            json!({"conversations": [
                {"from": "human", "value": format!("How do I mock service {at}: \"quoted\" # or not?")},
                {"from": "gpt", "value": format!("Use a fake:\n\n```python\nfake_{at} = Fake()\n```")},
            ]})
        }),
    );
    write(
        "data/legal/train.jsonl",
        &rows(
            20,
            |at| json!({"instruction": format!("Summarise clause {at}"), "input": "", "output": "It limits liability."}),
        ),
    );
    write(
        "data/legal/validation.jsonl",
        &rows(
            8,
            |at| json!({"instruction": format!("Is clause {at} binding?"), "input": "", "output": "Yes, unless waived."}),
        ),
    );
    folder
}

fn rows(count: usize, row: impl Fn(usize) -> Value) -> String {
    let rows: Vec<String> = (0..count).map(|at| row(at).to_string()).collect();
    rows.join("\n")
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn git(root: &Path) {
    for arguments in [
        &["init", "--quiet", "--initial-branch", "trunk"][..],
        &["add", "--all"],
    ] {
        let status = Command::new("git")
            .args(arguments)
            .current_dir(root)
            .status();
        assert!(status.unwrap().success());
    }
}

fn tunegate(root: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tunegate"))
        .args(arguments)
        .current_dir(root)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .output()
        .unwrap()
}

#[track_caller]
fn told(root: &Path, arguments: &[&str], code: i32) -> String {
    let output = tunegate(root, arguments);
    let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{told}");
    told
}

fn text(root: &Path, path: &str) -> String {
    fs::read_to_string(root.join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

#[test]
fn a_repository_with_five_agents_gets_a_configuration_that_check_accepts_without_an_edit() {
    let folder = repository();
    let root = folder.path();
    git(root);
    let said = told(root, &["init"], 0);
    for line in [
        "models/qa_agent/model_id.txt:1 → qa_agent: ft:open-mistral-7b:acme:20261001:qa (named by the file's path)",
        "src/app/agents.py:12 → support_agent: ft:open-mistral-7b:acme:20261001:support (named by what it is given to)",
        "config/agents.yaml:4 → legal: ft:gpt-4o-mini-2024-07-18:acme:legal:Ab1Cd2 (named by a key above it)",
        "data/qa_agent/val/val.jsonl → qa_agent: validation data, 30 rows (ShareGPT conversations)",
        "legal: prompts/legal.md is its system prompt, by its name",
        "gateway (https://llm.acme.example/v1) answers: src/app/agents.py:6",
        "gateway: the header X-Session-Token was not copied",
        ".gitignore: add the line `tunegate-out/`",
    ] {
        assert!(said.contains(line), "no {line:?} in\n{said}");
    }
    let checked = told(root, &["check", "--json"], 0);
    let plan: Value = serde_json::from_str(&checked).unwrap();
    let agents: Vec<(&str, u64)> = plan["agents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|agent| {
            (
                agent["agent"].as_str().unwrap(),
                agent["cases"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        agents,
        [
            ("analyst", 1),
            ("content_agent", 1),
            ("legal", 8),
            ("qa_agent", 20),
            ("support_agent", 1)
        ]
    );
    let config = text(root, "tunegate.yaml");
    assert!(
        config.contains("X-Team: quality") && !config.contains("abc123"),
        "{config}"
    );
    assert!(config.contains("baseline: {branches: [trunk]}"), "{config}");
    assert!(
        !config.contains("floor:"),
        "no floor without --measure:\n{config}"
    );
    let workflow = text(root, ".github/workflows/model-quality.yml");
    assert!(
        workflow.contains("branches: [trunk]") && workflow.contains("secrets.ACME_GATEWAY_KEY"),
        "{workflow}"
    );
    assert!(
        !workflow.contains("paths:\n") && workflow.contains("\npermissions: {}"),
        "{workflow}"
    );
}

#[test]
fn what_is_there_is_never_touched() {
    let folder = repository();
    let root = folder.path();
    git(root);
    write(
        root,
        "suites/legal.yaml",
        "cases: [{id: own, prompt: Is it binding?}]\n",
    );
    write(root, "docs/CODEOWNERS", "* @acme/all\n");
    told(root, &["init"], 0);
    assert_eq!(
        text(root, "suites/legal.yaml"),
        "cases: [{id: own, prompt: Is it binding?}]\n"
    );
    assert_eq!(text(root, ".gitignore"), "node_modules/\n");
    // GitHub would read a second file in place of theirs.
    assert!(!root.join(".github/CODEOWNERS").exists());
    told(root, &["check"], 0);
    let mine = format!("{}# mine\n", text(root, "tunegate.yaml"));
    write(root, "tunegate.yaml", &mine);
    fs::remove_file(root.join(".github/workflows/model-quality.yml")).unwrap();
    let again = told(root, &["init"], 0);
    assert!(again.contains("There is a configuration"), "{again}");
    assert_eq!(text(root, "tunegate.yaml"), mine);
    assert!(text(root, ".github/workflows/model-quality.yml").contains("secrets.ACME_GATEWAY_KEY"));
}

#[test]
fn nothing_is_written_where_it_is_only_asked_what_would_be() {
    let folder = repository();
    git(folder.path());
    let said = told(folder.path(), &["init", "--dry-run"], 0);
    assert!(
        said.contains("--- tunegate.yaml ---") && said.contains("version: 1"),
        "{said}"
    );
    assert!(!folder.path().join("tunegate.yaml").exists());
    let json: Value =
        serde_json::from_str(&told(folder.path(), &["init", "--dry-run", "--json"], 0)).unwrap();
    assert!(
        json["files"]["suites/qa_agent.yaml"]
            .as_str()
            .unwrap()
            .contains("draft: true")
    );
    assert!(json["told"]["must_do"].as_array().unwrap().len() > 3);
}

#[test]
fn a_folder_without_git_is_looked_through_as_well() {
    let folder = repository();
    told(folder.path(), &["init"], 0);
    told(folder.path(), &["check"], 0);
    let config = text(folder.path(), "tunegate.yaml");
    assert!(
        !config.contains("not-ours") && !config.contains("of-a-test"),
        "{config}"
    );
}

#[test]
fn an_empty_repository_is_told_what_was_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path());
    let said = told(folder.path(), &["init"], 2);
    assert!(
        said.contains("found no ID of a fine-tuned model") && said.contains("README"),
        "{said}"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "only .git");
}

#[test]
fn a_configuration_that_cannot_be_read_is_told_and_kept() {
    let folder = repository();
    write(folder.path(), "tunegate.yaml", "version: 1\nagnets: {}\n");
    let said = told(folder.path(), &["init"], 2);
    assert!(
        said.contains("tunegate.yaml:2") && said.contains("agnets"),
        "{said}"
    );
    assert!(!folder.path().join("suites").exists());
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_and_nothing_is_read_through_one() {
    let (folder, elsewhere) = (repository(), tempfile::tempdir().unwrap());
    let root = folder.path();
    std::os::unix::fs::symlink(elsewhere.path(), root.join("suites")).unwrap();
    write(
        elsewhere.path(),
        "secret.txt",
        "ft:open-mistral-7b:acme:1:elsewhere\n",
    );
    std::os::unix::fs::symlink(
        elsewhere.path().join("secret.txt"),
        root.join("models/legal.txt"),
    )
    .unwrap();
    git(root);
    let said = told(root, &["init"], 0);
    assert!(!said.contains("elsewhere"), "{said}");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn names_and_texts_of_others_do_nothing_on_the_terminal() {
    let folder = repository();
    let root = folder.path();
    write(
        root,
        "models/qa_agent/model_id.txt",
        "ft:open-mistral-7b:a\u{1b}[2Jb:c\n",
    );
    write(
        root,
        "data/\u{1b}[31mqa/val.jsonl",
        "{\"prompt\": \"a\", \"completion\": \"b\"}\n",
    );
    git(root);
    let said = told(root, &["init"], 0);
    assert!(!said.contains('\u{1b}'), "{said:?}");
    told(root, &["check"], 0);
}
