//! Tells people: the comment, the log, the step summary. Best effort: a refusal is told as a warning and changes no
//! verdict.

use std::fmt::Write as _;
use std::path::Path;

use super::GateError;
use super::action::standing_comment::{self, Place};
use super::action::{Ran, run_line};
pub use super::told::Told;
use crate::config::CommentWhen;
use crate::edge::disk;
use crate::edge::github::{CommentText, Comments, Event, GitHub, PullNumber, Written};
use crate::edge::runner_files::Level;
use crate::record::{Outcome, RunInfo};
use crate::report::{self, Notice, RunLine};

/// Findings that are annotations.
const MOST_PLACES: usize = 9;

/// Where an event's results are told.
pub struct Desk<'a> {
    /// The repository.
    pub github: &'a GitHub,
    /// What started the run.
    pub event: &'a Event,
    /// The run.
    pub info: &'a RunInfo,
    /// The login that owns the comment, where the token cannot say.
    pub author: Option<&'a str>,
    /// The job's log.
    pub told: &'a Told,
}

impl Desk<'_> {
    /// Publishes a run's comment; returns its address.
    pub async fn ran(&self, ran: &Ran) -> Option<String> {
        let (number, head) = self.pull()?;
        let line = run_line(&ran.record);
        let comments = self.comments(&line.gate_id);
        let fine = matches!(ran.record.verdict.outcome, Outcome::Pass | Outcome::Skipped);
        let quiet = ran.comment == CommentWhen::OnFailure && fine;
        if ran.comment == CommentWhen::Never
            || (quiet && !matches!(comments.find_own(number).await, Ok(Some(_))))
        {
            return None;
        }
        let body = self
            .marked_if_old(number, head, &ran.documents.comment)
            .await;
        let short = Notice {
            run: line,
            headline: report::headline_markdown(&ran.record),
            do_this: "read the run's log; the whole report was too long for a comment.".to_owned(),
            details: Vec::new(),
        };
        self.upsert(&comments, number, &body, &short.markdown().ok()?)
            .await
    }

    /// Edits a former comment where nothing is touched any more; writes one only where one is always wanted.
    pub async fn untouched(&self, gate_id: &str, when: CommentWhen, banners: &[String]) {
        let Some((number, head)) = self.pull() else {
            return;
        };
        let comments = self.comments(gate_id);
        match comments.find_own(number).await {
            Ok(Some(_)) => {}
            Ok(None) if when == CommentWhen::Always => {}
            Ok(None) => return,
            Err(why) => return self.told.say(Level::Warning, &why.to_string()),
        }
        let notice = Notice {
            run: self.run_line(gate_id, head),
            headline: "– Nothing to check: this pull request touches nothing that the gate watches"
                .to_owned(),
            do_this: "nothing; an earlier result no longer applies.".to_owned(),
            details: banners.to_vec(),
        };
        if let Ok(body) = notice.markdown() {
            self.upsert(&comments, number, &body, &body).await;
        }
    }

    /// Tells on the pull request why there is no verdict, where the forge can still be reached.
    pub async fn failed(&self, error: &GateError, gate_id: &str, when: CommentWhen) {
        let Some((number, head)) = self.pull() else {
            return;
        };
        if when == CommentWhen::Never
            || matches!(error, GateError::NoConfig { .. } | GateError::Event(_))
        {
            return;
        }
        if matches!(error, GateError::GitHub(_)) {
            // The forge may work again by now, and an older report must not look like the one of this commit.
            let place = self.place(gate_id, number);
            standing_comment::without_result(&place, self.info, head).await;
            return;
        }
        let notice = failure(error, self.run_line(gate_id, head));
        if let Ok(body) = notice.markdown() {
            self.upsert(&self.comments(gate_id), number, &body, &body)
                .await;
        }
    }

    /// Says on an existing comment that the run was cancelled.
    pub async fn cancelled(&self, gate_id: &str, when: CommentWhen) {
        if let (Some((number, head)), true) = (self.pull(), when != CommentWhen::Never) {
            let place = self.place(gate_id, number);
            standing_comment::cancelled(&place, self.info, head).await;
        }
    }

    /// The verdict in the job's log, in one annotation.
    pub fn verdict(&self, ran: &Ran) {
        let report_only = ran.record.run.report_only.is_some();
        let line = report::headline(&ran.record);
        self.told.block(&ran.documents.summary);
        match ran.record.verdict.outcome {
            Outcome::Fail | Outcome::Inconclusive | Outcome::Error if !report_only => {
                self.told.say(Level::Error, &line);
            }
            Outcome::Fail | Outcome::Inconclusive | Outcome::Error => {
                self.told
                    .say(Level::Warning, &format!("report only: {line}"));
            }
            Outcome::Pass | Outcome::Skipped => self.told.say(Level::Notice, &line),
        }
        // The worst come first, and GitHub shows ten of a step: the verdict is the tenth.
        for finding in ran.record.audit.findings.iter().take(MOST_PLACES) {
            self.told.finding(finding);
        }
        match &ran.stored {
            Ok(stored) => {
                for path in &stored.paths {
                    self.told.line(&format!("stored the baseline {path}"));
                }
                for path in &stored.drift {
                    self.told.line(&format!("kept for the history {path}"));
                }
                for notice in &stored.notices {
                    self.told.say(Level::Notice, notice);
                }
            }
            Err(why) => {
                let why = with_causes(why);
                self.told.say(
                    Level::Error,
                    &format!(
                        "the verdict stands, but it could not be stored as the baseline: {why}"
                    ),
                );
            }
        }
    }

    fn place<'a>(&'a self, gate_id: &'a str, number: PullNumber) -> Place<'a> {
        Place {
            github: self.github,
            number,
            gate_id,
            author: self.author,
        }
    }

    fn pull(&self) -> Option<(PullNumber, &str)> {
        match self.event {
            Event::PullRequest(pull) => Some((pull.number, pull.head_sha.as_str())),
            Event::Push(_) | Event::MergeGroup(_) | Event::Dispatch(_) | Event::Schedule(_) => None,
        }
    }

    fn comments(&self, gate_id: &str) -> Comments<'_> {
        Comments::new(
            self.github,
            &format!("<!-- tunegate:v1:{gate_id} -->"),
            self.author,
        )
    }

    fn run_line(&self, gate_id: &str, head: &str) -> RunLine {
        RunLine {
            gate_id: gate_id.to_owned(),
            run_id: self.info.id.clone(),
            attempt: self.info.attempt,
            head: head.to_owned(),
            url: self.info.url.clone(),
        }
    }

    /// A result for a commit that is no longer the head says so first.
    async fn marked_if_old(&self, number: PullNumber, head: &str, body: &str) -> String {
        match self.github.pull_head(number).await {
            Ok(now) if now.as_str() != head => {
                let old: String = head.chars().take(7).collect();
                let heading = "### ";
                body.replacen(heading, &format!("> Result for the older commit `{old}`; a newer one is being checked.\n\n{heading}"), 1)
            }
            Ok(_) | Err(_) => body.to_owned(),
        }
    }

    async fn upsert(
        &self,
        comments: &Comments<'_>,
        number: PullNumber,
        body: &str,
        short: &str,
    ) -> Option<String> {
        match comments.upsert(number, CommentText { body, short }).await {
            Ok(Written::Created(own) | Written::Updated(own) | Written::Unchanged(own)) => own.url,
            Ok(Written::Newer(_)) => {
                self.told.say(
                    Level::Notice,
                    "a newer run has written the comment; it is left as it is",
                );
                None
            }
            Err(why) => {
                self.told.say(Level::Warning, &with_causes(&why));
                None
            }
        }
    }
}

