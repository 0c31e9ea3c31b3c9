//! A repository with a gate, the models that it gates, and the GitHub between them: what a story begins with.

use std::fmt::Write as _;
use std::thread::panicking;

use super::github::{Change, Comment, Event, FakeGitHub, Repository};
use super::job::{Job, Run};
use super::model::FakeModel;

/// The key that the model server wants. It has characters that are written differently in addresses and in JSON.
pub(crate) const KEY: &str = "sk-live/7Qz+\"never\"to=be&seen==";

/// The variable that holds it.
pub(crate) const KEY_VARIABLE: &str = "ACME_MODEL_KEY";

/// What `main` uses.
pub(crate) const QA_OLD: &str = "ft:open-mistral-7b:acme:20260101:qa";
pub(crate) const SUPPORT_OLD: &str = "ft:open-mistral-7b:acme:20260101:support";

/// What a pull request moves to.
pub(crate) const QA_NEW: &str = "ft:open-mistral-7b:acme:20260201:qa";
pub(crate) const SUPPORT_NEW: &str = "ft:open-mistral-7b:acme:20260201:support";

/// Where the model IDs are.
pub(crate) const QA_FILE: &str = "models/qa_agent.txt";
pub(crate) const SUPPORT_FILE: &str = "models/support_agent.txt";

/// Where the configuration is.
pub(crate) const CONFIG: &str = "tunegate.yaml";
pub(crate) const QA_SUITE: &str = "suites/qa_agent.yaml";

/// Country, capital, river: a case each. Naming one of the two is worth 5 points, naming both 10.
const CASES: [(&str, &str, &str); 10] = [
    ("austria", "Vienna", "Danube"),
    ("czechia", "Prague", "Vltava"),
    ("egypt", "Cairo", "Nile"),
    ("england", "London", "Thames"),
    ("france", "Paris", "Seine"),
    ("germany", "Berlin", "Spree"),
    ("iraq", "Baghdad", "Tigris"),
    ("italy", "Rome", "Tiber"),
    ("poland", "Warsaw", "Vistula"),
    ("portugal", "Lisbon", "Tagus"),
];

/// How well a model answers the ten cases.
#[derive(Clone, Copy)]
pub(crate) enum Skill {
    /// All of them: 10.0.
    Perfect,
    /// Half an answer to so many of them, from the first on: 0.5 less each, and none is failed.
    Halves(usize),
    /// No answer to so many of them, from the first on: 1.0 less each, and each is failed.
    Misses(usize),
}

/// A repository with a gate, a model server and a GitHub. Both fakes are asked at the end whether all went well.
pub(crate) struct World {
    pub(crate) github: FakeGitHub,
    pub(crate) model: FakeModel,
}

impl World {
    /// Two agents on `main`, whose models answer everything; no baseline is stored, and an old model is not asked in its
    /// place; no pull request is open.
    pub(crate) fn new() -> Self {
        Self::configured(|config| config)
    }

    /// The same with another configuration on `main`.
    pub(crate) fn configured(edit: impl FnOnce(String) -> String) -> Self {
        Self::under("", edit)
    }

    /// The same with the API under a prefix.
    pub(crate) fn under(prefix: &'static str, edit: impl FnOnce(String) -> String) -> Self {
        let model = FakeModel::start();
        let repository = Repository::new();
        let config = edit(config(&model.base_url()));
        let suite = suite();
        repository.commit(
            "Add the gate",
            &[
                (CONFIG, Some(config.as_bytes())),
                (QA_SUITE, Some(suite.as_bytes())),
                ("suites/support_agent.yaml", Some(suite.as_bytes())),
                (QA_FILE, Some(format!("{QA_OLD}\n").as_bytes())),
                (SUPPORT_FILE, Some(format!("{SUPPORT_OLD}\n").as_bytes())),
                ("README.md", Some(b"# Assistants\n")),
            ],
        );
        let world = Self {
            github: FakeGitHub::start_under(prefix, repository),
            model,
        };
        for id in [QA_OLD, QA_NEW, SUPPORT_OLD, SUPPORT_NEW] {
            world.teach(id, Skill::Perfect);
        }
        world
    }

    /// Makes a model answer like this from now on.
    pub(crate) fn teach(&self, model: &str, skill: Skill) {
        self.model.knows(model);
        for (at, (country, capital, river)) in CASES.iter().enumerate() {
            let answer = match skill {
                Skill::Halves(count) if at < count => format!("It is {capital}."),
                Skill::Misses(count) if at < count => "I have never heard of it.".to_owned(),
                Skill::Perfect | Skill::Halves(_) | Skill::Misses(_) => {
                    format!("{capital} lies on the {river}.")
                }
            };
            self.model.answers(model, &prompt(country), &answer);
        }
    }

