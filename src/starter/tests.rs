use proptest::prelude::*;

use super::*;
use crate::{config, suite};

const ROW: &str = r#"{"messages": [{"role": "user", "content": "Where is it?"}, {"role": "assistant", "content": "Here."}]}"#;

fn proposal(files: &[(&str, &str)]) -> Option<Proposal> {
    let mut survey = Survey::new(files.iter().map(|(path, _)| (*path).to_owned()));
    for wanted in survey.wanted() {
        let (_, text) = files.iter().find(|(path, _)| *path == wanted.path)?;
        survey.read(&wanted.path, text.as_bytes(), false);
    }
    let is_set = |_: &str| false;
    survey.proposal(&Facts {
        branch: "main",
        is_set: &is_set,
    })
}

fn text<'p>(proposal: &'p Proposal, path: &str) -> &'p str {
    let found = proposal.files.iter().find(|(own, _)| own == path);
    found.map_or("", |(_, text)| text)
}

fn accepted(proposal: &Proposal) -> config::Config {
    for (path, text) in proposal
        .files
        .iter()
        .filter(|(path, _)| path.starts_with("suites/"))
    {
        let read = suite::read(path, text.as_bytes()).and_then(|file| file.finish(None));
        read.unwrap_or_else(|why| panic!("{why}\n{text}"));
    }
    let text = text(proposal, CONFIG);
    config::read(CONFIG, text.as_bytes()).unwrap_or_else(|why| panic!("{why}\n{text}"))
}

#[test]
fn what_lies_side_by_side_becomes_one_agent() {
    let found = proposal(&[
        ("models/qa_agent.txt", "ft:open-mistral-7b:acme:1:qa\n"),
        ("prompts/qa_agent.md", "Be brief.\n"),
        ("data/qa_agent/train.jsonl", ROW),
        ("data/qa_agent/val.jsonl", ROW),
        ("src/client.py", "key = os.environ[\"MISTRAL_API_KEY\"]\n"),
    ])
    .unwrap();
    let config = accepted(&found);
    let agent = &config.agents[0];
    assert_eq!(
        (agent.name.as_str(), agent.provider.as_str()),
        ("qa_agent", "mistral")
    );
    assert_eq!(agent.training_data, ["data/qa_agent/train.jsonl"]);
    assert_eq!(agent.validation_data, ["data/qa_agent/val.jsonl"]);
    assert!(agent.system.is_some());
    assert!(text(&found, WORKFLOW).contains("MISTRAL_API_KEY: ${{ secrets.MISTRAL_API_KEY }}"));
    assert!(
        found.told.found[0]
            .contains("models/qa_agent.txt:1 → qa_agent: ft:open-mistral-7b:acme:1:qa")
    );
}

#[test]
fn data_without_a_model_is_a_comment_that_says_what_is_missing() {
    let found = proposal(&[
        ("models/qa.txt", "ft:open-mistral-7b:acme:1:qa\n"),
        ("data/legal/train.jsonl", ROW),
    ])
    .unwrap();
    assert_eq!(accepted(&found).agents.len(), 1);
    assert!(text(&found, CONFIG).contains("  # legal:\n"));
    assert!(
        found
            .told
            .must_do
            .iter()
            .any(|line| line.starts_with("legal: no model ID"))
    );
}

#[test]
fn model_ids_of_tests_and_of_other_peoples_code_are_not_taken() {
    let id = "MODEL = \"ft:open-mistral-7b:acme:1:qa\"\n";
    for path in [
        "tests/test_a.py",
        "src/agents_test.go",
        "src/agents.spec.ts",
        "node_modules/a/index.js",
        ".venv/lib/a.py",
        "docs/a.py",
    ] {
        assert!(proposal(&[(path, id)]).is_none(), "{path}");
    }
}

#[test]
fn a_suite_that_is_there_is_used_and_not_drafted() {
    let found = proposal(&[
        ("models/qa.txt", "ft:open-mistral-7b:acme:1:qa\n"),
        ("suites/qa.yaml", "cases: []\n"),
    ])
    .unwrap();
    assert_eq!(text(&found, "suites/qa.yaml"), "");
    assert!(text(&found, CONFIG).contains("suite: suites/qa.yaml"));
}

#[test]
fn several_services_are_told_apart() {
    let found = proposal(&[
        ("models/qa.txt", "ft:open-mistral-7b:acme:1:qa\n"),
        (
            "models/legal.txt",
            "ft:gpt-4o-mini-2024-07-18:acme:legal:Ab1\n",
        ),
    ])
    .unwrap();
    let config = accepted(&found);
    let of: Vec<_> = config
        .agents
        .iter()
        .map(|one| (one.name.as_str(), one.provider.as_str()))
        .collect();
    assert_eq!(of, [("legal", "openai"), ("qa", "mistral")]);
}

#[test]
fn measured_floors_are_part_of_the_configuration() {
    let found = proposal(&[("models/qa.txt", "ft:open-mistral-7b:acme:1:qa\n")]).unwrap();
    let floors = BTreeMap::from([("qa".to_owned(), 8.1)]);
    let text = found.with_floors(&floors);
    assert!(config::read(CONFIG, text.as_bytes()).is_ok(), "{text}");
    assert!(text.contains("      qa: 8.1\n"), "{text}");
}

proptest! {
    #[test]
    fn whatever_files_are_called_and_hold_the_drafts_can_be_read(
        folder in "[ -~äß\u{85}\u{2028}😀]{1,12}",
        stem in "(qa|Legal-Bot|a b|#|ä|'|\"|%|&x|-|true){1,3}",
        id in "ft:[a-z-]{1,8}:[A-Za-z0-9._:-]{1,20}",
        question in "(?s)[^\\x00-\\x08]{1,60}",
        header in "[ -~]{0,20}",
    ) {
        let row = serde_json::json!({"messages": [
            {"role": "system", "content": question},
            {"role": "user", "content": question},
            {"role": "assistant", "content": question},
        ]}).to_string();
        let code = format!("x = \"{id}\"\nbase_url = \"https://llm.acme.internal/v1\"\nheaders = {{\"X-A\": \"{header}\"}}\n{stem} = '{id}'\n");
        let paths = [
            format!("models/{stem}.txt"),
            format!("{folder}/{stem}/val.jsonl"),
            format!("{folder}/{stem}/train.jsonl"),
            format!("src/{stem}.py"),
            format!("prompts/{stem}.md"),
        ];
        let texts = [id.as_str(), &row, &row, &code, &question];
        let files: Vec<(&str, &str)> = paths.iter().map(String::as_str).zip(texts).collect();
        if let Some(found) = proposal(&files).filter(Proposal::has_agents) {
            accepted(&found);
        }
    }
}
