//! Five assistants of one company in a private repository: this repository's own suites, and the answers of its
//! recordings, made worse here and there.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Deref;
use std::path::Path;

use serde_json::Value;

use super::data;
use crate::support::github::{FakeGitHub, Repository};
use crate::support::model::FakeModel;
use crate::support::world::{CONFIG, KEY_VARIABLE, World};

const AGENTS: [&str; 5] = [
    "support_agent",
    "qa_agent",
    "legal_agent",
    "content_agent",
    "analyst_agent",
];

/// Where the rows of the support model are.
pub(super) const TRAIN: &str = "data/support_agent/train.jsonl";
const VALIDATION: &str = "data/support_agent/val/val.jsonl";

/// The repository and the models that it gates.
pub(super) struct Team {
    world: World,
    answers: BTreeMap<(String, String), String>,
    prompts: BTreeMap<(String, String), String>,
}

impl Deref for Team {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

/// The model that `main` uses for an agent.
pub(super) fn old(agent: &str) -> String {
    format!(
        "ft:open-mistral-7b:acme:20261001:{}",
        agent.trim_end_matches("_agent")
    )
}

/// The model that a pull request moves it to.
pub(super) fn new(agent: &str) -> String {
    old(agent).replace("20261001", "20261101")
}

/// Where its model ID is.
pub(super) fn model_file(agent: &str) -> String {
    format!("models/{agent}.txt")
}

impl Team {
    /// Five agents on `main`, whose models answer as recorded; nothing is stored yet.
    pub(super) fn new() -> Self {
        Self::with(true, |config| config)
    }

    /// The same under other rules.
    pub(super) fn under(edit: impl FnOnce(String) -> String) -> Self {
        Self::with(true, edit)
    }

    /// The same before anybody thought of a gate: models and data are there, configuration and suites are not.
    pub(super) fn without_a_gate() -> Self {
        Self::with(false, |config| config)
    }

    fn with(gated: bool, edit: impl FnOnce(String) -> String) -> Self {
        let model = FakeModel::start();
        let repository = Repository::new();
        let mut files = files();
        files.insert(CONFIG.to_owned(), edit(config(&model.base_url())));
        let kept = files
            .iter()
            .filter(|(path, _)| gated || !is_of_the_gate(path));
        let kept: Vec<(&str, Option<&[u8]>)> = kept
            .map(|(path, text)| (path.as_str(), Some(text.as_bytes())))
            .collect();
        repository.commit("Add the assistants", &kept);
        let team = Self {
            world: World {
                github: FakeGitHub::start(repository),
                model,
            },
            answers: answers(),
            prompts: prompts(),
        };
        team.github.make_private();
        for agent in AGENTS {
            team.teach(agent, &old(agent), &[]);
            team.teach(agent, &new(agent), &[]);
        }
        team
    }

    /// What a pull request adds that brings the gate.
    pub(super) fn gate(&self) -> Vec<(String, String)> {
        let mut files = files();
        files.insert(CONFIG.to_owned(), config(&self.model.base_url()));
        let files = files.into_iter();
        files.filter(|(path, _)| is_of_the_gate(path)).collect()
    }

    /// Lets a model of an agent answer as recorded, except that these answers lack so many paragraphs at their end.
    pub(super) fn teach(&self, agent: &str, model: &str, lacking: &[(&str, usize)]) {
        let worse = |case: &str, answer: &str| {
            let of_case = lacking.iter().find(|(id, _)| *id == case);
            of_case.map_or_else(
                || answer.to_owned(),
                |(_, count)| without_end(answer, *count),
            )
        };
        self.model.knows(model);
        for ((_, case), prompt) in self.prompts.iter().filter(|((of, _), _)| of == agent) {
            let answer = &self.answers[&(old_recorded(agent), case.clone())];
            self.model.answers(model, prompt, &worse(case, answer));
        }
    }

