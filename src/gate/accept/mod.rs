//! Who accepted a worse model on the pull request, and whether that counts: written by a person who may, who did not open
//! the pull request, not edited since, not expired, and of the very model that is proposed now.
//!
//! Asked for only where something blocks that can be accepted. What cannot be read accepts nothing.

mod command;
mod judge;
mod standing;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{OnceCell, watch};

use super::action::unless;
use super::conclude::under;
use super::{Plan, now};
use crate::agent::AgentName;
use crate::config;
use crate::edge::CommitSha;
use crate::edge::github::{Comments, GitHub, GitHubError, Opened, PullNumber, Remark};
use crate::policy::Policy;
use crate::record::{Accepted, AgentRecord, RunRecord, Stopped};
use crate::report::Accepting;
use crate::verdict;
use command::{Command, commands};
use judge::{Judge, Wanted};
pub(super) use standing::with_times;
use standing::{Proposed, Standing};

/// Comments that do not count and are told.
const MOST_TOLD: usize = 5;

/// Where people may accept what a run finds.
#[derive(Debug, Clone)]
pub(super) enum Forum {
    /// A pull request.
    PullRequest {
        /// It, and who opened it.
        opened: Opened,
        /// A moment at which what is judged was its tip.
        tip_at: Option<Timestamp>,
    },
    /// A group of a merge queue, for this pull request.
    Queued(PullNumber),
    /// The pull request that became this commit of a branch.
    Merged(CommitSha, String),
    /// Nowhere.
    None,
}

/// What is asked of the forge, and by which rules.
pub(super) struct Asked<'a> {
    pub(super) github: &'a GitHub,
    /// The login that owns our comment, where the token cannot say.
    pub(super) author: Option<&'a str>,
    pub(super) rules: &'a config::Accept,
    /// The rules that the pull request brings.
    pub(super) new_policy: Option<&'a Policy>,
}

/// Lets pass what entitled people accepted, and tells what of their comments does not count; returns how what still blocks
/// may be accepted, for a pull request's comment.
pub(super) async fn settle(
    asked: Asked<'_>,
    forum: &Forum,
    record: &mut RunRecord,
    interrupt: &watch::Receiver<bool>,
) -> Option<Accepting> {
    let wanted = wanted(record);
    if wanted.is_empty() {
        return None;
    }
    let heard = unless(
        interrupt,
        Duration::ZERO,
        hear(&asked, forum, &wanted, record),
    )
    .await;
    let unread = |why: &str| Heard {
        told: vec![format!("who accepted this could not be read: {why}")],
        ..Heard::default()
    };
    let heard = match heard {
        Some(Ok(heard)) => heard,
        Some(Err(why)) => unread(&why.to_string()),
        None => {
            // What somebody may have accepted is no failure.
            record.run.stopped = Some(Stopped::Interrupted);
            verdict::decide(&record.policy, record).note(record);
            unread("the run was interrupted")
        }
    };
    if !heard.accepted.is_empty() {
        let newer = |old: &Accepted| heard.accepted.iter().any(|new| new.agent == old.agent);
        record.accepted.retain(|old| !newer(old));
        record.accepted.extend(heard.accepted);
        verdict::decide(&record.policy, record).note(record);
        under(asked.new_policy, record);
    }
    record.note(heard.told);
    let open = verdict::acceptable(record).into_iter();
    Some(Accepting {
        proposed: heard.standing.line(),
        agents: open.map(|(name, _)| name.clone()).collect(),
        permission: judge::needed(asked.rules).as_str(),
        holds: in_words(asked.rules.expires),
    })
    .filter(|_| matches!(forum, Forum::PullRequest { .. }))
}

/// The acceptances in the baselines of models that stay what they are. They hold until they end, also where data or a
/// suite changes and nobody has to accept anything anew.
pub(super) fn inherited(plan: &Plan, agents: &[AgentRecord]) -> Vec<Accepted> {
    let now = now();
    let of = |agent: &AgentRecord| {
        let baseline = plan.baselines.get(&agent.name)?.as_ref().ok()?;
        let mut accepted = baseline.record.accepted.iter();
        accepted
            .find(|one| one.agent == agent.name && one.is_of(Some(agent)) && one.holds_at(&now))
            .map(|one| Accepted {
                commit: None,
                ..one.clone()
            })
    };
    let asked = agents.iter().filter(|agent| agent.touched);
    asked.filter_map(of).collect()
}

/// What was found on a pull request.
#[derive(Default)]
struct Heard {
    accepted: Vec<Accepted>,
    told: Vec<String>,
    standing: Standing,
}

