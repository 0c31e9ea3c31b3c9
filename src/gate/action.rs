//! What the GitHub Action does with an event: which commits decide and are judged, what is asked, what is published.

use std::collections::BTreeMap;

use tokio::sync::watch;

use super::baselines::{self, Wanted};
use super::providers::{Secrets, Variables};
use super::scene::{self, Asked, Scene};
use super::{Documents, Files, GateError, OnProgress, Providers, Remote, run};
use crate::agent::AgentName;
use crate::baseline::Baseline;
use crate::change::ChangedFiles;
use crate::config::ShownAnswers;
use crate::edge::github::{
    BranchStore, CommitSha, Dispatch, Event, GitHub, MergeGroup, PullRequest, Push,
};
use crate::record::{RunInfo, RunRecord, Source};
use crate::report::{Answers, Context, RunLine};

/// What the workflow and the runner say.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Path of the configuration.
    pub config_path: String,
    /// Agents that are asked whether touched or not.
    pub agents: Vec<AgentName>,
    /// Every agent is asked.
    pub all: bool,
    /// Whether a push stores the baseline.
    pub baseline: BaselineMode,
    /// Can only lower the configured budget.
    pub max_cost: Option<f64>,
    /// The execution.
    pub info: RunInfo,
    /// `GITHUB_SHA`, for events that name no commit.
    pub sha: Option<CommitSha>,
    /// The default branch's or the dispatched ref.
    pub git_ref: Option<String>,
}

/// Whether a run may read and write stored baselines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaselineMode {
    /// Reads only.
    Read,
    /// Writes; refused for events that a pull request can cause.
    Write,
    /// Writes on a push to a configured branch.
    Auto,
}

/// The world of a run.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// The repository's API.
    pub github: &'a GitHub,
    /// The repository's files.
    pub remote: &'a Remote<'a>,
    /// The API with the token that may write baselines.
    pub writer: &'a GitHub,
    /// The environment's variables.
    pub variables: Variables<'a>,
    /// Turns true when a signal came.
    pub interrupt: &'a watch::Receiver<bool>,
    /// Is told about progress.
    pub progress: OnProgress<'a>,
}

/// What came of an event.
#[derive(Debug)]
pub enum Happened {
    /// Nothing that the gate watches was touched.
    Untouched {
        /// `report.id`.
        gate_id: String,
    },
    /// A run came to a record.
    Ran(Box<Ran>),
}

/// A run that came to a record.
#[derive(Debug)]
pub struct Ran {
    /// Its record, closed.
    pub record: RunRecord,
    /// Its documents.
    pub documents: Documents,
    /// Why it does not block, if so.
    pub report_only: Option<&'static str>,
    /// Paths of the records that it stored.
    pub stored: Vec<String>,
    /// When a comment is written.
    pub comment: crate::config::CommentWhen,
}

/// Which commits an event is about.
struct Commits {
    base: Option<CommitSha>,
    head: CommitSha,
    source: Source,
    answers: Answers,
    secrets: Secrets,
    store_on: Option<String>,
}

/// Carries an event through the gate. Publishes nothing but baselines.
pub async fn handle(
    world: World<'_>,
    event: &Event,
    settings: &Settings,
) -> Result<Happened, GateError> {
    if settings.baseline == BaselineMode::Write
        && matches!(event, Event::PullRequest(_) | Event::MergeGroup(_))
    {
        return Err(GateError::Usage(
            "`baseline: write` is refused for this event: only a push may store a baseline"
                .to_owned(),
        ));
    }
    match event {
        Event::PullRequest(pull) => pull_request(world, pull, settings).await,
        Event::MergeGroup(group) => merge_group(world, group, settings).await,
        Event::Push(push) => pushed(world, push, settings).await,
        Event::Dispatch(dispatch) => dispatched(world, dispatch, settings).await,
        Event::Schedule(schedule) => {
            let commits = current(settings, "schedule", private(schedule.private), None)?;
            single(world, commits, settings).await
        }
    }
}

const fn private(is_private: bool) -> Answers {
    if is_private {
        Answers::Excerpts
    } else {
        Answers::Hidden
    }
}

async fn pull_request(
    world: World<'_>,
    pull: &PullRequest,
    settings: &Settings,
) -> Result<Happened, GateError> {
    let changed = world
        .github
        .pull_files(pull.number, pull.changed_files)
        .await?;
    let (base, head) = (
        pull.base_sha.commit().clone(),
        pull.head_sha.commit().clone(),
    );
    let merge_base = world.github.merge_base(&base, &head).await?;
    let commits = Commits {
        source: Source {
            commit: Some(head.as_str().to_owned()),
            base: Some(base.as_str().to_owned()),
            merge_base: merge_base.as_ref().map(|sha| sha.as_str().to_owned()),
            branch: Some(pull.base_ref.clone()),
            head_repo: pull.head_repo.clone(),
            event: "pull_request".to_owned(),
            pull_request: Some(pull.number.0),
        },
        base: Some(base),
        head,
        answers: private(pull.private),
        secrets: if pull.is_fork() || pull.dependabot {
            Secrets::Withheld
        } else {
            Secrets::Workflow
        },
        store_on: None,
    };
    two_sided(world, commits, &changed, merge_base.as_ref(), settings).await
}

