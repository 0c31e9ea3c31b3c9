//! What is told of a run: to whom, whether it decides the check, what stands above everything else.

use std::collections::BTreeMap;

use super::{Commits, Settings, World};
use crate::config::{self, Report, ShownAnswers};
use crate::edge::github::Event;
use crate::gate::Files;
use crate::gate::scene::Scene;
use crate::record::RunRecord;
use crate::report::{Answers, Context, RunLine};

/// What the documents say besides the record.
pub(super) fn context(
    scene: &Scene,
    commits: &Commits,
    settings: &Settings,
    record: &RunRecord,
) -> Context {
    let silenced = silenced(&scene.deciding.config.report, settings);
    Context {
        answers: shown(scene.deciding.config.report.answers, commits.answers),
        run: run_line(record),
        old_answers: BTreeMap::new(),
        accepting: None,
        banners: commits.banners.iter().cloned().chain(silenced).collect(),
    }
}

/// Why the run reports and does not block, where that is all it does.
pub(super) fn report_only(scene: &Scene, settings: &Settings) -> Option<&'static str> {
    let asked_to_report = settings
        .report_only
        .then_some("the workflow sets `mode: report-only`: this run reports and does not block");
    scene.report_only.or(asked_to_report)
}

/// A workflow that wants less to be told than the configuration says is not followed.
fn silenced(report: &Report, settings: &Settings) -> Option<String> {
    let (own, asked) = (report.comment?, settings.comment?);
    (report.comment(Some(asked)) != asked).then(|| {
        format!(
            "the workflow's input `comment: {asked}` is not followed: the configuration says `{own}`, and an input may \
             only tell more"
        )
    })
}

const fn shown(configured: ShownAnswers, by_visibility: Answers) -> Answers {
    match configured {
        ShownAnswers::Auto => by_visibility,
        ShownAnswers::Excerpts => Answers::Excerpts,
        ShownAnswers::None => Answers::Hidden,
    }
}

/// What the deciding side says about reports, for a run that came to nothing; the defaults where it cannot be read.
pub async fn report_of(world: World<'_>, event: &Event, settings: &Settings) -> Report {
    let Event::PullRequest(pull) = event else {
        return Report::default();
    };
    let base = Files::commit(world.remote, pull.base_sha.commit().clone());
    let read = base.read(&settings.config_path).await.ok().flatten();
    let config = read.and_then(|bytes| config::read(&settings.config_path, &bytes).ok());
    config.map(|config| config.report).unwrap_or_default()
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
