use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::agent::{ModelLocator, SystemPrompt};
use crate::corpus::Code;

const EXAMPLE: &str = r#"# yaml-language-server: $schema=…/schemas/config.json
version: 1
providers:
  mistral:
    kind: openai                       # any OpenAI-compatible chat API: Mistral, vLLM, Ollama, Together, a gateway
    base_url: https://api.mistral.ai/v1
    api_key_env: MISTRAL_API_KEY       # the name of the variable, never the key
    headers: {}                        # extra headers; extra_body: {} merges into each request
    concurrency: 8
    requests_per_second: 5
  recorded: {kind: replay, path: recordings/}
prices:                                # by model pattern; unknown price + cost budget = a problem, said
  currency: USD
  models:
    "ft:open-mistral-7b*": {input_per_mtok: 0.25, output_per_mtok: 0.25}
defaults: {provider: mistral, temperature: 0.7, max_tokens: 1024, timeout: 60s}
agents:
  qa_agent:
    model: {file: models/qa_agent/model_id.txt}
    system: {file: prompts/qa.md}      # or {text: …}; part of the candidate
    parameters: {temperature: 0.2}     # overrides defaults; part of the candidate
    base_model: open-mistral-7b
    training_data: [data/qa_agent/*.jsonl]
    validation_data: [data/qa_agent/val/*.jsonl]
    suite: suites/qa_agent.yaml
  legal_agent:
    model: {file: models.py, pattern: 'legal_agent.*?"(ft:[^"]+)"'}
    suite: suites/legal_agent.yaml
run: {looks: [1, 3, 5], budget: {cost: 1.00, tokens: 2000000}, deadline: 10m}
gate:
  floor: 8.0
  floors: {agents: {legal_agent: 8.2}, dimensions: {specificity: 6.0}}
  max_drop: 0.5
audit: {ignore: [{code: duplicate-row, path: data/legacy/**, reason: known, until: 2027-01-01}]}
# judge: {provider: mistral, model: mistral-large-2411, votes: 3, dimensions: [quality, specificity]}
"#;

const SMALL: &str = "\
version: 1
providers: {p: {kind: openai, base_url: 'http://localhost:8000/v1/'}}
agents: {a: {model: {id: m}, suite: s.yaml}}
";

fn config(text: &str) -> Result<Config, String> {
    read("tunegate.yaml", text.as_bytes()).map_err(|problems| problems.to_string())
}

/// What is wrong when a line is added to a small valid configuration, without file and line.
fn added(line: &str) -> String {
    without_place(&config(&format!("{SMALL}{line}\n")).unwrap_err())
}

/// What is wrong with an agent, without file and line.
fn agent(agent: &str) -> String {
    let providers = "{p: {kind: openai, base_url: 'https://x.org'}, q: {kind: replay, path: r}}";
    let text = format!(
        "version: 1\nproviders: {providers}\nagents: {{a: {agent}}}\ndefaults: {{provider: p}}\n"
    );
    without_place(&config(&text).unwrap_err())
}

/// What is wrong with a provider, without file and line.
fn provider(provider: &str) -> String {
    let text = format!(
        "version: 1\nproviders: {{p: {provider}}}\nagents: {{a: {{model: {{id: m}}, suite: s}}}}\n"
    );
    without_place(&config(&text).unwrap_err())
}

fn without_place(problems: &str) -> String {
    let message = |line: &str| line.splitn(4, ':').nth(3).unwrap().trim_start().to_owned();
    problems.lines().map(message).collect::<Vec<_>>().join("\n")
}

fn fits_schema(text: &str) -> Vec<String> {
    let tree = yaml::yaml("f", text).unwrap();
    let log = Log::new("f");
    let value: serde_json::Value = Spot::root(&log, &tree).read().unwrap();
    let schema = jsonschema::validator_for(&schema()).unwrap();
    schema
        .iter_errors(&value)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect()
}

#[test]
fn the_documented_example_reads_and_fits_its_schema() {
    let config = config(EXAMPLE).unwrap();
    assert_eq!(fits_schema(EXAMPLE), Vec::<String>::new());
    let names: Vec<_> = config
        .agents
        .iter()
        .map(|agent| agent.name.as_str())
        .collect();
    assert_eq!(names, ["qa_agent", "legal_agent"]);
    let qa = config.agent("qa_agent").unwrap();
    assert_eq!(qa.provider, "mistral");
    assert_eq!(qa.locator.path(), Some("models/qa_agent/model_id.txt"));
    assert_eq!(qa.system, Some(SystemPrompt::File("prompts/qa.md".into())));
    assert_eq!(
        (qa.parameters.temperature, qa.parameters.max_tokens),
        (Some(0.2), Some(1024))
    );
    assert_eq!(config.agents[1].parameters.temperature, Some(0.7));
    assert_eq!(
        config.providers["recorded"],
        Provider::Replay {
            path: "recordings".into()
        }
    );
    assert_eq!(config.run.looks, [1, 3, 5]);
    assert_eq!(
        (config.run.budget_cost, config.run.budget_tokens),
        (Some(1.0), Some(2_000_000))
    );
    assert_eq!(config.run.deadline, Duration::from_mins(10));
    assert_eq!(config.policy.floor_of(&config.agents[1].name), Some(8.2));
    assert_eq!(config.policy.floor_of(&qa.name), Some(8.0));
    assert_eq!(
        config.audit.ignore[0].until,
        Some(jiff::civil::date(2027, 1, 1))
    );
    assert!(config.price_of("ft:open-mistral-7b:x/y:1").is_some());
    assert!(config.price_of("gpt").is_none());
}

#[test]
fn every_default_is_the_documented_one() {
    let config = config(SMALL).unwrap();
    assert_eq!(config.policy, Policy::default());
    assert_eq!(config.run, Run::default());
    assert_eq!((config.run.samples, config.run.retries), (1, 4));
    assert_eq!(config.run.deadline, Duration::from_mins(20));
    assert_eq!(config.run.retry_delay, Duration::from_millis(500));
    assert_eq!(
        (config.run.cache, config.run.cache_size),
        (None, 256_000_000)
    );
    assert_eq!(config.baseline.store, Store::Branch("tunegate-data".into()));
    assert_eq!(config.release.max_age, Duration::from_hours(30 * 24));
    assert_eq!(
        (config.report.id.as_str(), config.report.comment(None)),
        ("model-quality", CommentWhen::OnChange)
    );
    assert_eq!(config.accept.permission, Permission::Maintain);
    assert_eq!(
        config.agents[0].provider, "p",
        "the only provider is the default"
    );
    let Provider::OpenAi(provider) = &config.providers["p"] else {
        panic!("an openai provider");
    };
    assert_eq!(
        (provider.base_url.as_str(), provider.concurrency),
        ("http://localhost:8000/v1", 8)
    );
    let policy = serde_json::to_value(&config.policy).unwrap();
    assert_eq!(
        policy.to_string(),
        r#"{"floors":{},"floor_rule":"score","max_drop":0.5,"confidence":0.95,"min_cases":6,"max_unanswered":0.1,"answer_floor":4.0,"max_newly_failed":0,"on_inconclusive":"warn","on_stale_model":"warn","on_unknown_origin":"warn","on_agent_removed":"fail","on_no_baseline":"measure"}"#
    );
    assert_eq!(
        serde_json::from_value::<Policy>(policy).unwrap(),
        Policy::default()
    );
}

#[test]
fn every_documented_key_reads_and_fits_the_schema() {
    let text = format!(
        "{SMALL}{}",
        "\
run: {samples: 3, retries: 0, retry_delay: 10ms, deadline: 1h, budget: {tokens: 5}}
gate: {floor: 7, floors: {agents: {a: 7.5}}, floor_rule: bounds, max_drop: 0.3, confidence: 0.9, min_cases: 5, max_unanswered: 0,
  answer_floor: 3, max_newly_failed: 1, on_inconclusive: fail, on_stale_model: fail, on_unknown_origin: fail, on_agent_removed: warn,
  on_no_baseline: floor-only, blocking_dimensions: [specificity], latency_p95: 3s}
baseline: {store: path, path: baselines, branches: [main, 'release/*'], mode: measure, pinned: 0a1b2c3, answers: digests}
audit: {duplicate-row: fail, ignore: [], context_length: 8192}
release: {max_age: 7d, require_proven: false, require_attestation: true}
report: {id: x, comment: never, answers: excerpts}
accept: {permission: admin, expires: 1d}
defaults: {top_p: 0.9, seed: 7, stop: ['END'], presence_penalty: -1, frequency_penalty: 0.5}
"
    );
    let config = config(&text).unwrap();
    assert_eq!(fits_schema(&text), Vec::<String>::new());
    assert_eq!(config.baseline.store, Store::Path("baselines".into()));
    assert_eq!(config.policy.latency_p95_ms, Some(3000));
    assert_eq!(config.policy.floor_rule, FloorRule::Bounds);
    assert_eq!(config.audit.severity(Code::DuplicateRow), Severity::Fail);
    assert_eq!(config.agents[0].parameters.stop, ["END"]);
}

#[test]
fn several_looks_have_one_confidence() {
    let with = |gate: &str| {
        config(&format!(
            "{SMALL}run: {{looks: [1, 3]}}\ngate: {{{gate}}}\n"
        ))
    };
    assert!(with("confidence: 0.95").is_ok());
    let problem = with("confidence: 0.9").unwrap_err();
    assert!(
        problem.contains("gate.confidence: with `run.looks` the confidence is 0.95"),
        "{problem}"
    );
}

#[test]
fn a_configuration_that_is_none_says_why() {
    assert_eq!(
        config("a").unwrap_err(),
        "tunegate.yaml:1:1: expected a mapping (`key: value`), found \"a\""
    );
    assert_eq!(config("").unwrap_err(), "tunegate.yaml: the file is empty");
    insta::assert_snapshot!(config("version: 2\nagents: []").unwrap_err(), @r"
    tunegate.yaml:1:1: providers: there are no providers; add one under `providers`, such as `mistral: {kind: openai, base_url: …}`
    tunegate.yaml:1:10: version: this version of tunegate reads `version: 1`; found 2
    tunegate.yaml:2:9: agents: expected a mapping (`key: value`), found a list
    ");
    assert!(
        config(&SMALL.replace("version: 1", "version: 2"))
            .unwrap_err()
            .contains("reads `version: 1`; found 2")
    );
}

#[test]
fn the_rules_are_told_with_file_line_column_and_key() {
    let text = format!(
        "{SMALL}{}",
        "\
run: {looks: [3, 1], samples: 2, deadline: 0s, retries: 99}
gate:
  floor: 80
  floors: {agents: {b: 8.2}, dimensions: {Specificity: 6.0}}
  max_dorp: 0.5
  confidence: 95
  max_unanswered: 10
  on_inconclusive: block
  on_no_baseline: floor_only
  min_cases: .nan
  latency_p95:
judge: {provider: q, model: gpt-4o, votes: 4, dimensions: [quality, quality, tone], rubric: {format: x}}
zzz: 1
"
    );
    insta::assert_snapshot!(config(&text).unwrap_err(), @r#"
    tunegate.yaml:4:7: run.looks: `samples` and `looks` both say how often a case is asked; keep one
    tunegate.yaml:4:14: run.looks: looks are cumulative sample counts; write them ascending, such as [1, 3, 5]
    tunegate.yaml:4:44: run.deadline: expected a duration above 0
    tunegate.yaml:4:57: run.retries: expected 0 to 20; found 99
    tunegate.yaml:6:10: gate.floor: expected 0 to 10; found 80, did you mean 8.0?
    tunegate.yaml:7:21: gate.floors.agents.b: unknown agent `b`; known: a
    tunegate.yaml:7:56: gate.floors.dimensions.Specificity: `Specificity` is no dimension; write small letters, digits, `-` and `_`, a letter first
    tunegate.yaml:8:3: gate.max_dorp: unknown key `max_dorp`; did you mean `max_drop`?
    tunegate.yaml:9:15: gate.confidence: expected 0.5 to 0.9999; found 95, did you mean 0.95?
    tunegate.yaml:10:19: gate.max_unanswered: expected 0 to 1; found 10, did you mean 0.1?
    tunegate.yaml:11:20: gate.on_inconclusive: unknown value `block`; known: warn, fail
    tunegate.yaml:12:19: gate.on_no_baseline: unknown value `floor_only`; did you mean `floor-only`?
    tunegate.yaml:13:14: gate.min_cases: expected a whole number, found the number .nan
    tunegate.yaml:14:14: gate.latency_p95: expected a duration such as `60s`: a whole number and ms, s, m, h or d, found nothing
    tunegate.yaml:15:19: judge.provider: unknown provider `q`; known: p
    tunegate.yaml:15:29: judge.model: `gpt-4o` can become another model without a commit of yours, and grades would move with it; name one with its date or version, such as mistral-large-2411, or say `judge.allow_moving_alias: true`
    tunegate.yaml:15:44: judge.votes: expected an odd number from 1 to 9, so that there is a middle one; found 4
    tunegate.yaml:15:69: judge.dimensions[1]: `quality` stands here twice; keep one
    tunegate.yaml:15:78: judge.dimensions[2]: there are no levels for `tone`; say under `judge.rubric.tone` what grades from 0 to 10 mean
    tunegate.yaml:15:94: judge.rubric.format: the judge does not grade `format`; add `format` to `judge.dimensions` or remove its rubric
    tunegate.yaml:16:1: zzz: unknown key `zzz`; known: version, providers, prices, defaults, agents, run, gate, baseline, audit, release, report, accept, judge
    "#);
}

#[test]
fn a_folder_of_baselines_has_a_usual_name() {
    for (line, folder) in [
        ("baseline: {store: path}", "tunegate-baselines"),
        ("baseline: {store: path, path: ./a/b/}", "a/b"),
    ] {
        let config = config(&format!("{SMALL}{line}\n")).unwrap();
        assert_eq!(config.baseline.store, Store::Path(folder.into()));
    }
}

#[test]
fn sections_are_checked_beyond_their_types() {
    for (line, message) in [
        (
            "defaults: {timeout: 60}",
            "defaults.timeout: expected a duration such as `60s`: a whole number and ms, s, m, h or d, found the number 60",
        ),
        (
            "defaults: {temperature: 7}",
            "defaults.temperature: expected 0 to 2; found 7",
        ),
        (
            "defaults: {provider: pp}",
            "defaults.provider: unknown provider `pp`; known: p",
        ),
        (
            "baseline: {store: path, path: ../elsewhere}",
            "baseline.path: the path leaves the repository; write one that stays inside it",
        ),
        (
            "baseline: {branch: 'a b'}",
            "baseline.branch: `a b` is no name of a branch",
        ),
        (
            "release: {max_age: 1 month}",
            "release.max_age: expected a duration such as `60s`: a whole number and ms, s, m, h or d, found \"1 month\"",
        ),
        (
            "report: {id: 'a b'}",
            "report.id: an id has 1 to 64 letters, digits, `-`, `_` and `.`",
        ),
        (
            "report: {comment: sometimes}",
            "report.comment: unknown value `sometimes`; known: always, on-change, on-failure, never",
        ),
        (
            "accept: {permission: read}",
            "accept.permission: unknown value `read`; known: write, maintain, admin",
        ),
    ] {
        assert_eq!(added(line), message);
    }
}

#[test]
fn audit_and_prices_are_checked_beyond_their_types() {
    for (line, message) in [
        (
            "audit: {secret: off}",
            "audit.secret: unknown value `off`; known: warn, fail",
        ),
        (
            "audit: {duplicate-rows: warn}",
            "audit.duplicate-rows: `duplicate-rows` is no code of a finding; did you mean `duplicate-row`?",
        ),
        (
            "audit: {Bad: warn}",
            "audit.Bad: `Bad` is no code of a finding; known: secret, contamination, leakage, broken-row, not-read, suite-prompt, suite-reference, possible-secret, personal-data, near-leakage, label-conflict, wrong-role, turn-order, empty-turn, no-answer, row-too-long, duplicate-row, near-duplicate, mixed-formats, imbalance, empty-file",
        ),
        (
            "audit: {ignore: [{code: secret, path: x, reason: y, until: soon}]}",
            "audit.ignore[0].until: expected a day such as 2027-01-01, found \"soon\"",
        ),
        (
            "prices: {currency: usd}",
            "prices.currency: expected three capital letters such as USD",
        ),
        (
            "prices: {models: {'ft:[': {input_per_mtok: 1, output_per_mtok: 1}}}",
            "prices.models.\"ft:[\": the pattern does not compile: unclosed character class; missing ']'",
        ),
        (
            "prices: {models: {m: 3}}",
            "prices.models.m: expected a price such as `{input_per_mtok: 0.25, output_per_mtok: 0.25}`, found the number 3",
        ),
    ] {
        assert_eq!(added(line), message);
    }
}

#[test]
fn a_cost_budget_needs_the_price_of_every_model_that_is_known() {
    assert_eq!(
        without_place(&config(&format!("{SMALL}run: {{budget: {{cost: 1}}}}\n")).unwrap_err()),
        "agents.a.model.id: `run.budget.cost` needs a price, and none matches `m`; add a pattern to `prices.models`"
    );
    let priced = "run: {budget: {cost: 1}}\nprices: {models: {'*': {input_per_mtok: 1, output_per_mtok: 1}}}\n";
    assert!(config(&format!("{SMALL}{priced}")).is_ok());
}

#[test]
fn an_agent_that_is_none_is_told_what_to_write() {
    for (text, message) in [
        (
            "{model: {id: m}}",
            "agents.a: the agent has no suite; add `suite`, such as `suite: suites/qa_agent.yaml`",
        ),
        ("{suite: s}", "agents.a: the key `model` is missing"),
        (
            "{model: m, suite: s}",
            "agents.a.model: expected `{id: …}` or `{file: …}` (also with `pointer` or `pattern`), found \"m\"",
        ),
        (
            "{model: {}, suite: s}",
            "agents.a.model: nothing says where the model ID stands; add `id` or `file`",
        ),
        (
            "{model: {id: a, file: b}, suite: s}",
            "agents.a.model: a model ID stands in `id` or in `file`, here are both; keep one",
        ),
        (
            "{model: {id: a, pointer: /b}, suite: s}",
            "agents.a.model: `pointer` and `pattern` look into a `file`, here is an `id`; remove them",
        ),
        (
            "{model: {file: a, pointer: /b, pattern: (x)}, suite: s}",
            "agents.a.model: `pointer` and `pattern` both look into the file; keep one",
        ),
        (
            "{model: {file: a, pointer: b}, suite: s}",
            "agents.a.model.pointer: a pointer starts with `/` (RFC 6901): write `/b`",
        ),
        (
            "{model: {file: a, pattern: '('}, suite: s}",
            "agents.a.model.pattern: pattern `(` does not compile: unclosed group",
        ),
        (
            "{model: {file: a, pattern: 'x'}, suite: s}",
            "agents.a.model.pattern: the pattern has 0 capture groups; put parentheses around the model ID alone, and write `(?:…)` for others",
        ),
    ] {
        assert_eq!(agent(text), message);
    }
}

#[test]
fn an_agent_with_wrong_values_is_told_the_right_ones() {
    for (text, message) in [
        (
            "{model: {file: ../a}, suite: s}",
            "agents.a.model.file: the path leaves the repository; write one that stays inside it",
        ),
        (
            "{model: {id: ''}, suite: s}",
            "agents.a.model.id: the model ID is empty; write one",
        ),
        (
            "{model: {id: m}, suite: s, provider: qq}",
            "agents.a.provider: unknown provider `qq`; known: p, q",
        ),
        (
            "{model: {id: m}, suite: s, system: x}",
            "agents.a.system: expected `{file: prompts/qa.md}` or `{text: …}`, found \"x\"",
        ),
        (
            "{model: {id: m}, suite: s, parameters: {temperature: hot}}",
            "agents.a.parameters.temperature: expected a finite number, found \"hot\"",
        ),
        (
            "{model: {id: m}, suite: s, training_data: [/x]}",
            "agents.a.training_data[0]: the path is absolute; write it relative to the file that holds it, inside the repository",
        ),
        (
            "{model: {id: m}, suite: s, training_data: ['x[']}",
            "agents.a.training_data[0]: the glob does not compile: unclosed character class; missing ']'",
        ),
    ] {
        assert_eq!(agent(text), message);
    }
    let bad_name = SMALL.replace("{a:", "{'a b':");
    assert!(
        config(&bad_name)
            .unwrap_err()
            .contains("`a b` is no name for an agent")
    );
}

#[test]
fn a_provider_that_is_none_is_told_what_to_write() {
    for (text, message) in [
        (
            "{kind: opnai}",
            "providers.p.kind: unknown value `opnai`; did you mean `openai`?",
        ),
        (
            "{kind: openai}",
            "providers.p: the provider has no address; add `base_url`, such as `https://api.mistral.ai/v1`",
        ),
        (
            "{kind: openai, base_url: 'ftp://x'}",
            "providers.p.base_url: expected `http://` or `https://`; write an address such as `https://api.mistral.ai/v1`",
        ),
        (
            "{kind: openai, base_url: 'https://'}",
            "providers.p.base_url: this is no address; write an address such as `https://api.mistral.ai/v1`",
        ),
        (
            "{kind: openai, base_url: 'https://x.org/v1/chat/completions'}",
            "providers.p.base_url: `/chat/completions` is added to the address; write `https://x.org/v1`",
        ),
        (
            "{kind: replay, path: r, concurrency: 3}",
            "providers.p.concurrency: `concurrency` has no meaning with `kind: replay`; remove it",
        ),
        (
            "{kind: openai, base_url: 'http://x', api_key: y}",
            "providers.p.api_key: unknown key `api_key`; did you mean `api_key_env`?",
        ),
        (
            "{kind: openai, base_url: 'http://x', headers: {Authorization: y}}",
            "providers.p.headers.Authorization: the key is sent by `api_key_env`; remove this header",
        ),
        (
            "{kind: openai, base_url: 'http://x', headers: {X-A: y, x-a: z}}",
            "providers.p.headers.x-a: this header stands here twice, in other capitals; keep one",
        ),
        (
            "{kind: openai, base_url: 'http://x', headers: {'a b': y}}",
            "providers.p.headers.\"a b\": this is no name of a header; write letters, digits and `-`",
        ),
        (
            "{kind: openai, base_url: 'http://x', extra_body: {model: y}}",
            "providers.p.extra_body.model: `model` is written by the gate itself; remove it",
        ),
    ] {
        assert_eq!(provider(text), message);
    }
}

#[test]
fn a_key_in_the_file_is_refused_and_never_shown() {
    for text in [
        "{kind: openai, base_url: 'http://x', api_key_env: sk-hunter2}",
        "{kind: openai, base_url: 'http://x', api_key_env: hunter2aB3dE5fG7hI9jK1lM3nO5p}",
        "{kind: openai, base_url: 'https://user:hunter2@x.org/v1'}",
        "{kind: openai, base_url: 'https://x.org/v1?key=hunter2'}",
        "{kind: openai, base_url: 'http://x', headers: {x-api-key: sk-hunter2}}",
    ] {
        let problem = provider(text);
        assert!(problem.contains("key"), "{problem}");
        assert!(!problem.contains("hunter2"), "{problem}");
    }
}

#[test]
fn paths_are_relative_to_the_configuration() {
    let text = "version: 1\nproviders: {p: {kind: replay, path: ../rec}}\nagents: {a: {model: {file: m.txt}, suite: ../s.yaml, training_data: ['**/*.jsonl']}}\n";
    let config = read("ci/tunegate.yaml", text.as_bytes()).unwrap();
    let agent = &config.agents[0];
    assert_eq!(
        (agent.suite.as_str(), agent.locator.path()),
        ("s.yaml", Some("ci/m.txt"))
    );
    assert_eq!(agent.training_data, ["ci/**/*.jsonl"]);
    assert!(matches!(&agent.locator, ModelLocator::File { .. }));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read("tunegate.yaml", &bytes);
    }

    #[test]
    fn a_changed_example_never_panics(at in 0..EXAMPLE.len(), byte in any::<u8>(), cut in 0..40_usize) {
        let mut bytes = EXAMPLE.as_bytes().to_vec();
        bytes[at] = byte;
        let end = (at + cut).min(bytes.len());
        bytes.drain(at + 1..end.max(at + 1));
        let _ = read("tunegate.yaml", &bytes);
    }
}

