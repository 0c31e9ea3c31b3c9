//! The check of our own on the commit, for a job that a pull request does not show. Best effort: it changes no verdict.

use super::PARTING;
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
pub(super) async fn end(check: &Check<'_>, ended: &Result<u8, GateError>, told: &Told) {
    let (conclusion, title) = match ended {
        Ok(0) => (Conclusion::Success, "it may merge"),
        Ok(130 | 143) | Err(GateError::Interrupted) => (Conclusion::Cancelled, "cancelled"),
        Ok(1) => (Conclusion::Failure, "it may not merge"),
        Ok(_) | Err(_) => (Conclusion::Failure, "COULD NOT MEASURE"),
    };
    let text = match ended {
        Ok(_) => told.reported(),
        Err(why) => failure_text(why),
    };
    let text = if text.is_empty() { title } else { &text };
    let ending = check.end(conclusion, (title, text));
    match tokio::time::timeout(PARTING, ending).await {
        Ok(Ok(())) => {}
        Ok(Err(why)) => told.say(Level::Warning, &format!("the check cannot be ended: {why}")),
        Err(_) => told.say(
            Level::Warning,
            "the check cannot be ended: no answer in time",
        ),
    }
}
