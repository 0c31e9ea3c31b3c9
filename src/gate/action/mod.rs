//! What the GitHub Action does with an event: which commits decide and are judged, what is asked, what is published.

mod clients;
mod events;
mod foreseen;
mod planned;
pub(super) mod standing_comment;
mod stored;
mod stored_edit;
mod telling;
mod unless;
mod workflow;

use std::path::PathBuf;

use tokio::sync::watch;

use super::accept::{self, Forum};
use super::data;
use super::providers::{Secrets, Variables};
use super::scene::{Asked, Scene};
use super::{
    Documents, Files, GateError, Journaling, OnProgress, Remote, Written, refuse_linked, run,
};
use crate::agent::AgentName;
use crate::config::{CommentWhen, Report};
use crate::edge::github::{CommitSha, Event, GitHub};
use crate::record::{RunInfo, RunRecord, Shard, Source};
use crate::report::Answers;
use events::{current, dispatched, merge_group, private, pull_request, pushed, single};
pub use foreseen::Foreseen;
use planned::planned;
use stored::store;
pub(super) use stored_edit::edits as baselines_edit;
use telling::context;
pub use telling::{report_of, run_line};
use unless::STORING;
pub(super) use unless::unless;
pub(super) use workflow::edited as workflow_edit;

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
    /// The verdict is told and does not block.
    pub report_only: bool,
    /// Nothing is asked: what would be is written down.
    pub plan_only: bool,
    /// When to comment, where the workflow says so.
    pub comment: Option<CommentWhen>,
    /// The login that owns our comment, where the token cannot say.
    pub comment_author: Option<String>,
    /// Can only lower the configured budget.
    pub max_cost: Option<f64>,
    /// The workspace, in which `run.cache` lies.
    pub workspace: PathBuf,
    /// The execution.
    pub info: RunInfo,
    /// Whether the event is measured whole, in parts, or joined from parts.
    pub division: Division,
    /// The folder of the run's files.
    pub out: PathBuf,
    /// `GITHUB_SHA`, for events that name no commit.
    pub sha: Option<CommitSha>,
}

/// What of an event's run is done here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Division {
    /// All of it.
    Whole,
    /// One part is asked; nothing is decided and nothing is told on the pull request.
    Part(Shard),
    /// The parts, whose records lie in this folder, are joined and decided.
    Join(PathBuf),
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
        /// When a comment is written.
        comment: CommentWhen,
        /// What a person should know all the same.
        banners: Vec<String>,
    },
    /// What a run would ask was written down.
    Foreseen(Box<Foreseen>),
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
    /// Its files, or why they could not be written: the verdict stands all the same.
    pub written: Result<Written, GateError>,
    /// What it stored, or why it could not: what was measured stands all the same.
    pub stored: Result<StoredBaselines, GateError>,
    /// When a comment is written.
    pub comment: CommentWhen,
}

/// What a run stored as baselines.
#[derive(Debug, Default)]
pub struct StoredBaselines {
    /// The files.
    pub paths: Vec<String>,
    /// Files that only the history shows: what a run by the clock measured.
    pub drift: Vec<String>,
    /// What a person should know about them.
    pub notices: Vec<String>,
}

/// Which commits an event is about.
struct Commits {
    base: Option<CommitSha>,
    head: CommitSha,
    /// The one whose rules and stored files count.
    deciding: CommitSha,
    source: Source,
    answers: Answers,
    secrets: Secrets,
    /// Whether it is about what somebody wrote who may not write to the repository.
    stranger: bool,
    store_on: Option<String>,
    banners: Vec<String>,
    forum: Forum,
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

async fn finish(
    world: World<'_>,
    mut scene: Scene,
    (before, head): (Option<&Files<'_>>, &Files<'_>),
    commits: Commits,
    baseline_at: Option<&CommitSha>,
    settings: &Settings,
) -> Result<Happened, GateError> {
    stored::refuse_to_write(&scene, settings)?;
    let view = data::View {
        before,
        now: head,
        workspace: Some(&settings.workspace),
        today: data::today(),
        interrupt: world.interrupt,
    };
    let examined = data::examine(view, &mut scene).await?;
    let config = &scene.deciding.config;
    let comment = settings.comment(&config.report);
    // Whoever joins the parts tells of the rules.
    let is_part = matches!(settings.division, Division::Part(_));
    let rules_alone = scene.is_untouched();
    if rules_alone && (is_part || scene.changes.rules.is_empty()) {
        return Ok(Happened::Untouched {
            gate_id: config.report.id.clone(),
            comment,
            banners: commits.banners,
        });
    }
    refuse_linked(&settings.workspace, &settings.out)?;
    standing_comment::checking(world, &commits, settings, (&config.report.id, comment)).await;
    let (mut plan, part) = planned(world, &scene, &commits, baseline_at, settings).await?;
    let lock = stored::lock(world, &scene, &commits, &examined).await?;
    examined.fill(&scene, &lock, &mut plan);
    if settings.plan_only {
        let foreseen = foreseen::foresee(&plan, &settings.out, &commits.banners)?;
        return Ok(Happened::Foreseen(Box::new(foreseen)));
    }
    let sides = (before, head);
    let providers = clients::prepared(world, &scene, &plan, sides, &commits, settings).await?;
    // What lies in the workspace may come from the pull request: it is never taken for answers of the model.
    let journaling = Journaling::Anew(&settings.out);
    let interrupt = world.interrupt.clone();
    let ledger = run(&plan, &providers, journaling, interrupt, world.progress);
    let mut ledger = Box::pin(ledger).await?;
    let asked = accept::Asked {
        github: world.github,
        author: settings.comment_author.as_deref(),
        rules: &scene.deciding.config.accept,
        new_policy: plan.new_policy.as_ref(),
    };
    let accepting =
        accept::settle(asked, &commits.forum, &mut ledger.record, world.interrupt).await;
    let mut context = context(&scene, &commits, settings, ledger.record());
    context.accepting = accepting;
    context.banners.extend(part);
    let documents = Documents::of(&mut ledger, &context)?;
    let written = documents.write(&mut ledger, &settings.out);
    // What was measured is written by now, and has a little time to be stored.
    let storing = store(world, &scene, &ledger, &commits, settings);
    let stored = unless(world.interrupt, STORING, Box::pin(storing)).await;
    let stored = stored.unwrap_or(Err(GateError::Interrupted));
    Ok(Happened::Ran(Box::new(Ran {
        record: ledger.into_record(),
        documents,
        written,
        stored,
        comment,
    })))
}

impl Settings {
    /// When a comment is written; a part of a divided run writes none.
    pub fn comment(&self, report: &Report) -> CommentWhen {
        match self.division {
            Division::Part(_) => CommentWhen::Never,
            Division::Whole | Division::Join(_) => report.comment(self.comment),
        }
    }

    fn asked(&self) -> Asked<'_> {
        Asked {
            config_path: &self.config_path,
            agents: &self.agents,
            all: self.all,
        }
    }
}
