//! The check of our own on the commit, for a job that a pull request does not show. Best effort: it changes no verdict.

use super::Ended;
use crate::edge::github::{Check, Conclusion, Event, GitHub};
use crate::edge::runner_files::Level;
use crate::gate::GateError;
use crate::gate::action::Settings;
use crate::gate::publish::{Told, failure_text};

/// What it is called; no job of a recipe has this name.
const NAME: &str = "tunegate";

/// Begins it on the commit that is judged.
pub(super) async fn begun<'a>(
    github: &'a GitHub,
    event: &Event,
    settings: &Settings,
    told: &Told,
) -> Option<Check<'a>> {
    let head = match event {
        Event::PullRequest(pull) => Some(pull.head_sha.commit().clone()),
        Event::MergeGroup(group) => Some(group.head_sha.commit().clone()),
        Event::Push(push) => Some(push.after.clone()),
        Event::Dispatch(_) | Event::Schedule(_) => settings.sha.clone(),
    }?;
    let url = settings.info.url.as_deref();
    match Check::begin(github, &head, (NAME, url)).await {
        Ok(check) => Some(check),
        Err(why) => {
            told.say(Level::Warning, &format!("no check of its own: {why}"));
            None
        }
    }
}

/// Ends it as the job ends.
pub(super) async fn end(check: &Check<'_>, ended: &Ended, told: &Told) {
    let (conclusion, title) = match ended {
        Ended::Untouched | Ended::Planned => (Conclusion::Success, "nothing to check"),
        Ended::Code(0) => (Conclusion::Success, "it may merge"),
        Ended::Code(130 | 143) | Ended::Failed(GateError::Interrupted) => {
            (Conclusion::Cancelled, "cancelled")
        }
        Ended::Code(1) => (Conclusion::Failure, "it may not merge"),
        Ended::Code(_) | Ended::Failed(_) => (Conclusion::Failure, "COULD NOT MEASURE"),
    };
    let text = match ended {
        Ended::Untouched | Ended::Planned | Ended::Code(_) => told.reported(),
        Ended::Failed(why) => failure_text(why),
    };
    let text = if text.is_empty() { title } else { &text };
    if let Err(why) = check.end(conclusion, (title, text)).await {
        told.say(Level::Warning, &format!("the check cannot be ended: {why}"));
    }
}

/// Says on the commit that nothing is to be measured, where a plan finds that: nobody has to approve a run for it.
pub(super) async fn nothing(github: &GitHub, event: &Event, settings: &Settings, told: &Told) {
    if let Some(check) = begun(github, event, settings, told).await {
        end(&check, &Ended::Untouched, told).await;
    }
}