async fn hear(
    asked: &Asked<'_>,
    forum: &Forum,
    wanted: &[Wanted],
    record: &RunRecord,
) -> Result<Heard, GitHubError> {
    let Some((opened, tip_at)) = place(asked.github, forum).await? else {
        return Ok(Heard::default());
    };
    let marker = format!("<!-- tunegate:v1:{} -->", record.gate_id);
    let comments = Comments::new(asked.github, &marker, asked.author);
    let conversation = comments.conversation(opened.number).await?;
    let own = conversation.own.as_ref();
    let before = own.map_or_else(Standing::default, |own| {
        Standing::of(&own.body, own.updated.as_deref().and_then(time))
    });
    let judge = Judge {
        github: asked.github,
        comments: &comments,
        own,
        opened: &opened,
        rules: asked.rules,
        now: time(&record.created),
        tip_at,
        commit: record.source.commit.as_deref(),
        gate: &record.gate_id,
        before: &before,
        trust: OnceCell::new(),
    };
    let (accepted, mut told) = counted(&judge, wanted, &conversation.remarks).await;
    told.extend(strays(record, &conversation.remarks));
    if told.len() > MOST_TOLD {
        let more = told.len() - MOST_TOLD;
        told.truncate(MOST_TOLD);
        told.push(format!("{more} more comments accept nothing"));
    }
    Ok(Heard {
        accepted,
        told,
        standing: renewed(&before, wanted, &opened, record),
    })
}

/// The pull request, and a moment at which what is judged was its tip. A commit that no pull request became was accepted
/// by nobody.
async fn place(
    github: &GitHub,
    forum: &Forum,
) -> Result<Option<(Opened, Option<Timestamp>)>, GitHubError> {
    Ok(match forum {
        Forum::None => None,
        Forum::PullRequest { opened, tip_at } => Some((opened.clone(), *tip_at)),
        Forum::Queued(number) => Some((github.opened(*number).await?, None)),
        Forum::Merged(commit, branch) => match github.merged_as(commit, branch).await?.as_slice() {
            [one] => Some((one.clone(), None)),
            _ => None,
        },
    })
}

/// The newest acceptance of each agent that counts; where none does, why the newest does not.
async fn counted(
    judge: &Judge<'_>,
    wanted: &[Wanted],
    remarks: &[Remark],
) -> (Vec<Accepted>, Vec<String>) {
    let mut newest: BTreeMap<&AgentName, Result<Accepted, String>> = BTreeMap::new();
    let mut roles = BTreeMap::new();
    for remark in remarks {
        for command in commands(&remark.body).into_iter().flatten() {
            let here = command.gate.as_ref().is_none_or(|gate| *gate == judge.gate);
            let mut meant = wanted.iter().filter(|_| here);
            let Some(meant) = meant.find(|one| one.name.as_str() == command.agent) else {
                continue;
            };
            let judged = judge.of(meant, &command, remark, &mut roles).await;
            if judged.is_ok() || !matches!(newest.get(&meant.name), Some(Ok(_))) {
                newest.insert(&meant.name, judged);
            }
        }
    }
    let (mut accepted, mut told) = (Vec::new(), Vec::new());
    for judged in newest.into_values() {
        match judged {
            Ok(one) => accepted.push(one),
            Err(why) => told.push(why),
        }
    }
    (accepted, told)
}

/// Commands that name no agent of the gate, or are none.
fn strays(record: &RunRecord, remarks: &[Remark]) -> Vec<String> {
    let agents = record.agents.iter().map(|agent| &agent.name);
    let known: Vec<&AgentName> = agents.chain(&record.changes.removed).collect();
    let known = |name: &str| known.iter().any(|known| known.as_str() == name);
    let stray = |command: Result<Command, String>| match command {
        Err(why) => Some(why),
        Ok(Command {
            gate: Some(gate), ..
        }) if gate != record.gate_id => None,
        Ok(Command { agent, .. }) if !known(&agent) => {
            Some(format!("`{agent}` is no agent of this gate"))
        }
        Ok(_) => None,
    };
    let of = |remark: &Remark| -> Vec<String> {
        let strays = commands(&remark.body).into_iter().filter_map(stray);
        strays.map(|why| judge::not_counted(remark, &why)).collect()
    };
    remarks.iter().flat_map(of).collect()
}

/// The agents of which something blocks that can be accepted.
fn wanted(record: &RunRecord) -> Vec<Wanted> {
    let open = verdict::acceptable(record).into_iter();
    open.map(|(name, agent)| Wanted {
        name: name.clone(),
        model: agent.map(|agent| agent.model.clone()),
        candidate: agent.map(|agent| agent.candidate_digest.clone()),
    })
    .collect()
}

/// Since when what is proposed now is reported: as before, where it is the same, else from this report on. What does not
/// block this time may block the next.
fn renewed(before: &Standing, wanted: &[Wanted], opened: &Opened, record: &RunRecord) -> Standing {
    let mut agents = before.agents.clone();
    agents.retain(|name, proposed| {
        let now = record.agent(name);
        now.is_some_and(|now| proposed.candidate.as_ref() == Some(&now.candidate_digest))
    });
    for one in wanted {
        let proposed = Proposed {
            candidate: one.candidate.clone(),
            since: before.since(&one.name, one.candidate.as_deref()),
        };
        agents.insert(one.name.clone(), proposed);
    }
    let tip = opened.tip.as_ref().map(ToString::to_string);
    Standing {
        at: tip.as_deref().and_then(|tip| before.tip_since(tip)),
        tip,
        agents,
    }
}

/// `30 days`, or hours where it is no whole number of days.
fn in_words(time: Duration) -> String {
    let hours = time.as_secs() / 3600;
    match (hours / 24, hours % 24) {
        (1, 0) => "a day".to_owned(),
        (days, 0) if days > 0 => format!("{days} days"),
        _ => format!("{hours} hours"),
    }
}

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}
