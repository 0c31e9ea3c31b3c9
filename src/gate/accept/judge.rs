//! Does one comment count? Everything that the forge must say about it is asked here.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::command::Command;
use super::standing::Standing;
use super::time;
use crate::agent::AgentName;
use crate::config::{self, Permission};
use crate::edge::github::{Comments, GitHub, Opened, OwnComment, Remark, Role};
use crate::record::Accepted;

const TOO_EARLY: &str =
    "it was written before this model was proposed; whoever still means it writes it anew";

/// An agent that something blocks.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) name: AgentName,
    /// Absent where the change removes it, like its digest.
    pub(super) model: Option<String>,
    pub(super) candidate: Option<String>,
}

/// What comments are held against.
pub(super) struct Judge<'a> {
    pub(super) github: &'a GitHub,
    pub(super) comments: &'a Comments<'a>,
    pub(super) own: Option<&'a OwnComment>,
    pub(super) opened: &'a Opened,
    pub(super) rules: &'a config::Accept,
    pub(super) now: Option<Timestamp>,
    /// A moment at which what is judged was the tip, where the event says one.
    pub(super) tip_at: Option<Timestamp>,
    /// What is judged: the tip, or what it was merged into.
    pub(super) commit: Option<&'a str>,
    /// What was proposed when we last wrote.
    pub(super) before: &'a Standing,
}

/// What people may do, each asked for once.
pub(super) type Roles = BTreeMap<String, Result<Role, String>>;

impl Judge<'_> {
    /// The acceptance that a comment is, or a sentence that says why it does not count.
    pub(super) async fn of(
        &self,
        wanted: &Wanted,
        command: &Command,
        remark: &Remark,
        roles: &mut Roles,
    ) -> Result<Accepted, String> {
        let not = |why: &str| not_counted(remark, why);
        let by = self.person(remark).map_err(&not)?;
        let at = Self::written(remark).map_err(&not)?;
        let until = self.until(at).map_err(|why| not(&why))?;
        let commit = self.bound(wanted, at).await.map_err(|why| not(&why))?;
        let role = self.entitled(by, roles).await.map_err(|why| not(&why))?;
        Ok(Accepted {
            agent: wanted.name.clone(),
            model: wanted.model.clone(),
            candidate_digest: wanted.candidate.clone(),
            by: by.to_owned(),
            permission: role.as_str().to_owned(),
            reason: command.reason.clone(),
            at: at.to_string(),
            until: until.to_string(),
            comment: remark.url.clone(),
            commit,
        })
    }

    /// A person, and not the one whose change it is.
    fn person<'r>(&self, remark: &'r Remark) -> Result<&'r str, &'static str> {
        let Some(by) = remark.author.as_deref() else {
            return Err("the account that wrote it is gone");
        };
        if remark.by_program {
            return Err("a program wrote it");
        }
        match &self.opened.author {
            Some(author) if !author.eq_ignore_ascii_case(by) => Ok(by),
            Some(_) => Err("whoever opens a pull request cannot accept what it does"),
            None => Err("nobody can say who opened this pull request"),
        }
    }

    /// Whoever may push may edit what others wrote, so an edited comment is nobody's.
    fn written(remark: &Remark) -> Result<Timestamp, &'static str> {
        let created = remark.created.as_deref().and_then(time);
        let updated = remark.updated.as_deref().and_then(time);
        match (created, updated) {
            (Some(created), Some(updated)) if created == updated => Ok(created),
            (Some(_), Some(_)) => Err("it was edited; write it anew"),
            _ => Err("the forge does not say when it was written"),
        }
    }

    fn until(&self, at: Timestamp) -> Result<Timestamp, String> {
        let holds = SignedDuration::try_from(self.rules.expires).unwrap_or(SignedDuration::MAX);
        let until = at.saturating_add(holds).unwrap_or(Timestamp::MAX);
        match self.now {
            Some(now) if now <= until => Ok(until),
            Some(_) => Err(format!("it expired on {}", day(until))),
            None => Err("the time of this run is not known".to_owned()),
        }
    }

    /// The commit for which it was written, or what that was merged into; none where it was written for an earlier one with
    /// the same model.
    async fn bound(&self, wanted: &Wanted, at: Timestamp) -> Result<Option<String>, String> {
        let judged = || self.commit.map(str::to_owned);
        if self.tip_at.is_some_and(|tip_at| at > tip_at) {
            return Ok(judged());
        }
        let since = self.before.since(&wanted.name, wanted.candidate.as_deref());
        let (Some(since), Some(own)) = (since, self.own) else {
            return Err(TOO_EARLY.to_owned());
        };
        if at <= since {
            return Err(TOO_EARLY.to_owned());
        }
        self.trusted(own).await?;
        // In a queue, and after the merge, the event does not tell of the tip; our comment does.
        let tip = self.opened.tip.as_ref().filter(|_| self.tip_at.is_none());
        let tip_at = tip.and_then(|tip| self.before.tip_at(tip.as_str()));
        Ok(tip_at.filter(|tip_at| at > *tip_at).and_then(|_| judged()))
    }

    /// Our comment says since when the model is proposed; that counts only where nobody else ever edited it.
    async fn trusted(&self, own: &OwnComment) -> Result<(), String> {
        match self.comments.is_untouched(own).await {
            Ok(true) => Ok(()),
            Ok(false) => Err("it was written for an earlier push, and somebody edited the comment that says for which model; write it anew".to_owned()),
            Err(why) => Err(format!(
                "it was written for an earlier push, and for which model cannot be told ({why}); write it anew"
            )),
        }
    }

    async fn entitled(&self, by: &str, roles: &mut Roles) -> Result<Role, String> {
        let known = if let Some(known) = roles.get(by) {
            known.clone()
        } else {
            let asked = self.github.role_of(by).await;
            let asked = asked.map_err(|why| why.to_string());
            roles.insert(by.to_owned(), asked.clone());
            asked
        };
        let needed = needed(self.rules);
        match known {
            Ok(role) if role >= needed => Ok(role),
            Ok(role) => Err(format!(
                "`{}` is needed, `{}` is what they have",
                needed.as_str(),
                role.as_str()
            )),
            Err(why) => Err(format!("what they may do could not be asked: {why}")),
        }
    }
}

/// What whoever accepts must be.
pub(super) const fn needed(rules: &config::Accept) -> Role {
    match rules.permission {
        Permission::Write => Role::Writer,
        Permission::Maintain => Role::Maintainer,
        Permission::Admin => Role::Administrator,
    }
}

/// A comment that does not count, for people.
pub(super) fn not_counted(remark: &Remark, why: &str) -> String {
    let by = remark.author.as_deref().unwrap_or("somebody");
    format!("the comment of {by} accepts nothing: {why}")
}

fn day(time: Timestamp) -> String {
    let date = time.to_zoned(jiff::tz::TimeZone::UTC).date();
    date.strftime("%-d %B %Y").to_string()
}
