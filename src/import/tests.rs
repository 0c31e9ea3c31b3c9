use serde_json::{Value, json};

use super::*;

/// What a file comes to with the files beside it.
fn imported(format: Format, text: &str, beside: &[(&str, &str)]) -> Imported {
    let mut files = Files::default();
    for _ in 0..10 {
        let imported = read(format, "in/file.yaml", text.as_bytes(), &files).unwrap();
        let wanted = files.wanted();
        if wanted.is_empty() {
            return imported;
        }
        for name in wanted {
            let found = beside.iter().find(|(path, _)| *path == name);
            files.put(name, Ok(found.map(|(_, text)| text.as_bytes().to_vec())));
        }
    }
    panic!("it wants more and more files")
}

/// The checks of the one test with this assertion, and all that is said about it.
fn asserted(assertion: &Value) -> (Value, Vec<Line>) {
    let config = json!({"prompts": ["Hi"], "tests": [{"vars": {"x": "one", "n": 3}, "assert": [assertion]}]});
    let imported = imported(
        Format::Promptfoo,
        &config.to_string(),
        &[("in/schema.json", "{\"type\": \"object\"}")],
    );
    let lines = imported.report.lines().filter(|line| {
        line.feature.starts_with("assert")
            || line.feature.starts_with("regex")
            || line.feature.starts_with("not-")
    });
    let lines = lines.cloned().collect();
    (imported.made[0].case["checks"].clone(), lines)
}

#[track_caller]
fn becomes(pairs: &[(Value, Value)]) {
    for (assertion, check) in pairs {
        let (checks, lines) = asserted(assertion);
        assert_eq!(checks, json!([check]), "{assertion} {lines:?}");
    }
}

#[test]
fn assertions_of_texts_become_the_checks_that_mean_them() {
    becomes(&[
        (
            json!({"type": "contains", "value": "{{x}} two"}),
            json!({"contains": "one two", "case_sensitive": true}),
        ),
        (
            json!({"type": "contains", "value": 5}),
            json!({"contains": "5", "case_sensitive": true}),
        ),
        (
            json!({"type": "not-icontains", "value": "a"}),
            json!({"contains": "a", "not": true}),
        ),
        (
            json!({"type": "equals", "value": {"a": 1}}),
            json!({"json-schema": {"const": {"a": 1}}}),
        ),
        (
            json!({"type": "icontains-all", "value": "a, \"b, c\""}),
            json!({"contains-all": ["a", "b, c"]}),
        ),
        (
            json!({"type": "starts-with", "value": "Yes"}),
            json!({"starts-with": "Yes", "case_sensitive": true}),
        ),
        (
            json!({"type": "regex", "value": "[a-z]+"}),
            json!({"regex": "[a-z]+"}),
        ),
        (json!({"type": "is-json"}), json!({"is-json": true})),
        (
            json!({"type": "is-json", "value": "file://schema.json"}),
            json!({"json-schema": {"type": "object"}}),
        ),
        (
            json!({"type": "is-sql", "value": {"databaseType": "PostgreSQL"}}),
            json!({"is-sql": true}),
        ),
        (
            json!({"type": "not-contains-sql"}),
            json!({"contains-sql": true, "not": true}),
        ),
        (
            json!({"type": "contains-json", "value": "type: object"}),
            json!({"contains-json": {"type": "object"}}),
        ),
    ]);
}

#[test]
fn assertions_of_likeness_and_measures_become_the_checks_that_mean_them() {
    becomes(&[
        (
            json!({"type": "levenshtein", "value": "abc"}),
            json!({"levenshtein": {"text": "abc", "max": 5}}),
        ),
        (
            json!({"type": "rouge-n", "value": "abc", "threshold": 0.4}),
            json!({"rouge-n": {"text": "abc", "min": 0.4}}),
        ),
        (
            json!({"type": "bleu", "value": ["a", "b"]}),
            json!({"any": [{"bleu": {"text": "a", "min": 0.5}}, {"bleu": {"text": "b", "min": 0.5}}]}),
        ),
        (
            json!({"type": "word-count", "value": "{{n}}"}),
            json!({"word-count": {"min": 3, "max": 3}}),
        ),
        (
            json!({"type": "latency", "threshold": 1500}),
            json!({"latency": {"max": 1500}}),
        ),
        (
            json!({"type": "cost", "threshold": 0.5, "weight": 3}),
            json!({"cost": {"max": 0.5}, "weight": 3.0}),
        ),
        (
            json!({"type": "tool-call-f1", "value": ["find"]}),
            json!({"tool-call": {"name": "find"}}),
        ),
        (
            json!({"type": "finish-reason", "value": "stop"}),
            json!({"finish-reason": "stop"}),
        ),
    ]);
}

#[test]
fn an_assertion_that_cannot_be_meant_is_told_and_left_out() {
    for (assertion, why) in [
        (
            json!({"type": "javascript", "value": "true"}),
            "nothing is run",
        ),
        (json!({"type": "similar", "value": "a"}), "no embeddings"),
        (
            json!({"type": "regex", "value": "(?=a)"}),
            "does not compile",
        ),
        (json!({"type": "contains"}), "no text as its value"),
        (json!({"type": "latency"}), "no `threshold`"),
        (
            json!({"type": "contains", "value": "file:///etc/passwd"}),
            "the path is absolute",
        ),
        (
            json!({"type": "contains", "value": "a", "transform": "output.x"}),
            "transform",
        ),
        (json!({"type": "brand-new"}), "does not know it"),
        (json!({}), "does not know it"),
    ] {
        let (checks, lines) = asserted(&assertion);
        assert_eq!(checks, Value::Null, "{assertion}");
        assert!(
            lines
                .iter()
                .any(|line| line.fidelity == Fidelity::NotTranslated && line.note.contains(why)),
            "{assertion}: {lines:?}"
        );
    }
}

