//! The clients of a run, made from the configuration and the environment's keys before anything is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::scene::Scene;
use super::{Files, GateError, Plan};
use crate::config::{Config, OpenAi, Provider as Configured};
use crate::edge::Secret;
use crate::edge::model::{Cache, Client, Provider, ProviderSettings, RecordingError, Replay};
use crate::judge::Judge;

/// The clients of a run, by the provider's name.
#[derive(Debug, Default)]
pub struct Providers {
    clients: BTreeMap<String, Provider>,
    /// The judge has a client of its own: its replies take another time.
    judge: Option<Provider>,
    cache: Option<Arc<Cache>>,
    notices: Vec<String>,
}

/// Where the folder of kept answers lies, if answers are kept at all.
#[derive(Debug, Clone, Copy)]
pub enum Answers<'a> {
    /// Every answer is asked for anew.
    AskedAnew,
    /// `run.cache` lies below this folder.
    KeptBelow(&'a Path),
}

/// Where the recordings of providers of kind `replay` are read from.
#[derive(Debug, Clone, Copy)]
pub struct Recordings<'a> {
    /// Those of models: the side that is judged.
    pub answers: &'a Files<'a>,
    /// Those of the judge: the side that decides. Who brings the answers does not bring their grades.
    pub grades: &'a Files<'a>,
}

impl<'a> Recordings<'a> {
    /// Both from one side.
    pub const fn of(files: &'a Files<'a>) -> Self {
        Self {
            answers: files,
            grades: files,
        }
    }

    /// Those of a change: the rules of before decide, unless there are none.
    pub const fn of_change(scene: &Scene, before: &'a Files<'a>, now: &'a Files<'a>) -> Self {
        Self {
            answers: now,
            grades: if scene.is_adoption() { now } else { before },
        }
    }
}

/// Looks a variable up; the command line hands in the environment.
pub type Variables<'a> = &'a (dyn Fn(&str) -> Option<String> + Sync);

/// Why a key may be missing, for the error message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// A laptop: set it yourself.
    Local,
    /// A workflow with secrets.
    Workflow,
    /// A fork's or Dependabot's pull request: GitHub gives it none.
    Withheld,
}

impl Secrets {
    const fn hint(self) -> &'static str {
        match self {
            Self::Local => "; export it first",
            Self::Workflow => "; pass the secret as an environment variable of the step",
            Self::Withheld => {
                "; GitHub gives no secrets to pull requests of forks and of Dependabot: a maintainer can push the \
                 branch to this repository and open the pull request from there"
            }
        }
    }
}

