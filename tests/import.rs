//! `tunegate import` on a laptop: files of other tools become suites that our own reader accepts, and nothing of them
//! is run, opened or lost in silence.
#![cfg(test)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
use tunegate::import::{Fidelity, Format};
use tunegate::suite;

/// A folder with files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let place = folder.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }
    folder
}

fn import(folder: &TempDir, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tunegate"))
        .current_dir(folder.path())
        .arg("import")
        .args(arguments)
        .output()
        .unwrap()
}

#[track_caller]
fn exits(output: &Output, code: i32) -> String {
    let told = String::from_utf8(output.stdout.clone()).unwrap();
    let wrong = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{told}\n{wrong}");
    format!("{told}{wrong}")
}

/// The suite that was written, in the form of a program, once our own reader has accepted it.
#[track_caller]
fn suite_of(folder: &TempDir) -> Value {
    let yaml = fs::read(folder.path().join("suite.yaml")).unwrap();
    let file = suite::read("suite.yaml", &yaml).unwrap();
    let lines = file.cases_from().map(str::to_owned);
    let bytes = lines
        .as_ref()
        .map(|path| fs::read(folder.path().join(path)).unwrap());
    let suite = file.finish(lines.as_deref().zip(bytes.as_deref())).unwrap();
    let case = |index| {
        let case = suite.case(index).unwrap();
        let messages: Vec<String> = case
            .messages
            .iter()
            .map(|one| format!("{:?}: {}", one.role, one.content))
            .collect();
        serde_json::json!({
            "id": case.id, "messages": messages, "expectation": case.expectation,
            "tags": case.tags, "cluster": case.cluster,
        })
    };
    let cases: Vec<Value> = (0..suite.len()).map(case).collect();
    serde_json::json!({"description": suite.description, "profile": suite.scoring.profile, "cases": cases})
}

const PROMPTFOO: &str = r##"description: Support answers
prompts:
  - "Answer shortly: {{question}}"
  - file://prompts/chat.json
providers: [openai:gpt-4o]
defaultTest:
  assert:
    - {type: cost, threshold: 0.01}
assertionTemplates:
  short: {type: word-count, value: {max: 50}}
tests:
  - description: Refund in two languages
    vars: {question: "How do I get a refund in {{language}}?", language: [German, French]}
    assert:
      - {type: contains-any, value: "refund, money back", weight: 2, metric: Facts}
      - {type: not-icontains, value: sorry}
      - {type: javascript, value: output.length < 100}
      - $ref: "#/assertionTemplates/short"
  - file://tests.csv
"##;
const CHAT: &str = r#"[{"role": "system", "content": "You are brief."}, {"role": "user", "content": "{{question}}"}]"#;
const CSV: &str = "question,__expected,__expected2,__description\nWhat?,\"contains-all: so, yes\",levenshtein(3): hello,A row\n";

#[test]
fn a_promptfoo_configuration_becomes_a_suite_and_a_table() {
    let folder = folder(&[
        ("promptfooconfig.yaml", PROMPTFOO),
        ("prompts/chat.json", CHAT),
        ("tests.csv", CSV),
    ]);
    let told = exits(&import(&folder, &["promptfooconfig.yaml"]), 0);
    assert!(told.contains("promptfoo configuration, 6 cases"), "{told}");
    assert!(
        told.contains("promptfooconfig.yaml:17 assert: javascript × 4: nothing is run"),
        "{told}"
    );
    assert!(told.contains("Written: suite.yaml"), "{told}");
    let suite = suite_of(&folder);
    assert_eq!(suite["description"], "Support answers");
    assert_eq!(suite["profile"], "checks");
    let ids: Vec<&str> = suite["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| case["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids,
        [
            "refund-in-two-languages-1@p1",
            "refund-in-two-languages-1@chat",
            "refund-in-two-languages-2@p1",
            "refund-in-two-languages-2@chat",
            "a-row@p1",
            "a-row@chat",
        ]
    );
    let second = &suite["cases"][1];
    assert_eq!(
        second["messages"],
        serde_json::json!([
            "System: You are brief.",
            "User: How do I get a refund in German?"
        ])
    );
    assert_eq!(second["cluster"], "refund-in-two-languages");
    let checks = second["expectation"]["checks"].as_array().unwrap();
    assert_eq!(checks[0]["cost"], serde_json::json!({"max": 0.01}));
    assert_eq!(
        checks[1]["contains-any"],
        serde_json::json!(["refund", "money back"])
    );
    assert_eq!(
        (checks[1]["weight"].as_f64(), &checks[1]["dimension"]),
        (Some(2.0), &Value::from("facts"))
    );
    assert_eq!(
        (&checks[2]["contains"], &checks[2]["not"]),
        (&Value::from("sorry"), &Value::from(true))
    );
    let row = &suite["cases"][4]["expectation"]["checks"];
    assert_eq!(row[1]["contains-all"], serde_json::json!(["so", "yes"]));
    assert_eq!(row[2]["levenshtein"]["max"], 3);
}