#[test]
fn the_folder_of_answers_stays_inside_the_repository_and_has_a_size() {
    let run = |text: &str| config(&format!("{SMALL}run: {{{text}}}\n")).unwrap().run;
    let cached = run("cache: .tunegate-cache, cache_size: 1GB");
    assert_eq!(cached.cache.as_deref(), Some(".tunegate-cache"));
    assert_eq!(cached.cache_size, 1_000_000_000);
    assert_eq!(run("cache: c, cache_size: 5000").cache_size, 5000);
    for (wrong, told) in [
        ("cache: ../elsewhere", "the path leaves the repository"),
        ("cache: .git/answers", "the path leads into `.git`"),
        ("cache: c, cache_size: 1 GB", "a size such as `256MB`"),
        ("cache: c, cache_size: 0", "a size such as `256MB`"),
        ("cache_size: 1GB", "`cache_size` has a meaning with `cache`"),
    ] {
        let message = added(&format!("run: {{{wrong}}}"));
        assert!(message.contains(told), "{wrong}: {message}");
    }
}

#[test]
fn a_judge_grades_neither_itself_nor_what_was_made_from_it() {
    let judged = |model: &str, rest: &str| {
        let agent =
            "agents: {a: {model: {id: 'ft:big-2411:x'}, base_model: open-7b, suite: s.yaml}}";
        let head = "version: 1\nproviders: {p: {kind: openai, base_url: https://h/v1}}\n";
        config(&format!(
            "{head}{agent}\njudge: {{model: '{model}'{rest}}}\n"
        ))
    };
    for model in ["ft:big-2411:x", "big-2411", "open-7b"] {
        let told = judged(model, "").unwrap_err();
        assert!(
            told.contains("judge.model: agent `a` (line 3): the judge"),
            "{told}"
        );
        let read = judged(model, ", allow_self: true").unwrap();
        assert!(read.judge.is_some_and(|judge| judge.allow_self));
    }
    let judge = judged("other-2411", "").unwrap().judge.unwrap().judge;
    assert_eq!((judge.provider.as_str(), judge.votes), ("p", 1));
    assert_eq!(judge.parameters.temperature, Some(0.0));
    let graded: Vec<&str> = judge
        .dimensions()
        .map(crate::score::Dimension::as_str)
        .collect();
    assert_eq!(graded, ["quality"]);
}