#[test]
fn scenarios_and_lists_of_values_are_multiplied() {
    let text = "prompts: ['{{a}}{{b}}']
scenarios:
  - config: [{vars: {a: [x, y]}}, {vars: {a: z}}]
    tests: [{vars: {b: 1}}, {description: Second, vars: {b: 2}}]
";
    let imported = imported(Format::Promptfoo, text, &[]);
    let asked: Vec<&str> = imported
        .made
        .iter()
        .map(|made| made.case["prompt"].as_str().unwrap())
        .collect();
    assert_eq!(asked, ["x1", "y1", "x2", "y2", "z1", "z2"]);
    let ids: Vec<&str> = imported
        .made
        .iter()
        .map(|made| made.case["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids,
        [
            "test-1-1", "test-1-2", "second-1", "second-2", "test-3", "second"
        ]
    );
}

#[test]
fn a_set_without_a_threshold_shares_its_weight_among_its_members() {
    let set = json!({"type": "assert-set", "weight": 4, "assert": [
        {"type": "contains", "value": "a", "weight": 3}, {"type": "icontains", "value": "b"}]});
    let (checks, _) = asserted(&set);
    assert_eq!(
        (&checks[0]["weight"], &checks[1]["weight"]),
        (&json!(3.0), &json!(1.0))
    );
}

#[test]
fn merge_keys_and_anchors_mean_what_they_mean_there() {
    let text = "prompts: [Hi]
common: &common {type: contains, value: a}
tests:
  - assert: [{<<: *common, value: b}, *common]
";
    let imported = imported(Format::Promptfoo, text, &[]);
    let checks = &imported.made[0].case["checks"];
    assert_eq!(
        (&checks[0]["contains"], &checks[1]["contains"]),
        (&json!("b"), &json!("a"))
    );
}

#[test]
fn what_is_made_is_a_suite_of_its_own_place_with_what_a_run_should_tell() {
    let imported = imported(
        Format::Promptfoo,
        "prompts: [Hi, Ho]\ntests: [{assert: [{type: python, value: x}]}]\n",
        &[],
    );
    let suite = imported.suite().unwrap();
    assert_eq!((suite.path.as_str(), suite.len()), ("in/file.yaml", 2));
    assert!(
        suite.notes[0].contains("in/file.yaml is read as a promptfoo configuration"),
        "{:?}",
        suite.notes
    );
    assert!(
        suite
            .notes
            .iter()
            .any(|note| note.contains("assert: python is not translated")),
        "{:?}",
        suite.notes
    );
}

#[test]
fn the_grading_prompt_of_an_eval_goes_into_the_rubric() {
    let text = "facts.v0:
  class: evals.elsuite.modelgraded.classify:ModelBasedClassify
  args: {samples_jsonl: facts/s.jsonl, modelgraded_spec: fact}
";
    let beside = [
        (
            "data/facts/s.jsonl",
            "{\"input\": \"Who?\", \"ideal\": \"Me\"}\n",
        ),
        (
            "modelgraded/fact.yaml",
            "fact:\n  prompt: Is {completion} as {ideal} for {input}?\n",
        ),
    ];
    let imported = imported(Format::OpenAiEvals, text, &beside);
    let case = &imported.made[0].case;
    assert_eq!(case["rubric"], "Is (the answer) as Me for (the question)?");
    assert_eq!(case["reference"], "Me");
}

#[test]
fn a_file_says_what_it_is() {
    for (path, text, format) in [
        ("a/promptfooconfig.yaml", "x: 1", Some(Format::Promptfoo)),
        ("a/b.prompt.yml", "x: 1", Some(Format::PromptYml)),
        ("a.yaml", "prompts: [a]\n", Some(Format::Promptfoo)),
        (
            "a.yaml",
            "messages: []\ntestData: []\n",
            Some(Format::PromptYml),
        ),
        ("a.yaml", "cases:\n  - {id: a, prompt: x}\nprompts:\n", None),
        ("a.yaml", "description: x\n", None),
    ] {
        assert_eq!(in_place(path, text.as_bytes()), format, "{path} {text}");
    }
    let guessed = |text: &str| guess("a.json", text.as_bytes()).unwrap();
    assert_eq!(
        guessed("[{\"type\": \"string_check\"}]"),
        Format::OpenAiGrader
    );
    assert_eq!(guessed("x.v0: {class: 'a:B'}"), Format::OpenAiEvals);
}

#[test]
fn every_name_of_the_tables_stands_there_once() {
    for format in Format::ALL {
        let mut names: Vec<String> = format.table().into_iter().map(|(name, ..)| name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{format:?}");
        for (name, fidelity, note) in format.table() {
            assert_eq!(note.is_empty(), fidelity == Fidelity::Exact, "{name}");
        }
    }
}