#[test]
fn a_prompt_file_of_github_becomes_a_suite() {
    let text = "name: Summaries
description: Short summaries
model: openai/gpt-4o-mini
messages:
  - {role: system, content: You summarise.}
  - {role: user, content: 'Summarise: {{input}}'}
testData:
  - {input: A long story., expected: A story.}
evaluators:
  - {name: Has story, string: {contains: '{{expected}}'}}
  - {name: Alike, uses: github/similarity}
  - {name: Own, llm: {modelId: openai/gpt-4o, prompt: 'Is {{completion}} good?', choices: [{choice: a, score: 1}]}}
";
    let folder = folder(&[("story.prompt.yml", text)]);
    let told = exits(&import(&folder, &["story.prompt.yml"]), 0);
    assert!(
        told.contains("story.prompt.yml:3 model: models, parameters and keys stand in"),
        "{told}"
    );
    assert!(
        told.contains("llm: modelId: the judge of your configuration grades"),
        "{told}"
    );
    let suite = suite_of(&folder);
    let case = &suite["cases"][0];
    assert_eq!(case["messages"][1], "User: Summarise: A long story.");
    assert_eq!(case["expectation"]["checks"][0]["contains"], "A story.");
    assert_eq!(case["expectation"]["checks"][0]["label"], "Has story");
    assert_eq!(case["expectation"]["reference"], "A story.");
    let rubric = case["expectation"]["rubric"].as_str().unwrap();
    assert!(rubric.contains("Is (the answer) good?"), "{rubric}");
}

#[test]
fn a_prompt_without_test_data_is_told_what_it_lacks() {
    let text = "model: openai/gpt-4o
responseFormat: json_object
messages: [{role: user, content: 'Is this kind: {{text}}'}]
";
    let folder = folder(&[("kind.prompt.yml", text)]);
    let told = exits(&import(&folder, &["kind.prompt.yml"]), 2);
    let why = "could be translated; kind.prompt.yml:3, messages: `{{text}}` has no value; give it one in `testData`";
    assert!(told.contains(why), "{told}");
}

#[test]
fn a_registry_file_of_openai_evals_becomes_a_suite() {
    let evals = "capitals:
  id: capitals.dev.v0
  description: Names capitals
capitals.dev.v0:
  class: evals.elsuite.basic.match:Match
  args: {samples_jsonl: capitals/samples.jsonl}
";
    let samples = concat!(
        r#"{"input": [{"role": "system", "content": "Capital of Austria?"}], "ideal": ["Vienna", "Wien"]}"#,
        "\n",
        r#"{"input": "Capital of France?", "ideal": "Paris"}"#,
        "\n{\"nothing\": 1}\n",
    );
    let folder = folder(&[
        ("registry/evals/capitals.yaml", evals),
        ("registry/data/capitals/samples.jsonl", samples),
    ]);
    let told = exits(&import(&folder, &["registry/evals/capitals.yaml"]), 0);
    assert!(
        told.contains("samples.jsonl:3 sample: the row has no `input`"),
        "{told}"
    );
    let suite = suite_of(&folder);
    let first = &suite["cases"][0];
    assert_eq!(first["messages"][0], "User: Capital of Austria?");
    assert_eq!(
        first["expectation"]["checks"][0]["any"][1]["starts-with"],
        "Wien"
    );
    assert_eq!(
        suite["cases"][1]["expectation"]["checks"][0]["case_sensitive"],
        true
    );
}

#[test]
fn graders_of_openai_become_a_suite() {
    let text = r#"{
      "name": "Tickets",
      "data_source": {
        "type": "completions",
        "input_messages": {"type": "template", "template": [
          {"role": "developer", "content": "Label tickets."},
          {"role": "user", "content": "{{item.ticket}}"}]},
        "source": {"type": "file_content", "content": [{"item": {"ticket": "It is broken.", "label": "Hardware"}}]}
      },
      "testing_criteria": [
        {"type": "string_check", "name": "Label", "input": "{{ sample.output_text }}", "reference": "{{item.label}}", "operation": "eq"},
        {"type": "text_similarity", "name": "Near", "input": "{{sample.output_text}}", "reference": "{{item.label}}", "evaluation_metric": "rouge_2", "pass_threshold": 0.4},
        {"type": "text_similarity", "name": "Nearer", "input": "{{sample.output_text}}", "reference": "{{item.label}}", "evaluation_metric": "bleu"},
        {"type": "label_model", "name": "Judge", "input": [{"role": "user", "content": "Is {{sample.output_text}} right?"}], "labels": ["a"], "passing_labels": ["a"]},
        {"type": "python", "name": "Code", "source": "def grade(a, b): return 1"}]
    }"#;
    let folder = folder(&[("eval.json", text)]);
    let told = exits(&import(&folder, &["eval.json", "--json"]), 0);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        (told["format"].as_str(), told["not_translated"].as_u64()),
        (Some("openai-grader"), Some(1))
    );
    let suite = suite_of(&folder);
    let expectation = &suite["cases"][0]["expectation"];
    assert_eq!(expectation["checks"][0]["equals"], "Hardware");
    assert_eq!(expectation["checks"][1]["rouge-n"]["n"], 2);
    assert_eq!(expectation["checks"][2]["bleu"]["min"], 0.5);
    let lines = told["lines"].to_string();
    assert!(lines.contains("0.5 is taken"), "{told}");
    assert_eq!(expectation["rubric"], "Is (the answer) right?");
}