async fn merge_group(
    world: World<'_>,
    group: &MergeGroup,
    settings: &Settings,
) -> Result<Happened, GateError> {
    let (base, head) = (
        group.base_sha.commit().clone(),
        group.head_sha.commit().clone(),
    );
    let changed = world.github.tree_changes(Some(&base), &head).await?;
    let commits = Commits {
        source: Source {
            commit: Some(head.as_str().to_owned()),
            base: Some(base.as_str().to_owned()),
            merge_base: Some(base.as_str().to_owned()),
            branch: Some(group.base_ref.clone()),
            event: "merge_group".to_owned(),
            ..Source::default()
        },
        base: Some(base.clone()),
        head,
        answers: private(group.private),
        secrets: Secrets::Workflow,
        store_on: None,
    };
    two_sided(world, commits, &changed, Some(&base), settings).await
}

/// A push is judged by its own rules; the commit before it is what it is held against.
async fn pushed(world: World<'_>, push: &Push, settings: &Settings) -> Result<Happened, GateError> {
    let Some(branch) = push.branch.clone().filter(|_| !push.deleted) else {
        return Ok(Happened::Untouched {
            gate_id: String::new(),
        });
    };
    let changed = world
        .github
        .tree_changes(push.before.as_ref(), &push.after)
        .await?;
    let commits = Commits {
        source: Source {
            commit: Some(push.after.as_str().to_owned()),
            base: push.before.as_ref().map(|sha| sha.as_str().to_owned()),
            branch: Some(branch.clone()),
            event: "push".to_owned(),
            ..Source::default()
        },
        base: push.before.clone(),
        head: push.after.clone(),
        answers: private(push.private),
        secrets: Secrets::Workflow,
        store_on: Some(branch),
    };
    let asked = settings.asked();
    let after = Files::Commit(world.remote, push.after.clone());
    let scene = match &push.before {
        Some(before) => {
            scene::pushed(
                &Files::Commit(world.remote, before.clone()),
                &after,
                &changed,
                asked,
            )
            .await?
        }
        None => scene::single(&after, asked).await?,
    };
    let scene = with_unmeasured(world, scene, &push.after).await?;
    finish(
        world,
        scene,
        &after,
        commits,
        push.before.as_ref(),
        settings,
    )
    .await
}

/// Agents whose present model has no record are measured too: a baseline that is missing is made up for.
async fn with_unmeasured(
    world: World<'_>,
    mut scene: Scene,
    at: &CommitSha,
) -> Result<Scene, GateError> {
    let wanted: Vec<Wanted<'_>> = scene
        .untouched()
        .map(|stand| Wanted {
            name: &stand.agent.name,
            candidate: stand.candidate.as_ref().ok(),
        })
        .collect();
    let store = BranchStore::new(world.github, scene.baseline_branch()?);
    let found = baselines::find(
        world.github,
        &store,
        &scene.deciding.config.report.id,
        &wanted,
        at,
    )
    .await?;
    for (name, baseline) in found {
        if let Err(why) = baseline {
            scene.also_ask(&name, &why);
        }
    }
    Ok(scene)
}

async fn dispatched(
    world: World<'_>,
    dispatch: &Dispatch,
    settings: &Settings,
) -> Result<Happened, GateError> {
    let branch = dispatch
        .git_ref
        .strip_prefix("refs/heads/")
        .unwrap_or(&dispatch.git_ref)
        .to_owned();
    let commits = current(
        settings,
        "workflow_dispatch",
        private(dispatch.private),
        Some(branch),
    )?;
    single(world, commits, settings).await
}

fn current(
    settings: &Settings,
    event: &str,
    answers: Answers,
    branch: Option<String>,
) -> Result<Commits, GateError> {
    let Some(head) = settings.sha.clone() else {
        return Err(GateError::Usage(
            "GITHUB_SHA is not a commit; run inside a workflow".to_owned(),
        ));
    };
    let source = Source {
        commit: Some(head.as_str().to_owned()),
        branch: branch.clone(),
        event: event.to_owned(),
        ..Source::default()
    };
    Ok(Commits {
        base: None,
        head,
        source,
        answers,
        secrets: Secrets::Workflow,
        store_on: branch,
    })
}

async fn single(
    world: World<'_>,
    commits: Commits,
    settings: &Settings,
) -> Result<Happened, GateError> {
    let files = Files::Commit(world.remote, commits.head.clone());
    let scene = scene::single(&files, settings.asked()).await?;
    let at = commits.head.clone();
    finish(world, scene, &files, commits, Some(&at), settings).await
}