pub(super) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        write!(text, ": {next}").ok();
        cause = next.source();
    }
    text
}

fn failure(error: &GateError, run: RunLine) -> Notice {
    let (headline, do_this) = if matches!(error, GateError::Parts(_)) {
        (
            "⚠️ COULD NOT MEASURE: the parts of this run do not make up a whole",
            "see what is listed, then run the failed jobs again. This says nothing about the models.",
        )
    } else if error.exit_code() == 2 {
        (
            "⚠️ COULD NOT MEASURE: the gate's files need mending",
            "mend what is listed, then push again.",
        )
    } else {
        (
            "⚠️ COULD NOT MEASURE: something that the gate needs did not work",
            "see what is listed, then run the check again. This says nothing about the models.",
        )
    };
    Notice {
        run,
        headline: headline.to_owned(),
        do_this: do_this.to_owned(),
        details: error.to_string().lines().map(str::to_owned).collect(),
    }
}

/// Gives a file to whoever owns the workspace: what runs as root leaves nothing that the next job cannot remove.
pub fn own_like(workspace: &Path, file: &Path) {
    for path in file.ancestors().take_while(|path| *path != workspace) {
        disk::own_like(path, workspace);
    }
}

/// The same for the step summary.
pub fn failure_text(error: &GateError) -> String {
    without_hidden(&failure(error, RunLine::default()))
}

/// A notice for a summary: the hidden lines find a comment again, and a summary is not looked for.
pub fn without_hidden(notice: &Notice) -> String {
    let shown = notice.markdown().unwrap_or_default();
    let lines = shown.lines().filter(|line| !line.starts_with("<!-- "));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}