#[test]
fn a_file_that_is_there_is_never_overwritten() {
    let folder = folder(&[
        ("promptfooconfig.yaml", "prompts: [Hi]\n"),
        ("suite.yaml", "mine"),
    ]);
    let told = exits(&import(&folder, &["promptfooconfig.yaml"]), 2);
    assert!(
        told.contains("suite.yaml is there already and stays as it is"),
        "{told}"
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("suite.yaml")).unwrap(),
        "mine"
    );
}

#[test]
fn what_is_no_file_of_another_tool_is_named() {
    for (text, message) in [
        ("a: 1\n", "it is no file that can be imported"),
        ("prompts: [\n", "promptfooconfig.yaml:"),
        ("- 1\n", "expected a promptfoo configuration, found a list"),
        ("\u{0}", "control character"),
        ("", "the file is empty"),
        (
            "prompts: []\n",
            "nothing of this promptfoo configuration could be translated",
        ),
        (
            "prompts: [exec:rm -rf x]\n",
            "prompts: functions: nothing is run",
        ),
    ] {
        let name = if text == "a: 1\n" {
            "other.yaml"
        } else {
            "promptfooconfig.yaml"
        };
        let folder = folder(&[(name, text)]);
        let told = exits(&import(&folder, &[name]), 2);
        assert!(told.contains(message), "{text:?}: {told}");
        assert!(!folder.path().join("suite.yaml").exists());
    }
    let empty = folder(&[]);
    let told = exits(&import(&empty, &["gone.yaml"]), 2);
    assert!(told.contains("gone.yaml is not there"), "{told}");
}

#[test]
fn nothing_outside_is_read_and_nothing_is_run() {
    let text = "prompts: ['{{a}} {{b}}', 'file:///etc/passwd', 'file://../../etc/passwd', 'https://example.org/p.txt', 'exec:cat /etc/passwd', 'file://run.py']
tests:
  - vars: {a: 'file:///etc/passwd', b: x}
  - vars: {a: 'file://../../../../etc/passwd', b: '{{ env.HOME }}'}
  - https://example.org/tests.csv
  - file://link.yaml
  - vars: {a: 1, b: 2}
    assert: [{type: contains, value: 'file:///etc/passwd'}, {type: webhook, value: 'https://example.org'}]
";
    let folder = folder(&[("deep/in/promptfooconfig.yaml", text)]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("deep/in/link.yaml")).unwrap();
    let told = exits(&import(&folder, &["deep/in/promptfooconfig.yaml"]), 0);
    let written = fs::read_to_string(folder.path().join("suite.yaml")).unwrap();
    for secret in ["root:", "/root", "/bin/"] {
        assert!(
            !written.contains(secret) && !told.contains(secret),
            "{told}\n{written}"
        );
    }
    for lost in [
        "the path is absolute",
        "the path leaves the repository",
        "no address is opened",
        "prompts: functions",
        "leads to no file of this repository",
    ] {
        assert!(told.contains(lost), "{lost}: {told}");
    }
}

#[test]
fn what_would_grow_without_bound_ends_at_a_bound() {
    let many: Vec<String> = (0..20).map(|at| format!("v{at}: [a, b, c]")).collect();
    let combinations = format!(
        "prompts: ['{{{{v1}}}}']\ntests:\n  - vars: {{{}}}\n",
        many.join(", ")
    );
    let loops = "prompts: ['{% for a in l %}{% for b in l %}{% for c in l %}x{% endfor %}{% endfor %}{% endfor %}']
tests:\n  - vars: {l: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40]}\n";
    let circle = "prompts: [Hi]\ntests: file://promptfooconfig.yaml.tests.yaml\n";
    let deep = format!("prompts: [Hi]\ntests: {}\n", "[".repeat(500));
    for (text, message) in [
        (combinations.as_str(), "more than 5000 combinations"),
        (loops, "ran out of fuel"),
        (circle, "more than eight deep"),
        (deep.as_str(), "nested more than 64 levels deep"),
    ] {
        let folder = folder(&[
            ("promptfooconfig.yaml", text),
            (
                "promptfooconfig.yaml.tests.yaml",
                "- file://promptfooconfig.yaml.tests.yaml\n",
            ),
        ]);
        let told = exits(&import(&folder, &["promptfooconfig.yaml"]), 2);
        assert!(told.contains(message), "{message}: {told}");
    }
    let huge = folder(&[(
        "promptfooconfig.yaml",
        &format!("prompts: ['{}']\n", "x".repeat(11_000_000)),
    )]);
    let told = exits(&import(&huge, &["promptfooconfig.yaml"]), 2);
    assert!(told.contains("more than 10 MB"), "{told}");
}

