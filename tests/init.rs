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

/// What is found in a repository of these files.
fn found_in(files: &[(&str, &str)]) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(folder.path(), path, text);
    }
    git(folder.path());
    let said = told(folder.path(), &["init"], 0);
    told(folder.path(), &["check"], 0);
    (folder, said)
}

#[test]
fn agents_that_stand_next_to_each_other_keep_their_own_models() {
    let settings = "SUPPORT_MODEL = \"ft:gpt-4o:acme:support:1\"\nLEGAL_MODEL = os.getenv(\"LEGAL_MODEL\", \"ft:gpt-4o:acme:legal:1\")\nclass Settings(BaseSettings):\n    sales_model: str = \"ft:gpt-4o:acme:sales:1\"\n";
    let list = "AGENTS = [\n    Agent(model=\"ft:gpt-4o:acme:legal:1\", name=\"legal\"),\n    Agent(model=\"ft:gpt-4o:acme:support:1\", name=\"support\"),\n    Agent(model=\"ft:gpt-4o:acme:sales:1\", name=\"sales\"),\n]\n";
    for code in [settings, list] {
        let (_folder, said) = found_in(&[("src/agents.py", code)]);
        for agent in ["legal", "sales", "support"] {
            let wanted = format!("→ {agent}: ft:gpt-4o:acme:{agent}:1");
            assert!(said.contains(&wanted), "no {wanted:?} in\n{said}");
        }
    }
}

#[test]
fn the_same_model_in_two_places_is_told_and_so_is_every_other_server() {
    let code = |port: u16| {
        format!("qa_model = \"ft:gpt-4o:acme:qa:1\"\nbase_url = \"http://10.0.0.{port}:8000/v1\"\n")
    };
    let (folder, said) = found_in(&[("src/a.py", &code(7)), ("src/live.py", &code(8))]);
    assert!(
        said.contains("src/live.py:1 holds the same model ID; a change there alone is not noticed"),
        "{said}"
    );
    assert!(
        said.contains("http://10.0.0.7:8000/v1") && said.contains("http://10.0.0.8:8000/v1"),
        "{said}"
    );
    assert!(text(folder.path(), "tunegate.yaml").contains("http://10.0.0.8:8000/v1"));
}

#[test]
fn no_secret_of_the_repository_is_written_or_printed() {
    let secret = "sk-proj-abc123def456ghi789jkl012";
    let row = json!({"prompt": format!("My password is hunter2 and my key {secret}"), "completion": "Thank you."});
    let code = format!(
        "base_url = \"https://llm.acme.example/v1\"\nheaders = {{\"X-Vault\": \"{secret}\", \"X-Pwd\": \"hunter2\"}}\n"
    );
    let (folder, said) = found_in(&[
        ("models/qa.txt", "ft:gpt-4o:acme:qa:1\n"),
        ("models/token.txt", secret),
        (
            "jobs/legal.json",
            &json!({"fine_tuned_model": secret}).to_string(),
        ),
        ("data/qa/val.jsonl", &row.to_string()),
        ("src/client.py", &code),
    ]);
    let written = [
        "tunegate.yaml",
        "suites/qa.yaml",
        ".github/workflows/model-quality.yml",
    ];
    for text in written
        .map(|path| text(folder.path(), path))
        .iter()
        .chain([&said])
    {
        assert!(
            !text.contains(secret) && !text.contains("hunter2"),
            "{text}"
        );
    }
}

#[test]
fn data_without_a_model_is_told_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "data/qa/train.jsonl",
        "{\"prompt\": \"a\", \"completion\": \"b\"}\n",
    );
    git(folder.path());
    let said = told(folder.path(), &["init"], 2);
    assert!(
        said.contains("no model ID was found") && said.contains("data/qa/train.jsonl → qa"),
        "{said}"
    );
    assert!(!folder.path().join("tunegate.yaml").exists());
}

#[test]
fn a_command_in_a_folder_of_the_repository_is_one_in_its_root() {
    let folder = repository();
    git(folder.path());
    told(&folder.path().join("src"), &["init"], 0);
    assert!(folder.path().join("tunegate.yaml").exists());
    told(
        &folder.path().join("src"),
        &["init", "--config", "other.yaml"],
        2,
    );
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
fn what_would_be_waited_for_is_not_opened() {
    let folder = repository();
    git(folder.path());
    let pipe = folder.path().join("config/agents.yaml");
    fs::remove_file(&pipe).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    told(folder.path(), &["init"], 0);
    let config = folder.path().join("tunegate.yaml");
    fs::remove_file(&config).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(&config)
            .status()
            .unwrap()
            .success()
    );
    let said = told(folder.path(), &["init"], 2);
    assert!(
        said.contains("`tunegate.yaml` is there and is no file"),
        "{said}"
    );
    fs::remove_file(&config).unwrap();
    std::os::unix::fs::symlink("nowhere", &config).unwrap();
    told(folder.path(), &["init"], 2);
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
