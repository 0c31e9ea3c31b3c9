//! Does one comment count? Everything that the forge must say about it is asked here.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::OnceCell;

use super::command::Command;
use super::standing::Standing;
use super::time;
use crate::agent::AgentName;
use crate::config::{self, Permission};
use crate::edge::github::{Cause, Comments, GitHub, Opened, OwnComment, Remark, Role};
use crate::record::Accepted;

const TOO_EARLY: &str = "it was written before the gate reported this model here; whoever still means it writes it anew";
const TOO_EARLY_AFTER: &str = "no report of the gate on its pull request, from before it was written, says that it is of this model; \
     run the gate on the pull request, and write it anew there before the merge";

const EDITED: &str = "it was edited; write it anew";

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
    /// The gate's id.
    pub(super) gate: &'a str,
    /// What was proposed when we last wrote.
    pub(super) before: &'a Standing,
    /// Whether our comment is as we left it, asked for once.
    pub(super) trust: OnceCell<Result<bool, String>>,
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
        // What strangers write is not worth a further question.
        let role = self.entitled(by, roles).await.map_err(|why| not(&why))?;
        let commit = self.bound(wanted, at).await.map_err(|why| not(&why))?;
        self.unedited(remark).await.map_err(|why| not(&why))?;
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
        let Some(author) = &self.opened.author else {
            return Err("nobody can say who opened this pull request");
        };
        // A name can be changed between the two.
        let same_account =
            self.opened.author_id.is_some() && self.opened.author_id == remark.author_id;
        if same_account || author.eq_ignore_ascii_case(by) {
            return Err("whoever opens a pull request cannot accept what it does");
        }
        Ok(by)
    }

    /// Whoever may push may edit what others wrote, so an edited comment is nobody's.
    fn written(remark: &Remark) -> Result<Timestamp, &'static str> {
        let created = remark.created.as_deref().and_then(time);
        let updated = remark.updated.as_deref().and_then(time);
        match (created, updated) {
            (Some(created), Some(updated)) if created == updated => Ok(created),
            (Some(_), Some(_)) => Err(EDITED),
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
    /// the same model. What our comment had not reported then was not meant: nobody could know of it.
    async fn bound(&self, wanted: &Wanted, at: Timestamp) -> Result<Option<String>, String> {
        let since = self.before.since(&wanted.name, wanted.candidate.as_deref());
        let Some(own) = self.own.filter(|_| since.is_some_and(|since| at > since)) else {
            return Err(self.too_early().to_owned());
        };
        let tip = self.opened.tip.as_ref();
        let reported = tip.and_then(|tip| self.before.tip_since(tip.as_str()));
        let of_tip = reported.is_some_and(|reported| at > reported)
            && self.tip_at.is_none_or(|tip_at| at > tip_at);
        match self.trusted(own).await {
            Ok(true) => {}
            Ok(false) => return Err("somebody edited the comment of the gate that says for which model it is; write it anew after the next report".to_owned()),
            // The event itself says that nothing was pushed since.
            Err(_) if of_tip && self.tip_at.is_some() => {}
            Err(why) => return Err(format!(
                "it was written for an earlier push, and for which model cannot be told ({why}); write it anew"
            )),
        }
        Ok(self.commit.filter(|_| of_tip).map(str::to_owned))
    }

    const fn too_early(&self) -> &'static str {
        match self.tip_at {
            Some(_) => TOO_EARLY,
            None => TOO_EARLY_AFTER,
        }
    }

    /// Our comment says since when the model is reported; that counts only where nobody else ever edited it.
    async fn trusted(&self, own: &OwnComment) -> Result<bool, String> {
        let ask = || async {
            let untouched = self.comments.is_untouched(own).await;
            untouched.map_err(|why| why.to_string())
        };
        self.trust.get_or_init(ask).await.clone()
    }

    /// Two edits of one second have the same time; the forge keeps who edited.
    async fn unedited(&self, remark: &Remark) -> Result<(), String> {
        match self.comments.is_edited(remark).await {
            Ok(true) => Err(EDITED.to_owned()),
            Err(why) if why.cause() == Cause::Outage => {
                Err(format!("whether it was edited could not be asked: {why}"))
            }
            // A forge that keeps no edits tells of them by the time alone.
            Ok(false) | Err(_) => Ok(()),
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