impl Providers {
    /// The clients of everybody who is asked in a run, its judge included; answers are kept where that is configured.
    pub async fn of(
        plan: &Plan,
        config: &Config,
        recordings: Recordings<'_>,
        (variables, secrets): (Variables<'_>, Secrets),
        answers: Answers<'_>,
    ) -> Result<Self, GateError> {
        let wanted = plan.providers_asked();
        let files = recordings.answers;
        let providers = Self::prepare(config, &wanted, files, variables, secrets).await?;
        let known = (variables, secrets);
        let judged = providers.with_judge(plan.judge_asked(), config, recordings.grades, known);
        Ok(judged.await?.keeping_answers(config, answers, secrets))
    }

    /// Makes the clients that the wanted providers need. Recordings are read from `files`.
    pub async fn prepare(
        config: &Config,
        wanted: &BTreeSet<&str>,
        files: &Files<'_>,
        variables: Variables<'_>,
        secrets: Secrets,
    ) -> Result<Self, GateError> {
        let mut providers = BTreeMap::new();
        for (name, configured) in config
            .providers
            .iter()
            .filter(|(name, _)| wanted.contains(name.as_str()))
        {
            let timeout = config.run.timeout;
            let asked = (name.as_str(), configured, timeout);
            let provider = prepared(asked, files, variables, secrets).await?;
            providers.insert(name.clone(), provider);
        }
        Ok(Self {
            clients: providers,
            ..Self::default()
        })
    }

    /// Makes the judge's client as well, where a judge is going to be asked.
    async fn with_judge(
        mut self,
        judge: Option<&Judge>,
        config: &Config,
        files: &Files<'_>,
        (variables, secrets): (Variables<'_>, Secrets),
    ) -> Result<Self, GateError> {
        let Some(judge) = judge else {
            return Ok(self);
        };
        let configured = config.providers.get(&judge.provider).ok_or_else(|| {
            GateError::Usage(format!(
                "the provider `{}` is not configured",
                judge.provider
            ))
        })?;
        let asked = (judge.provider.as_str(), configured, judge.timeout);
        self.judge = Some(prepared(asked, files, variables, secrets).await?);
        Ok(self)
    }

    /// Who grades.
    pub(super) fn judge(&self) -> Result<&Provider, GateError> {
        self.judge
            .as_ref()
            .ok_or_else(|| GateError::Usage("no judge is configured".to_owned()))
    }

    /// Keeps the answers of these providers in the configured folder, and looks there before it asks. A folder that
    /// cannot be used is told, and nothing else: the answers are there to be had.
    #[must_use]
    pub fn keeping_answers(
        mut self,
        config: &Config,
        answers: Answers<'_>,
        secrets: Secrets,
    ) -> Self {
        let (Some(path), Answers::KeptBelow(root)) = (&config.run.cache, answers) else {
            return self;
        };
        let asks = |provider: &Provider| matches!(provider, Provider::OpenAi(_));
        if !self.clients.values().chain(&self.judge).any(asks) {
            return self;
        }
        let cache = match Cache::open(root, path, config.run.cache_size) {
            Ok(cache) => Arc::new(cache),
            Err(why) => {
                let told =
                    format!("`{path}` cannot be used as `run.cache` ({why}): answers are not kept");
                self.notices.push(told);
                return self;
            }
        };
        let judge = self.judge.iter_mut();
        let named = self
            .clients
            .iter_mut()
            .map(|(name, provider)| (name.as_str(), provider));
        for (name, provider) in named.chain(judge.map(|judge| ("judge", judge))) {
            let Provider::OpenAi(client) = provider else {
                continue;
            };
            if secrets == Secrets::Local || client.can_prove_answers() {
                client.keep_answers(Arc::clone(&cache));
            } else {
                self.notices.push(format!(
                    "answers of provider `{name}` are not kept: it has no key, so a kept answer could not be told from \
                     one that a pull request put there"
                ));
            }
        }
        self.cache = Some(cache);
        self
    }

    /// What a person should know about the folder of answers.
    pub(super) fn notices(&self) -> Vec<String> {
        let of_cache = self.cache.iter().flat_map(|cache| cache.notices());
        self.notices.iter().cloned().chain(of_cache).collect()
    }

    pub(super) fn get(&self, name: &str) -> Result<&Provider, GateError> {
        self.clients
            .get(name)
            .ok_or_else(|| GateError::Usage(format!("the provider `{name}` is not configured")))
    }
}

/// A client of a provider that is configured.
async fn prepared(
    (name, configured, timeout): (&str, &Configured, Duration),
    files: &Files<'_>,
    variables: Variables<'_>,
    secrets: Secrets,
) -> Result<Provider, GateError> {
    match configured {
        Configured::Replay { path } => {
            let read = files.json_lines_in(path).await?;
            if read.is_empty() {
                return Err(RecordingError::Empty { path: path.clone() }.into());
            }
            let lines = read
                .iter()
                .map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
            Ok(Provider::Replay(Replay::from_files(lines)?))
        }
        Configured::OpenAi(settings) => {
            let key = key(name, settings.api_key_env.as_deref(), variables, secrets)?;
            let client = Client::new(client(name, settings, key, timeout))?;
            Ok(Provider::OpenAi(Box::new(client)))
        }
    }
}

fn client(
    name: &str,
    settings: &OpenAi,
    key: Option<Secret>,
    timeout: Duration,
) -> ProviderSettings {
    ProviderSettings {
        name: name.to_owned(),
        base_url: settings.base_url.clone(),
        key,
        key_env: settings
            .api_key_env
            .clone()
            .unwrap_or_else(|| "api_key_env (not set)".to_owned()),
        headers: settings.headers.clone(),
        extra_body: settings.extra_body.clone(),
        timeout,
        concurrency: usize::try_from(settings.concurrency).unwrap_or(usize::MAX),
    }
}

fn key(
    provider: &str,
    variable: Option<&str>,
    variables: Variables<'_>,
    secrets: Secrets,
) -> Result<Option<Secret>, GateError> {
    let Some(variable) = variable else {
        return Ok(None);
    };
    match variables(variable).as_deref().and_then(Secret::new) {
        Some(secret) => Ok(Some(secret)),
        None => Err(GateError::KeyMissing {
            provider: provider.to_owned(),
            variable: variable.to_owned(),
            hint: secrets.hint(),
        }),
    }
}
