//! The documentation, held against the program: what it shows is read, what it commands is accepted, what it lists is
//! all there is.

mod reference;
mod threats;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;
use clap::error::ErrorKind;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, Tag, TagEnd};
use serde_json::Value;
use tunegate::cli::Cli;
use tunegate::record::RunRecord;
use tunegate::yaml::{Log, Spot, text, yaml};
use tunegate::{config, suite};

/// What a part of a configuration is completed with, key by key.
const SMALL: [(&str, &str); 3] = [
    ("version", "version: 1\n"),
    (
        "providers",
        "providers: {mistral: {kind: openai, base_url: \"https://api.mistral.ai/v1\"}}\n",
    ),
    (
        "agents",
        "agents: {qa_agent: {model: {id: \"ft:open-mistral-7b:a\"}, suite: suites/qa_agent.yaml}}\n",
    ),
];

struct Block {
    page: String,
    info: String,
    text: String,
}

#[derive(Default)]
struct Page {
    path: PathBuf,
    blocks: Vec<Block>,
    links: Vec<String>,
    anchors: BTreeSet<String>,
    /// Texts of headings of the second level.
    sections: Vec<String>,
    commands: Vec<String>,
    rows: Vec<Vec<String>>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn is_page(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|ending| ending == "md")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enum is a parser's, of which most events do not matter here"
)]
fn page(name: &str) -> Page {
    let path = root().join(name);
    let source = read(&path);
    let mut page = Page {
        path,
        ..Page::default()
    };
    let options = pulldown_cmark::Options::ENABLE_TABLES;
    let (mut code, mut heading, mut cell) = (None, None, None);
    for event in pulldown_cmark::Parser::new_ext(&source, options) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                code = Some((info, String::new()));
            }
            Event::End(TagEnd::CodeBlock) => {
                page.blocks.extend(code.take().map(|(info, text)| Block {
                    page: name.to_owned(),
                    info: info.to_string(),
                    text,
                }));
            }
            Event::Start(Tag::Heading { level, .. }) => heading = Some((level, String::new())),
            Event::End(TagEnd::Heading(_)) => {
                if let Some((level, text)) = heading.take() {
                    page.anchors.insert(anchor(&text));
                    if level == pulldown_cmark::HeadingLevel::H2 {
                        page.sections.push(text);
                    }
                }
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                page.links.push(dest_url.to_string());
            }
            Event::Start(Tag::TableRow) => page.rows.push(Vec::new()),
            Event::Start(Tag::TableCell) => cell = Some(String::new()),
            Event::End(TagEnd::TableCell) => {
                if let (Some(row), Some(text)) = (page.rows.last_mut(), cell.take()) {
                    row.push(text);
                }
            }
            Event::Text(ref words) | Event::Code(ref words) => {
                if let (Event::Code(words), true) = (&event, words.starts_with("tunegate ")) {
                    page.commands.push(words.to_string());
                }
                let holders = [
                    code.as_mut().map(|(_, text)| text),
                    heading.as_mut().map(|(_, text)| text),
                    cell.as_mut(),
                ];
                holders
                    .into_iter()
                    .flatten()
                    .for_each(|text| add(text, words));
            }
            _ => {}
        }
    }
    page
}

fn add(text: &mut String, words: &CowStr<'_>) {
    text.push_str(words);
}

/// As GitHub makes it of a heading.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

