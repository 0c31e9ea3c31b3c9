//! Files that a repository holds: configuration, suites, training data, files of other tools.

use bolero::check;
use tunegate::config;
use tunegate::corpus::{Auditor, Before, Purpose, Standing, SuiteCase};
use tunegate::import::{self, Files, Format};
use tunegate::problem::Problems;
use tunegate::score::{Answer, score};
use tunegate::suite;

use crate::edited_text;
use crate::edits::{Edits, edited};

const CONFIGURATIONS: &[&str] = &[
    include_str!("../../tunegate.yaml"),
    "version: 1
providers: {api: {kind: openai, base_url: 'https://api.example/v1', api_key_env: KEY, requests_per_second: 2, prices: {m-1: {input: 0.1, output: 0.3, unit: USD}}}}
defaults: {provider: api, temperature: 0, max_tokens: 400, samples: 3}
judge: {provider: api, model: judge-1, votes: 3}
agents:
  qa: {model: {file: models/qa.txt, pointer: /agents/0/model}, system_prompt: {text: 'Be brief.'}, suite: s.yaml, training_data: ['data/*.jsonl'], trigger: ['src/**'], floor: 7}
gate: {floor: {score: 8, quality: 7}, regression: {confidence: 0.95, max_drop: 0.3}, on_regression: block}
data: {context: 8192, ignore: [{code: duplicate-row, path: 'data/**', reason: 'by design'}]}
baseline: {store: branch, branch: tunegate-baselines}
report: {id: model-quality, language: en, answers: auto}
release: {max_age: 30d, require_attestation: true}
",
];
const SUITES: &[&str] = &[
    include_str!("../data/every-check.yaml"),
    include_str!("../../suites/support_agent.yaml"),
];
const ROWS: &[&str] = &[
    "{\"messages\":[{\"role\":\"system\",\"content\":\"Be kind.\"},{\"role\":\"user\",\"content\":\"Where is my parcel?\"},{\"role\":\"assistant\",\"content\":\"On its way.\",\"weight\":0}]}
{\"messages\":[{\"role\":\"user\",\"content\":\"Weather?\"},{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\\\"city\\\":\\\"Ulm\\\"}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"rain\"},{\"role\":\"assistant\",\"content\":\"Rain.\"}]}
",
    "{\"prompt\":\"Classify: ham@example.org\",\"completion\":\" spam\"}\n{\"instruction\":\"Add\",\"input\":\"1 1\",\"output\":\"2\"}\n",
    "{\"conversations\":[{\"from\":\"human\",\"value\":\"Hi\"},{\"from\":\"gpt\",\"value\":\"Hello\"}]}\n{\"text\":\"DE89370400440532013000\"}\n",
];
const PROMPTFOO: &[&str] = &[
    "prompts: ['Say {{x}} to {{y | upper}}', file://p.json]
providers: [openai:gpt-4o]
defaultTest: {vars: {y: all}, assert: [{type: latency, threshold: 900}], options: {transform: output.trim()}}
tests:
  - vars: {x: [one, two]}
    assert: [{type: contains-any, value: 'a, b'}, {type: assert-set, threshold: 0.5, assert: [{type: regex, value: '^a+$'}, {type: not-is-json}]}, {type: llm-rubric, value: kind}]
  - {vars: file://v.csv, assert: [{type: levenshtein, value: abc, threshold: 2}, {type: is-json, value: {type: object}}]}
scenarios: [{config: [{vars: {x: 1}}], tests: [{assert: [{type: equals, value: '{{x}}'}]}]}]
",
];
const PROMPT_YML: &[&str] = &["name: Say
model: openai/gpt-4o
modelParameters: {temperature: 0.2}
messages: [{role: system, content: Be brief.}, {role: user, content: 'Say {{x}}'}]
testData: [{x: one, expected: One}, {x: '{{y}}', expected: Two}]
evaluators: [{name: same, string: {contains: '{{expected}}'}}, {name: kind, uses: github/similarity}, {name: judge, llm: {modelId: m, prompt: p, choices: [{choice: '1', score: 0}]}}]
"];
const EVALS: &[&str] = &["a.dev.v0: {class: 'evals.elsuite.basic.match:Match', args: {samples_jsonl: a.jsonl, num_few_shot: 1, few_shot_jsonl: a.jsonl}}
b: {id: b.v1}
b.v1: {class: 'evals.elsuite.basic.fuzzy_match:FuzzyMatch', args: {samples_jsonl: a.jsonl}}
"];
const GRADERS: &[&str] = &[
    "{\"name\":\"e\",\"data_source\":{\"type\":\"jsonl\"},\"testing_criteria\":[{\"type\":\"string_check\",\"name\":\"same\",\"input\":\"{{sample.output_text}}\",\"reference\":\"{{item.label}}\",\"operation\":\"eq\"},{\"type\":\"multi\",\"graders\":{\"a\":{\"type\":\"text_similarity\",\"name\":\"a\",\"input\":\"{{sample.output_text}}\",\"reference\":\"{{item.label}}\",\"evaluation_metric\":\"bleu\",\"pass_threshold\":0.4}},\"calculate_output\":\"0.5 * a\"}]}",
];
const BESIDE: &[&str] = &[
    "{\"input\":[{\"role\":\"user\",\"content\":\"2+2\"}],\"ideal\":[\"4\",\"four\"]}\n{\"item\":{\"label\":\"x\",\"question\":\"y\"}}\n",
    "x,y,__expected\none,two,contains:a\n\"a\nb\",c,\"regex:^a$\"\n",
    "[{\"role\":\"user\",\"content\":\"Say {{x}}\"}]",
    "- vars: {x: 1}\n  assert: [{type: equals, value: b}]\n",
];

/// A place is in the file, and the sentence is for one line of a terminal.
#[track_caller]
fn are_told(problems: &Problems, text: &[u8]) {
    assert!(!problems.is_empty());
    let lines = text.split(|byte| *byte == b'\n').count();
    // A carriage return alone, NEL and the like end lines of YAML too.
    let ends = String::from_utf8_lossy(text)
        .matches(['\r', '\u{85}', '\u{2028}', '\u{2029}'])
        .count();
    for problem in problems.iter() {
        let line = problem.line.unwrap_or(1);
        assert!((1..=lines + ends).contains(&line), "{problem}");
        assert!(!problem.message.is_empty());
        let told = problem.to_string();
        assert!(!told.chars().any(char::is_control), "{told:?}");
    }
}

#[test]
fn a_configuration_is_read_or_refused_with_places() {
    check!().with_type::<Edits>().for_each(|edits| {
        let text = edited(CONFIGURATIONS, edits);
        match config::read("tunegate.yaml", &text) {
            Ok(config) => assert!(!config.agents.is_empty()),
            Err(problems) => are_told(&problems, &text),
        }
    });
}

#[test]
fn a_suite_is_read_or_refused_with_places_and_scores_any_answer() {
    check!()
        .with_type::<(Edits, Edits)>()
        .for_each(|(edits, said)| {
            let text = edited(SUITES, edits);
            let suite = suite::read("suite.yaml", &text).and_then(|file| file.finish(None));
            let suite = match suite {
                Ok(suite) => suite,
                Err(problems) => return are_told(&problems, &text),
            };
            let said = edited_text(crate::answers::SAID, said);
            let answer = Answer {
                text: &said,
                finish_reason: Some("stop"),
                tool_calls: &[],
                latency_ms: None,
                cost: None,
            };
            for index in 0..suite.len().min(3) {
                let case = suite.case(index).unwrap();
                let scored = |()| score(&suite.scoring, &case.expectation, case.prompt(), &answer);
                let once = scored(());
                let points = once.dimensions.values().chain([&once.score]);
                assert!(points.clone().all(|points| (0.0..=10.0).contains(points)));
                assert_eq!(once, scored(()));
            }
        });
}

#[test]
fn training_data_is_audited_whatever_its_rows_hold() {
    check!()
        .with_type::<(Edits, Edits)>()
        .for_each(|(then, now)| {
            let (then, now) = (edited(ROWS, then), edited(ROWS, now));
            let mut before = Before::default();
            before
                .read("data.jsonl", Purpose::Training, then.as_slice())
                .unwrap();
            before.close();
            let case = SuiteCase {
                id: "parcel".to_owned(),
                prompts: vec!["Where is my parcel?".to_owned()],
                reference: Some("On its way.".to_owned()),
            };
            let mut auditor = Auditor::new(Some(40), vec![case], before);
            for (path, text) in [("data.jsonl", &now), ("more.jsonl", &then)] {
                let bytes = u64::try_from(text.len()).unwrap();
                let (purpose, standing) = (Purpose::Training, Standing::Changed);
                let mut reading = auditor.begin(path, purpose, standing, bytes, text.as_slice());
                while auditor.go_on(&mut reading, 2).unwrap() {}
            }
            let audited = auditor.finish();
            // The rows of an array may all stand in one line.
            assert!(audited.files[0].rows <= u64::try_from(now.len()).unwrap());
        });
}

fn imported(format: Format, files: &[&str], edits: &Edits, beside: &Edits) {
    let text = edited(files, edits);
    let beside = edited(BESIDE, beside);
    let mut known = Files::default();
    let imported = loop {
        let imported = import::read(format, "in/file.yaml", &text, &known);
        let wanted = known.wanted();
        if wanted.is_empty() {
            break imported;
        }
        for path in wanted {
            known.put(path, Ok(Some(beside.clone())));
        }
    };
    match imported {
        Ok(imported) if imported.is_empty() => assert!(imported.suite().is_err()),
        // What is written is what our own reader takes.
        Ok(imported) => drop(imported.suite().unwrap()),
        Err(problems) => are_told(&problems, &text),
    }
}

#[test]
fn a_promptfoo_file_becomes_a_suite_or_is_refused_with_places() {
    check!()
        .with_type::<(Edits, Edits)>()
        .for_each(|(edits, beside)| imported(Format::Promptfoo, PROMPTFOO, edits, beside));
}

#[test]
fn a_prompt_file_becomes_a_suite_or_is_refused_with_places() {
    check!()
        .with_type::<(Edits, Edits)>()
        .for_each(|(edits, beside)| imported(Format::PromptYml, PROMPT_YML, edits, beside));
}

#[test]
fn an_eval_becomes_a_suite_or_is_refused_with_places() {
    check!()
        .with_type::<(Edits, Edits)>()
        .for_each(|(edits, beside)| imported(Format::OpenAiEvals, EVALS, edits, beside));
}

#[test]
fn a_grader_becomes_a_suite_or_is_refused_with_places() {
    check!()
        .with_type::<(Edits, Edits)>()
        .for_each(|(edits, beside)| imported(Format::OpenAiGrader, GRADERS, edits, beside));
}
