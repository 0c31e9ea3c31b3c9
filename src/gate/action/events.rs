//! Each event's two commits: which one decides, which one is judged, and what they are held against.

use super::stored::with_unmeasured;
use super::{Commits, Happened, Settings, World, baselines_edit, finish, workflow};
use crate::change::ChangedFiles;
use crate::config::CommentWhen;
use crate::edge::github::{CommitSha, Dispatch, MergeGroup, Opened, PullNumber, PullRequest, Push};
use crate::gate::accept::Forum;
use crate::gate::providers::Secrets;
use crate::gate::{Files, GateError, scene};
use crate::record::Source;
use crate::report::Answers;

const STRANGER: &str = "the base branch has no configuration that can be read, and that of a pull request from a fork \
                        or of Dependabot is not used: nobody has looked at whom it asks; add the configuration to \
                        the base branch first";

pub(super) const fn private(is_private: bool) -> Answers {
    if is_private {
        Answers::Excerpts
    } else {
        Answers::Hidden
    }
}

pub(super) async fn pull_request(
    world: World<'_>,
    pull: &PullRequest,
    settings: &Settings,
) -> Result<Happened, GateError> {
    let (base, head) = (
        pull.base_sha.commit().clone(),
        pull.head_sha.commit().clone(),
    );
    let merge_base = world.github.merge_base(&base, &head).await?;
    // The list of files is that of the pull request as it is by now; what was approved is this commit.
    let changed = if pull.reviewed {
        let from = merge_base.as_ref();
        world.github.tree_changes(from, &head).await?
    } else {
        let listed = world.github.pull_files(pull.number, pull.changed_files);
        listed.await?
    };
    let stranger = pull.is_fork() || pull.dependabot;
    let commits = Commits {
        source: Source {
            commit: Some(head.as_str().to_owned()),
            base: Some(base.as_str().to_owned()),
            merge_base: merge_base.as_ref().map(|sha| sha.as_str().to_owned()),
            branch: Some(pull.base_ref.clone()),
            head_repo: pull.head_repo.clone(),
            event: "pull_request".to_owned(),
            pull_request: Some(pull.number.0),
            dirty: false,
        },
        base: Some(base.clone()),
        head,
        deciding: base,
        answers: private(pull.private),
        secrets: if stranger && !pull.reviewed {
            Secrets::Withheld
        } else {
            Secrets::Workflow
        },
        stranger,
        store_on: None,
        banners: workflow::edited(&changed).into_iter().collect(),
        forum: Forum::PullRequest {
            opened: Opened {
                number: pull.number,
                author: pull.author.clone(),
                author_id: pull.author_id,
                tip: Some(pull.head_sha.commit().clone()),
            },
            tip_at: pull.tip_at.as_deref().and_then(|at| at.parse().ok()),
        },
    };
    two_sided(world, commits, &changed, merge_base.as_ref(), settings).await
}

pub(super) async fn merge_group(
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
        deciding: base.clone(),
        answers: private(group.private),
        secrets: Secrets::Workflow,
        stranger: false,
        store_on: None,
        banners: Vec::new(),
        forum: queued(&group.head_ref).map_or(Forum::None, Forum::Queued),
    };
    two_sided(world, commits, &changed, Some(&base), settings).await
}

/// The pull request of a group: its branch is `gh-readonly-queue/BASE/pr-NUMBER-SHA`.
fn queued(branch: &str) -> Option<PullNumber> {
    let (_, last) = branch.rsplit_once('/')?;
    let (number, _) = last.strip_prefix("pr-")?.split_once('-')?;
    number.parse().ok().map(PullNumber)
}

/// A push is judged by its own rules; the commit before it is what it is held against.
pub(super) async fn pushed(
    world: World<'_>,
    push: &Push,
    settings: &Settings,
) -> Result<Happened, GateError> {
    let Some(branch) = push.branch.clone().filter(|_| !push.deleted) else {
        return Ok(Happened::Untouched {
            gate_id: String::new(),
            comment: CommentWhen::Never,
            banners: Vec::new(),
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
        deciding: push.after.clone(),
        answers: private(push.private),
        secrets: Secrets::Workflow,
        stranger: false,
        forum: Forum::Merged(push.after.clone(), branch.clone()),
        store_on: Some(branch),
        banners: Vec::new(),
    };
    let asked = settings.asked();
    let after = Files::commit(world.remote, push.after.clone());
    let before = push.before.clone();
    let before = before.map(|before| Files::commit(world.remote, before));
    let scene = match &before {
        Some(before) => scene::pushed(before, &after, &changed, asked).await?,
        None => scene::single(&after, asked).await?,
    };
    let scene = with_unmeasured(world, scene, &push.after).await?;
    let sides = (before.as_ref(), &after);
    let at = push.before.as_ref();
    Box::pin(finish(world, scene, sides, commits, at, settings)).await
}

pub(super) async fn dispatched(
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

pub(super) fn current(
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
        deciding: head.clone(),
        head,
        source,
        answers,
        secrets: Secrets::Workflow,
        stranger: false,
        store_on: branch,
        banners: Vec::new(),
        forum: Forum::None,
    })
}

pub(super) async fn single(
    world: World<'_>,
    commits: Commits,
    settings: &Settings,
) -> Result<Happened, GateError> {
    let files = Files::commit(world.remote, commits.head.clone());
    let scene = scene::single(&files, settings.asked()).await?;
    let at = commits.head.clone();
    let sides = (None, &files);
    Box::pin(finish(world, scene, sides, commits, Some(&at), settings)).await
}

async fn two_sided(
    world: World<'_>,
    mut commits: Commits,
    changed: &ChangedFiles,
    merge_base: Option<&CommitSha>,
    settings: &Settings,
) -> Result<Happened, GateError> {
    let base = commits.base.clone().unwrap_or_else(|| commits.head.clone());
    let head = Files::merged(world.remote, base.clone(), commits.head.clone(), changed);
    let base = Files::commit(world.remote, base);
    let scene = scene::set(&base, &head, changed, settings.asked()).await?;
    if scene.is_adoption() && commits.stranger {
        return Err(GateError::Usage(STRANGER.to_owned()));
    }
    commits.banners.extend(baselines_edit(&scene, changed));
    let sides = (Some(&base), &head);
    // Two whole configurations live in it.
    Box::pin(finish(world, scene, sides, commits, merge_base, settings)).await
}