    /// Lets the new support model answer as the recorded one that got worse.
    pub(super) fn teach_the_worse_support_model(&self) {
        let agent = "support_agent";
        for ((_, case), prompt) in self.prompts.iter().filter(|((of, _), _)| of == agent) {
            let of_worse = (WORSE_RECORDED.to_owned(), case.clone());
            self.model
                .answers(&new(agent), prompt, &self.answers[&of_worse]);
        }
    }

    /// The question of a case.
    pub(super) fn prompt(&self, agent: &str, case: &str) -> &str {
        &self.prompts[&(agent.to_owned(), case.to_owned())]
    }

    /// Opens a pull request that moves an agent to its new model.
    pub(super) fn moves(&self, agent: &str) -> u64 {
        self.pull_request_for(&model_file(agent), &new(agent))
    }
}

const WORSE_RECORDED: &str = "ft:open-mistral-7b:tunegate:20261101:support-b";

fn old_recorded(agent: &str) -> String {
    let name = agent.trim_end_matches("_agent");
    format!("ft:open-mistral-7b:tunegate:20261001:{name}-a")
}

/// An answer that ends early, as those of a model do that was trained on short ones; its first paragraph stays.
fn without_end(answer: &str, count: usize) -> String {
    let paragraphs: Vec<&str> = answer.split("\n\n").collect();
    let kept = paragraphs.len().saturating_sub(count).max(1);
    paragraphs[..kept].join("\n\n")
}

fn is_of_the_gate(path: &str) -> bool {
    path == CONFIG || path.starts_with("suites/")
}

fn in_this_repository(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(path).unwrap()
}

/// The answers of the recordings, by model and case.
fn answers() -> BTreeMap<(String, String), String> {
    let texts = AGENTS.map(|agent| in_this_repository(&format!("recordings/{agent}.jsonl")));
    let lines = texts.iter().flat_map(|text| text.lines());
    let recorded = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    recorded
        .map(|one| {
            let of = (text(&one["model"]), text(&one["case"]));
            (of, text(&one["answer"]))
        })
        .collect()
}

/// The questions of the suites, by agent and case.
fn prompts() -> BTreeMap<(String, String), String> {
    let mut prompts = BTreeMap::new();
    for agent in AGENTS {
        let path = format!("suites/{agent}.yaml");
        let file = tunegate::suite::read(&path, in_this_repository(&path).as_bytes()).unwrap();
        for case in file.finish(None).unwrap().cases {
            let of = (agent.to_owned(), case.id.as_str().to_owned());
            prompts.insert(of, case.prompt().to_owned());
        }
    }
    prompts
}

fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::from([
        (TRAIN.to_owned(), data::rows(&data::TRAINED)),
        (VALIDATION.to_owned(), data::rows(&data::HELD_OUT)),
        ("README.md".to_owned(), "# Assistants\n".to_owned()),
    ]);
    for agent in AGENTS {
        let suite = format!("suites/{agent}.yaml");
        let text = in_this_repository(&suite);
        files.insert(suite, text);
        files.insert(model_file(agent), old(agent) + "\n");
    }
    files
}

fn config(base_url: &str) -> String {
    let mut agents = String::new();
    for agent in AGENTS {
        write!(
            agents,
            "  {agent}:\n    model: {{file: {}}}\n    suite: suites/{agent}.yaml\n",
            model_file(agent)
        )
        .unwrap();
        if agent == "support_agent" {
            agents += "    training_data: [data/support_agent/*.jsonl]\n    validation_data: [data/support_agent/val/*.jsonl]\n";
        }
    }
    format!(
        "version: 1
providers:
  mistral:
    kind: openai
    base_url: {base_url}
    api_key_env: {KEY_VARIABLE}
defaults: {{provider: mistral, temperature: 0.2, max_tokens: 1024}}
agents:
{agents}prices:
  models:
    \"ft:open-mistral-7b*\": {{input_per_mtok: 0.25, output_per_mtok: 0.25}}
run: {{retry_delay: 1ms}}
gate:
  floor: 8.0
  max_drop: 0.5
"
    )
}