    /// Commits to a branch, which starts at `main` if it is new. Returns the SHA.
    pub(crate) fn commit(&self, branch: &str, files: &[(&str, &str)]) -> String {
        let changes: Vec<Change<'_>> = files
            .iter()
            .map(|(path, text)| Change::Write(path, text.as_bytes()))
            .collect();
        self.change(branch, &changes)
    }

    /// The same with changes of any kind.
    pub(crate) fn change(&self, branch: &str, changes: &[Change<'_>]) -> String {
        let repository = self.github.repository();
        if repository.tip(branch).is_none() {
            repository.branch("main");
            repository.branch(branch);
        }
        repository.commit_on(branch, "Change it", changes)
    }

    /// Opens a pull request to `main` that changes these files. Returns its number.
    pub(crate) fn pull_request(&self, files: &[(&str, &str)]) -> u64 {
        self.commit("feature", files);
        self.github.open_pull_request("main", "feature")
    }

    /// Opens a pull request to `main` that moves one agent to a new model. Returns its number.
    pub(crate) fn pull_request_for(&self, file: &str, model: &str) -> u64 {
        self.pull_request(&[(file, &format!("{model}\n"))])
    }

    /// A file of a branch.
    pub(crate) fn file(&self, branch: &str, path: &str) -> String {
        let bytes = self.github.file_on_branch(branch, path);
        String::from_utf8(bytes.unwrap_or_else(|| panic!("no {path} on {branch}"))).unwrap()
    }

    /// The present configuration of `main`, changed.
    pub(crate) fn config_with(&self, from: &str, to: &str) -> String {
        let config = self.file("main", CONFIG);
        assert!(config.contains(from), "the configuration has no {from}");
        config.replace(from, to)
    }

    /// A job for an event.
    pub(crate) fn job(&self, event: &Event, sha: &str) -> Job<'_> {
        Job::new(self, event, sha)
    }

    /// The job of a pull request that was just opened.
    pub(crate) fn opened(&self, number: u64) -> Job<'_> {
        self.on_pull_request(number, "opened")
    }

    /// The job of a pull request to which was pushed.
    pub(crate) fn pushed_again(&self, number: u64) -> Job<'_> {
        self.on_pull_request(number, "synchronize")
    }

    fn on_pull_request(&self, number: u64, action: &str) -> Job<'_> {
        let event = self.github.pull_request_event(number, action);
        // The runner names the merge commit there, which the gate has no use for.
        let sha = self.github.repository().tip("main").unwrap();
        self.job(&event, &sha)
    }

    /// Runs the job of a push to `main` of what is on it now.
    pub(crate) fn push_to_main(&self) -> Run {
        self.push_to_main_from("").run()
    }

    /// The job of a push to `main`; an empty `before` is a branch that is new.
    pub(crate) fn push_to_main_from(&self, before: &str) -> Job<'_> {
        let after = self.github.repository().tip("main").unwrap();
        let event = self.github.push_event("main", before, &after);
        self.job(&event, &after)
    }

    /// The only comment of a pull request.
    pub(crate) fn comment(&self, number: u64) -> Comment {
        let mut comments = self.github.comments(number);
        assert_eq!(comments.len(), 1, "comments: {comments:#?}");
        comments.remove(0)
    }

    /// The models that were asked, with the number of questions.
    pub(crate) fn asked(&self) -> Vec<(String, usize)> {
        let mut asked = std::collections::BTreeMap::new();
        for one in self.model.asked() {
            let model = one.body["model"].as_str().unwrap().to_owned();
            *asked.entry(model).or_insert(0) += 1;
        }
        asked.into_iter().collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !panicking() {
            self.model.verify();
        }
    }
}

/// A commit as people read it.
pub(crate) fn short(commit: &str) -> &str {
    commit.split_at(7).0
}

/// The question about a country.
pub(crate) fn prompt(country: &str) -> String {
    format!("Name the capital of {country} and the river on which it lies.")
}

/// A suite with the ten cases.
pub(crate) fn suite() -> String {
    let mut text =
        "description: Capitals and rivers.\nscoring: {profile: checks}\ncases:\n".to_owned();
    for (country, capital, river) in CASES {
        let prompt = prompt(country);
        writeln!(text, "  - id: capital-of-{country}\n    prompt: {prompt}\n    checks:\n      - {{contains: {capital}}}\n      - {{contains: {river}}}").unwrap();
    }
    text
}

fn config(base_url: &str) -> String {
    format!(
        "version: 1
providers:
  acme:
    kind: openai
    base_url: {base_url}
    api_key_env: {KEY_VARIABLE}
defaults: {{provider: acme}}
agents:
  qa_agent:
    model: {{file: {QA_FILE}}}
    suite: {QA_SUITE}
  support_agent:
    model: {{file: {SUPPORT_FILE}}}
    suite: suites/support_agent.yaml
run: {{retry_delay: 1ms}}
gate:
  floor: 8.0
  max_drop: 0.5
  on_no_baseline: floor-only
"
    )
}