fn pages() -> Vec<Page> {
    let folder = fs::read_dir(root().join("docs")).unwrap_or_else(|why| panic!("{why}"));
    let mut names: Vec<String> = folder
        .flatten()
        .map(|entry| format!("docs/{}", entry.file_name().to_string_lossy()))
        .filter(|name| is_page(name))
        .collect();
    names.sort();
    assert!(names.len() >= 8, "{names:?}");
    names.extend(["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(str::to_owned));
    names.iter().map(|name| page(name)).collect()
}

fn blocks(wanted: impl Fn(&str) -> bool) -> Vec<Block> {
    pages()
        .into_iter()
        .flat_map(|page| page.blocks)
        .filter(|block| wanted(&block.info))
        .collect()
}

/// A part, with what it needs to be whole.
fn completed(part: &str) -> String {
    let has = |key: &str| {
        part.lines()
            .any(|line| line.starts_with(&format!("{key}:")))
    };
    let missing = SMALL.iter().filter(|(key, _)| !has(key));
    missing.map(|(_, text)| *text).chain([part]).collect()
}

fn as_json(name: &str, source: &str) -> Value {
    let text = text(name, source.as_bytes(), "").unwrap_or_else(|why| panic!("{why}"));
    let tree = yaml(name, text).unwrap_or_else(|why| panic!("{why}"));
    let log = Log::new(name);
    let value = Spot::root(&log, &tree).read::<Value>();
    log.or(value).unwrap_or_else(|why| panic!("{why}"))
}

fn own_workflows() -> Vec<(String, String)> {
    let folder = root().join(".github/workflows");
    let entries = fs::read_dir(folder).unwrap_or_else(|why| panic!("{why}"));
    entries
        .flatten()
        .map(|entry| (entry.path().display().to_string(), read(&entry.path())))
        .collect()
}

fn workflows() -> Vec<(String, Value)> {
    let shown = blocks(|info| info.starts_with("yaml .github/workflows/"));
    assert!(!shown.is_empty(), "no page shows a workflow");
    let shown = shown.into_iter().map(|block| (block.page, block.text));
    own_workflows()
        .into_iter()
        .chain(shown)
        .map(|(name, text)| {
            let value = as_json(&name, &text);
            (name, value)
        })
        .collect()
}

fn jobs(workflow: &Value) -> impl Iterator<Item = (&String, &Value)> {
    workflow["jobs"].as_object().into_iter().flatten()
}

fn steps(workflow: &Value) -> impl Iterator<Item = &Value> {
    jobs(workflow).flat_map(|(_, job)| job["steps"].as_array().into_iter().flatten())
}

#[test]
fn every_configuration_that_is_shown_is_valid() {
    let whole = blocks(|info| info == "yaml tunegate.yaml");
    let parts = blocks(|info| info == "yaml part of tunegate.yaml");
    assert!(!whole.is_empty() && parts.len() >= 5);
    for block in whole {
        config::read("tunegate.yaml", block.text.as_bytes())
            .unwrap_or_else(|why| panic!("{}: {why}", block.page));
    }
    for block in parts {
        let text = completed(&block.text);
        config::read("tunegate.yaml", text.as_bytes())
            .unwrap_or_else(|why| panic!("{}: {why}\n{text}", block.page));
    }
}

#[test]
fn every_suite_that_is_shown_is_valid() {
    let shown = blocks(|info| info.starts_with("yaml suites/") || info == "yaml part of a suite");
    assert!(shown.len() >= 4);
    for block in shown {
        let file = suite::read("suites/shown.yaml", block.text.as_bytes())
            .unwrap_or_else(|why| panic!("{}: {why}", block.page));
        let line = br#"{"id": "a", "prompt": "b"}"#.as_slice();
        let further = file.cases_from().map(str::to_owned);
        file.finish(further.as_deref().map(|path| (path, line)))
            .unwrap_or_else(|why| panic!("{}: {why}", block.page));
    }
}

#[test]
fn no_yaml_is_shown_that_nothing_reads() {
    let known = |info: &str| {
        [
            "yaml tunegate.yaml",
            "yaml part of tunegate.yaml",
            "yaml part of a suite",
            "yaml part of .github/workflows/model-quality.yml",
        ]
        .contains(&info)
            || info.starts_with("yaml suites/")
            || info.starts_with("yaml .github/workflows/")
    };
    for block in blocks(|info| info.starts_with("yaml")) {
        assert!(known(&block.info), "{}: {}", block.page, block.info);
    }
}

#[test]
fn every_workflow_starts_with_no_permission_and_puts_no_expression_into_a_script() {
    for (name, workflow) in workflows() {
        assert_eq!(workflow["permissions"], serde_json::json!({}), "{name}");
        assert!(workflow["on"].is_object(), "{name}: no events");
        for (event, settings) in workflow["on"].as_object().into_iter().flatten() {
            assert!(settings.get("paths").is_none(), "{name}: {event}.paths");
            assert_ne!(event, "pull_request_target", "{name}");
        }
        assert!(jobs(&workflow).count() > 0, "{name}: no jobs");
        for (job, settings) in jobs(&workflow) {
            assert!(settings["permissions"].is_object(), "{name}: {job}");
        }
        for step in steps(&workflow) {
            let script = step["run"].as_str().unwrap_or_default();
            assert!(!script.contains("${{"), "{name}: {script}");
        }
    }
}

#[test]
fn every_workflow_of_a_gate_names_the_branches_that_its_verdict_is_for() {
    let gates = |step: &Value| {
        let uses = step["uses"].as_str().unwrap_or_default();
        uses == "./" || uses.starts_with("tunegate/tunegate@")
    };
    let mut seen = 0;
    for (name, workflow) in workflows() {
        let event = &workflow["on"]["pull_request"];
        if !steps(&workflow).any(gates) || workflow["on"].get("pull_request").is_none() {
            continue;
        }
        seen += 1;
        let branches = event["branches"].as_array().map_or(0, Vec::len);
        assert!(
            branches > 0,
            "{name}: a change of the base leaves the check"
        );
        assert!(event.get("types").is_none(), "{name}");
    }
    assert!(seen >= 3, "{seen}");
}

#[test]
fn the_workflow_that_init_writes_is_the_one_to_copy() {
    let written = tunegate::starter::workflow("main", ["MISTRAL_API_KEY"].into_iter());
    let shown = page("README.md").blocks;
    let shown = shown
        .iter()
        .find(|block| block.info.ends_with("model-quality.yml"));
    assert_eq!(
        shown.map(|block| block.text.as_str()),
        Some(written.as_str())
    );
}

#[test]
fn every_action_is_pinned_by_a_full_commit() {
    let is_commit = |name: &str| {
        name.len() == 40
            && name
                .chars()
                .all(|c| c.is_ascii_hexdigit() && !c.is_ascii_uppercase())
    };
    let mut seen = 0;
    for (name, workflow) in workflows() {
        for step in steps(&workflow) {
            let Some(action) = step["uses"].as_str().filter(|action| *action != "./") else {
                continue;
            };
            seen += 1;
            let version = action.split_once('@').map_or("", |(_, version)| version);
            let placeholder = is_page(&name) && version == "COMMIT_SHA";
            assert!(placeholder || is_commit(version), "{name}: {action}");
            if action.starts_with("actions/checkout@") {
                assert_eq!(step["with"]["persist-credentials"], false, "{name}");
            }
        }
    }
    assert!(seen >= 2);
}

#[test]
fn every_command_is_accepted() {
    let mut seen = BTreeSet::new();
    for block in blocks(|info| info == "sh") {
        let lines = block
            .text
            .lines()
            .map(|line| line.replace("cargo run --release -- ", "tunegate "));
        for line in lines.filter(|line| line.starts_with("tunegate ")) {
            let arguments = line
                .split(" #")
                .next()
                .unwrap_or_default()
                .split_whitespace();
            if let Err(why) = Cli::try_parse_from(arguments) {
                panic!("{}: {line}: {why}", block.page);
            }
            seen.extend(line.split_whitespace().nth(1).map(str::to_owned));
        }
    }
    for command in ["demo", "check", "run", "verify"] {
        assert!(seen.contains(command), "no page shows tunegate {command}");
    }
}

#[test]
fn every_command_that_is_mentioned_is_one() {
    let mut seen = 0;
    for page in pages() {
        for command in page.commands {
            seen += 1;
            let parsed = Cli::try_parse_from(command.split_whitespace());
            let kind = parsed.err().map(|why| why.kind());
            let known = kind.is_none_or(|kind| kind == ErrorKind::MissingRequiredArgument);
            assert!(known, "{}: {command}: {kind:?}", page.path.display());
        }
    }
    assert!(seen >= 5);
}

#[test]
fn a_newcomer_needs_two_commands() {
    let shown = page("README.md").blocks;
    let first = shown.iter().find(|block| block.info == "sh");
    let first = first.map(|block| block.text.as_str());
    assert_eq!(first, Some("cargo run --release -- demo\ncargo test\n"));
}

#[test]
fn every_reason_has_its_section_and_no_section_is_of_none() {
    let schema = RunRecord::json_schema();
    let definitions = schema["$defs"]
        .as_object()
        .or(schema["definitions"].as_object());
    let code = definitions.and_then(|all| all.get("ReasonCode"));
    let kinds = code.and_then(|code| code["oneOf"].as_array());
    let mut codes: Vec<String> = kinds
        .into_iter()
        .flatten()
        .filter_map(|kind| kind["const"].as_str().map(str::to_owned))
        .collect();
    assert!(codes.len() >= 15, "{codes:?}");
    let mut sections = page("docs/reasons.md").sections;
    codes.sort();
    sections.sort();
    assert_eq!(sections, codes);
}

#[test]
fn every_link_leads_somewhere() {
    let mut seen = 0;
    for page in pages() {
        for link in &page.links {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            seen += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let folder = page.path.parent().unwrap_or(root());
            let target = if file.is_empty() {
                page.path.clone()
            } else {
                folder.join(file)
            };
            assert!(target.exists(), "{}: {link}", page.path.display());
            if !anchor.is_empty() {
                let name = target.canonicalize().unwrap_or(target);
                let name = name
                    .strip_prefix(root())
                    .unwrap_or(&name)
                    .display()
                    .to_string();
                let anchors = self::page(&name).anchors;
                assert!(anchors.contains(anchor), "{}: {link}", page.path.display());
            }
        }
    }
    assert!(seen >= 30, "{seen}");
}

fn span(span: Duration) -> String {
    const DAY: u128 = 24 * 60 * 60 * 1000;
    match span.as_millis() {
        whole if whole % DAY == 0 => format!("{}d", whole / DAY),
        whole if whole % 60_000 == 0 && whole > 60_000 => format!("{}m", whole / 60_000),
        whole if whole % 1000 == 0 => format!("{}s", whole / 1000),
        whole => format!("{whole}ms"),
    }
}

fn word(value: impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[test]
fn the_defaults_of_the_schema_are_those_of_the_code() {
    let config = config::read("tunegate.yaml", completed("").as_bytes())
        .unwrap_or_else(|why| panic!("{why}"));
    let Some(config::Provider::OpenAi(provider)) = config.providers.get("mistral") else {
        panic!("no provider");
    };
    let config::Store::Branch(branch) = &config.baseline.store else {
        panic!("no branch");
    };
    let (run, gate) = (&config.run, &config.policy);
    let (release, report) = (&config.release, &config.report);
    let defaults = [
        ("providers.*.concurrency", provider.concurrency.to_string()),
        ("prices.currency", config.prices.currency.clone()),
        ("defaults.timeout", span(run.timeout)),
        ("run.samples", run.samples.to_string()),
        ("run.deadline", span(run.deadline)),
        ("run.retries", run.retries.to_string()),
        ("run.retry_delay", span(run.retry_delay)),
        (
            "run.cache_size",
            format!("{}MB", run.cache_size / 1_000_000),
        ),
        ("gate.floor_rule", word(gate.floor_rule)),
        ("gate.max_drop", gate.max_drop.to_string()),
        ("gate.confidence", gate.confidence.to_string()),
        ("gate.min_cases", gate.min_cases.to_string()),
        ("gate.max_unanswered", gate.max_unanswered.to_string()),
        ("gate.answer_floor", gate.answer_floor.to_string()),
        ("gate.max_newly_failed", gate.max_newly_failed.to_string()),
        ("gate.on_inconclusive", word(gate.on_inconclusive)),
        ("gate.on_stale_model", word(gate.on_stale_model)),
        ("gate.on_unknown_origin", word(gate.on_unknown_origin)),
        ("gate.on_agent_removed", word(gate.on_agent_removed)),
        ("gate.on_no_baseline", word(gate.on_no_baseline)),
        ("baseline.store", "branch".to_owned()),
        ("baseline.branch", branch.clone()),
        ("baseline.branches", config.baseline.branches.join(", ")),
        ("baseline.mode", word(config.baseline.mode)),
        ("baseline.answers", word(config.baseline.answers)),
        ("release.max_age", span(release.max_age)),
        ("release.require_proven", release.require_proven.to_string()),
        (
            "release.require_attestation",
            release.require_attestation.to_string(),
        ),
        ("report.id", report.id.clone()),
        ("report.comment", word(report.comment(None))),
        ("report.answers", word(report.answers)),
        ("accept.permission", word(config.accept.permission)),
        ("accept.expires", span(config.accept.expires)),
    ];
    let mut named = reference::defaults();
    for (key, default) in defaults {
        assert_eq!(named.remove(key), Some(default), "{key}");
    }
    named.retain(|key, _| !key.starts_with("audit.") && !key.starts_with("judge."));
    assert_eq!(named.into_keys().collect::<Vec<_>>(), ["baseline.path"]);
}

#[test]
fn the_defaults_of_the_judge_are_those_of_the_code() {
    let judged = completed("judge: {provider: mistral, model: mistral-large-2411}\n");
    let config =
        config::read("tunegate.yaml", judged.as_bytes()).unwrap_or_else(|why| panic!("{why}"));
    let Some(judge) = &config.judge else {
        panic!("no judge");
    };
    let rubrics = judge.judge.rubrics.iter();
    let graded: Vec<&str> = rubrics.map(|rubric| rubric.dimension.as_str()).collect();
    let asked_with = &judge.judge.parameters;
    let defaults = [
        ("judge.votes", judge.judge.votes.to_string()),
        ("judge.dimensions", graded.join(", ")),
        ("judge.allow_self", judge.allow_self.to_string()),
        (
            "judge.allow_moving_alias",
            judge.allow_moving_alias.to_string(),
        ),
        (
            "judge.temperature",
            asked_with.temperature.unwrap_or(f64::NAN).to_string(),
        ),
        (
            "judge.max_tokens",
            asked_with.max_tokens.unwrap_or_default().to_string(),
        ),
    ];
    let mut named = reference::defaults();
    named.retain(|key, _| key.starts_with("judge."));
    let read = defaults.map(|(key, default)| (key.to_owned(), default));
    assert_eq!(named, read.into_iter().collect());
}

#[test]
fn what_has_no_default_is_absent() {
    let config = config::read("tunegate.yaml", completed("").as_bytes())
        .unwrap_or_else(|why| panic!("{why}"));
    let Some(config::Provider::OpenAi(provider)) = config.providers.get("mistral") else {
        panic!("no provider");
    };
    let (run, gate) = (&config.run, &config.policy);
    assert!(gate.floor.is_none() && gate.blocking_dimensions.is_empty());
    assert!(gate.latency_p95_ms.is_none() && run.budget_cost.is_none());
    assert!(provider.requests_per_second.is_none() && run.looks.is_empty());
    assert!(run.cache.is_none());
}

#[test]
fn every_check_form_and_profile_is_explained() {
    let shown = read(&root().join("docs/suites.md"));
    let schema = suite::schema().to_string();
    let mut seen = 0;
    let names = shown.lines().filter_map(|line| line.strip_prefix("| `"));
    for names in names.filter_map(|line| line.split(" | ").next()) {
        for name in format!("`{names}")
            .split(['`', ',', ' '])
            .filter(|name| name.len() > 2)
        {
            let known = schema.contains(&format!("\"{name}\""));
            assert!(known || name == "scoring.profile", "{name}");
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
    let schema = suite::schema();
    let definitions = schema["$defs"]
        .as_object()
        .or(schema["definitions"].as_object());
    let check = definitions.map(|all| &all["Check"]["properties"]);
    for name in check
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
    {
        let name = name.strip_prefix("not-").unwrap_or(name);
        assert!(
            shown.contains(&format!("`{name}")) || shown.contains(&format!("{name}:")),
            "{name}"
        );
    }
    for form in tunegate::score::Form::ALL {
        assert!(shown.contains(&format!("| `{}` |", form.as_str())));
    }
}

/// The page on the action, made of `action.yml`: nothing that is said of an input is said twice.
fn action_page() -> String {
    let action = as_json("action.yml", &read(&root().join("action.yml")));
    let mut text =
        "# The action\n\nMade of [`action.yml`](../action.yml); the workflow to copy is in the \
                    [README](../README.md#put-it-on-a-repository).\n"
            .to_owned();
    let tables = [("inputs", "Inputs", true), ("outputs", "Outputs", false)];
    for (kind, title, has_default) in tables {
        text += "\n## ";
        text += title;
        text += "\n\n";
        text.push_str(if has_default {
            "| input | default | meaning |\n|---|---|---|\n"
        } else {
            "| output | holds |\n|---|---|\n"
        });
        let rows = action[kind].as_object().into_iter().flatten();
        for (name, row) in rows {
            let meaning = row["description"].as_str().unwrap_or_default();
            assert!(meaning.len() > 15, "{name}");
            let default = match row["default"].as_str() {
                _ if !has_default => String::new(),
                None | Some("") => "none | ".to_owned(),
                Some(default) => format!("`{default}` | "),
            };
            let row = format!("| `{name}` | {default}{meaning} |\n");
            text.push_str(&row);
        }
    }
    text
}

#[test]
fn the_page_on_the_action_is_made_of_its_description() {
    let path = root().join("docs/action.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, action_page()).unwrap();
    }
    let shown = read(&path);
    assert_eq!(
        shown,
        action_page(),
        "`UPDATE_DOCS=1 cargo test --test docs` writes it"
    );
}

#[test]
fn every_finding_has_a_section_with_its_severity_and_what_to_do() {
    let text = read(&root().join("docs/training-data.md"));
    for code in tunegate::corpus::Code::ALL {
        let title = format!("### {code}\n");
        let (_, section) = text
            .split_once(&title)
            .unwrap_or_else(|| panic!("no section {code}"));
        let section = section.split("\n#").next().unwrap_or_default();
        let severity = serde_json::to_value(code.default_severity()).unwrap();
        let default = format!("**Default:** {}.", severity.as_str().unwrap());
        assert!(section.contains(&default), "{code}: {default}");
        assert!(section.contains(code.advice()), "{code}: {}", code.advice());
        assert!(section.contains("**Example:** "), "{code} has no example");
    }
}
