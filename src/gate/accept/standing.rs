//! Since when our comment reports a model: kept in a hidden line of it, so that an acceptance holds for what could be read
//! when it was written, also after the next push that leaves the model as it is, and for no other model.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::agent::AgentName;
use crate::edge::github::OwnComment;

const START: &str = "<!-- proposed ";
const END: &str = " -->";

/// What is proposed for each agent that something blocks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Standing {
    /// The tip that was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tip: Option<String>,
    /// Since when our comment reports it; absent in what is written, which is as old as the comment's last edit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<Timestamp>,
    /// By agent.
    pub(super) agents: BTreeMap<AgentName, Proposed>,
}

/// A candidate, and since when it is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Proposed {
    /// Its digest; absent where the change removes the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) candidate: Option<String>,
    /// Since when our comment reports it; absent where this is its first report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<Timestamp>,
}

impl Standing {
    /// The hidden line; nothing where nothing is blocked.
    pub(super) fn line(&self) -> Option<String> {
        if self.agents.is_empty() {
            return None;
        }
        // Names, digests and times hold nothing that ends a comment.
        let json = serde_json::to_string(self).ok()?;
        Some(format!("{START}{json}{END}"))
    }

    /// What our comment says. What had no time then has that of the comment's last edit.
    pub(super) fn of(body: &str, edited: Option<Timestamp>) -> Self {
        let line = body.lines().nth(2).map(str::trim);
        let json = line.and_then(|line| line.strip_prefix(START)?.strip_suffix(END));
        let mut standing: Self = json
            .and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or_default();
        standing.at = standing.at.or(edited);
        for proposed in standing.agents.values_mut() {
            proposed.since = proposed.since.or(edited);
        }
        standing
    }

    /// Since when this candidate is reported.
    pub(super) fn since(&self, agent: &AgentName, candidate: Option<&str>) -> Option<Timestamp> {
        let proposed = self.agents.get(agent)?;
        proposed
            .since
            .filter(|_| proposed.candidate.as_deref() == candidate)
    }

    /// Since when this commit is reported.
    pub(super) fn tip_since(&self, commit: &str) -> Option<Timestamp> {
        self.at.filter(|_| self.tip.as_deref() == Some(commit))
    }
}

/// Our comment with all that it reports dated, so that it can be edited without being younger by that.
pub(in crate::gate) fn with_times(own: &OwnComment) -> String {
    let line = Standing::of(
        &own.body,
        own.updated
            .as_deref()
            .and_then(|edited| edited.parse().ok()),
    )
    .line();
    let Some(line) = line else {
        return own.body.clone();
    };
    let lines = own.body.lines().enumerate();
    let lines = lines.map(|(place, old)| if place == 2 { &line } else { old });
    let lines: Vec<&str> = lines.collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_read_as_it_was_written_and_nothing_else_is() {
        let name = AgentName::new("qa").unwrap();
        let since: Timestamp = "2026-11-02T03:04:05Z".parse().unwrap();
        let edited: Timestamp = "2026-11-03T03:04:05Z".parse().unwrap();
        let proposed = |since| Proposed {
            candidate: Some("sha256:ab".to_owned()),
            since,
        };
        let with = |since| Standing {
            tip: Some("c0ffee".to_owned()),
            at: since,
            agents: [(name.clone(), proposed(since))].into(),
        };
        let body =
            |standing: &Standing| format!("marker\r\nrun\r\n{}\r\ntext", standing.line().unwrap());
        assert_eq!(
            Standing::of(&body(&with(Some(since))), Some(edited)),
            with(Some(since))
        );
        assert_eq!(
            Standing::of(&body(&with(None)), Some(edited)),
            with(Some(edited))
        );
        assert_eq!(
            with(Some(since)).since(&name, Some("sha256:ab")),
            Some(since)
        );
        assert_eq!(with(Some(since)).since(&name, Some("sha256:cd")), None);
        assert_eq!(with(Some(since)).since(&name, None), None);
        assert_eq!(with(Some(since)).tip_since("c0ffee"), Some(since));
        assert_eq!(with(Some(since)).tip_since("decaf"), None);

        assert_eq!(Standing::default().line(), None);
        for other in [
            "",
            "marker\nrun\n### PASS",
            "marker\nrun\n<!-- proposed {} --> x",
            "marker\nrun\n<!-- proposed 1 -->",
        ] {
            assert_eq!(Standing::of(other, Some(edited)).agents, BTreeMap::new());
        }
    }
}