async fn two_sided(
    world: World<'_>,
    commits: Commits,
    changed: &ChangedFiles,
    merge_base: Option<&CommitSha>,
    settings: &Settings,
) -> Result<Happened, GateError> {
    let base = commits.base.clone().unwrap_or_else(|| commits.head.clone());
    let head = Files::Merged {
        remote: world.remote,
        base: base.clone(),
        head: commits.head.clone(),
        changed,
    };
    let scene = scene::set(
        &Files::Commit(world.remote, base),
        &head,
        changed,
        settings.asked(),
    )
    .await?;
    finish(world, scene, &head, commits, merge_base, settings).await
}

async fn finish(
    world: World<'_>,
    scene: Scene,
    head: &Files<'_>,
    commits: Commits,
    baseline_at: Option<&CommitSha>,
    settings: &Settings,
) -> Result<Happened, GateError> {
    let config = &scene.deciding.config;
    if scene.is_untouched() {
        return Ok(Happened::Untouched {
            gate_id: config.report.id.clone(),
        });
    }
    // The key is looked for before anything else: without it nothing needs to be read.
    let providers = Providers::prepare(
        config,
        &scene.providers(),
        head,
        world.variables,
        commits.secrets,
    )
    .await?;
    let names = scene
        .deciding
        .stands
        .iter()
        .map(|stand| &stand.agent.name)
        .collect();
    let found = find(world, &scene, baseline_at, names).await?;
    let mut plan = scene.plan(found)?;
    plan.lower_budget(settings.max_cost)?;
    plan.info = settings.info.clone();
    plan.source = commits.source.clone();
    let mut record = run(&plan, &providers, world.interrupt.clone(), world.progress).await?;
    let context = Context {
        answers: shown(config.report.answers, commits.answers),
        run: run_line(&record),
        banners: scene
            .report_only
            .iter()
            .map(|why| (*why).to_owned())
            .collect(),
    };
    let documents = Documents::of(&mut record, &context)?;
    let stored = store(world, &scene, &record, &commits, settings).await?;
    Ok(Happened::Ran(Box::new(Ran {
        record,
        documents,
        report_only: scene.report_only,
        stored,
        comment: config.report.comment,
    })))
}

const fn shown(configured: ShownAnswers, by_visibility: Answers) -> Answers {
    match configured {
        ShownAnswers::Auto => by_visibility,
        ShownAnswers::Excerpts => Answers::Excerpts,
        ShownAnswers::None => Answers::Hidden,
    }
}

/// The hidden line of a record's comment.
pub fn run_line(record: &RunRecord) -> RunLine {
    RunLine {
        gate_id: record.gate_id.clone(),
        run_id: record.run.id.clone(),
        attempt: record.run.attempt,
        head: record.source.commit.clone().unwrap_or_default(),
        url: record.run.url.clone(),
    }
}

async fn find(
    world: World<'_>,
    scene: &Scene,
    at: Option<&CommitSha>,
    names: Vec<&AgentName>,
) -> Result<BTreeMap<AgentName, Result<Baseline, String>>, GateError> {
    let Some(at) = at else {
        let why = || Err("the two commits have no common ancestor".to_owned());
        return Ok(names
            .into_iter()
            .map(|name| (name.clone(), why()))
            .collect());
    };
    let config = &scene.deciding.config;
    let branch = scene.baseline_branch()?;
    let wanted: Vec<Wanted<'_>> = names
        .into_iter()
        .map(|name| Wanted {
            name,
            candidate: scene.stored_candidate(name),
        })
        .collect();
    let store = BranchStore::new(world.github, branch);
    baselines::find(world.github, &store, &config.report.id, &wanted, at).await
}

async fn store(
    world: World<'_>,
    scene: &Scene,
    record: &RunRecord,
    commits: &Commits,
    settings: &Settings,
) -> Result<Vec<String>, GateError> {
    let config = &scene.deciding.config;
    let on_branch = commits
        .store_on
        .as_deref()
        .is_some_and(|branch| config.baseline.takes(branch));
    if settings.baseline == BaselineMode::Read || !on_branch {
        return Ok(Vec::new());
    }
    let files = baselines::files_of(record)?;
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&str> = record.touched().map(|agent| agent.name.as_str()).collect();
    let message = format!("Baseline of {} at {}", names.join(", "), commits.head);
    BranchStore::new(world.writer, scene.baseline_branch()?)
        .put(&files, &message)
        .await?;
    Ok(files.into_iter().map(|file| file.path).collect())
}

impl Settings {
    fn asked(&self) -> Asked<'_> {
        Asked {
            config_path: &self.config_path,
            agents: &self.agents,
            all: self.all,
        }
    }
}