#[test]
fn what_means_something_else_here_is_not_called_exact() {
    let config = r"prompts: [file://prompts.txt]
tests:
  - vars: {q: Hello, list: []}
    assert:
      - {type: regex, value: '\p{L}+'}
      - {type: finish-reason, value: STOP}
      - type: assert-set
        threshold: 0.5
        assert: [{type: contains, value: a, weight: 9}, {type: contains, value: b}]
  - file://more.csv
";
    let folder = folder(&[
        ("promptfooconfig.yaml", config),
        (
            "prompts.txt",
            "{% if list %}many{% endif %}{{q}}\r\n---\r\nSay {{q}}\r\n",
        ),
        (
            "more.csv",
            "q,__expected\nhi,contains-any: red, green\nyo,contains: yo\n",
        ),
    ]);
    let told = exits(
        &import(&folder, &["promptfooconfig.yaml", "--out", "suite.yaml"]),
        0,
    );
    for words in [
        "means something else in JavaScript",
        "compared in lower case",
        "a share of members that weigh differently",
        "templates with `if` or `for`",
        "put quotes around a cell that holds commas",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let suite = suite_of(&folder);
    let cases = suite["cases"].as_array().unwrap();
    // Two prompts in one file, for one test and one row of the table.
    assert_eq!(cases.len(), 4, "{suite}");
}

#[test]
fn many_cases_go_to_a_file_of_lines_beside_the_suite() {
    let rows: Vec<String> = (0..1_500)
        .map(|at| format!("question {at},answer {at}\n"))
        .collect();
    let table = format!("question,__expected\n{}", rows.concat());
    let folder = folder(&[
        (
            "promptfooconfig.yaml",
            "prompts: ['{{question}}']\ntests: file://tests.csv\n",
        ),
        ("tests.csv", &table),
    ]);
    exits(&import(&folder, &["promptfooconfig.yaml"]), 0);
    assert!(folder.path().join("suite.jsonl").exists());
    assert_eq!(suite_of(&folder)["cases"].as_array().unwrap().len(), 1_500);
}

/// The three tables of the documentation, made from the tables that the translation goes by.
fn tables() -> String {
    let mut text = String::new();
    for (fidelity, title) in [
        (Fidelity::Exact, "Exact"),
        (Fidelity::Approximate, "Approximate"),
        (Fidelity::NotTranslated, "Not translated"),
    ] {
        let last = if fidelity == Fidelity::NotTranslated {
            "why, and what to write"
        } else {
            "what differs"
        };
        let mut rows: Vec<(Format, &str, Vec<String>)> = Vec::new();
        for format in Format::ALL {
            for (name, how, note) in format.table() {
                if how != fidelity {
                    continue;
                }
                let name = format!("`{name}`");
                match rows
                    .iter_mut()
                    .find(|(of, told, _)| *of == format && *told == note)
                {
                    Some((_, _, names)) => names.push(name),
                    None => rows.push((format, note, vec![name])),
                }
            }
        }
        write!(text, "## {title}\n\n").unwrap();
        if fidelity == Fidelity::Exact {
            text.push_str("| of a | what |\n|---|---|\n");
        } else {
            write!(text, "| of a | what | {last} |\n|---|---|---|\n").unwrap();
        }
        for (format, note, names) in rows {
            let end = if fidelity == Fidelity::Exact {
                String::new()
            } else {
                format!(" {note} |")
            };
            writeln!(text, "| {} | {} |{end}", format.title(), names.join(", ")).unwrap();
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_documentation_lists_what_the_translation_knows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/importing.md");
    let page = fs::read_to_string(&path).unwrap();
    let tables = tables();
    let (before, _) = page.split_once("## Exact\n").unwrap();
    let wanted = format!("{before}{}\n", tables.trim_end());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &wanted).unwrap();
    }
    assert_eq!(
        page.trim_end(),
        wanted.trim_end(),
        "UPDATE_DOCS=1 writes it"
    );
}
