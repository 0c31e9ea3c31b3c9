//! Models in production that drift: what a run by the clock tells in one issue, and takes back. Best effort: it changes no
//! verdict.

use super::action::Ran;
use super::publish::Desk;
use crate::agent::AgentName;
use crate::edge::github::{Event, GitHubError, Issues};
use crate::edge::runner_files::Level;
use crate::report::escape;
use crate::verdict::{drifted, is_whole};

impl Desk<'_> {
    /// Opens, renews or closes the issue about models that drift.
    pub async fn drift(&self, ran: &Ran) {
        if !matches!(self.event, Event::Schedule(_)) || ran.record.shard.is_some() {
            return;
        }
        let gate_id = &ran.record.gate_id;
        let marker = format!("<!-- tunegate:v1:{gate_id}:drift -->");
        let issues = Issues::new(self.github, marker.clone(), self.author);
        if let Err(why) = renewed(&issues, &marker, ran).await {
            let told = format!(
                "the issue about drift could not be written: {why}; it needs `issues: write` in the job's permissions, and \
                 issues enabled in the repository"
            );
            self.told.say(Level::Warning, &told);
        }
    }
}

async fn renewed(issues: &Issues<'_>, marker: &str, ran: &Ran) -> Result<(), GitHubError> {
    let record = &ran.record;
    let worse = drifted(&record.policy, record);
    let over = worse.is_empty() && is_whole(record);
    if worse.is_empty() && !over {
        return Ok(());
    }
    let own = issues.find_own().await?;
    let report = shown(&ran.documents.comment);
    match own {
        None if over => Ok(()),
        Some(own) if over => {
            let body = format!(
                "{marker}\nOver: the models were asked again, and none is worse than its stored record.\n\n{report}"
            );
            issues.close(&own, &body).await
        }
        Some(own) => issues.rewrite(&own, &body(marker, &worse, &report)).await,
        None => {
            let title = format!("A model in production got worse ({})", record.gate_id);
            issues.open(&title, &body(marker, &worse, &report)).await
        }
    }
}

fn body(marker: &str, worse: &[&AgentName], report: &str) -> String {
    let names: Vec<String> = worse
        .iter()
        .map(|name| escape::inline(name.as_str()))
        .collect();
    format!(
        "{marker}\nNobody changed a model, and worse than its stored record is now: {}. The provider may have replaced what \
         answers under the same model ID. This issue is renewed by each run by the clock, and closed by the first one in \
         which nothing is worse.\n\n{report}",
        names.join(", ")
    )
}

/// The report without the hidden lines that make a comment of it.
fn shown(comment: &str) -> String {
    let lines = comment.lines().skip_while(|line| line.starts_with("<!-- "));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}
