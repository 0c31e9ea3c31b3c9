//! What stands above the report of an earlier commit while a newer one is being checked, or when its check was cancelled.
//! The report itself stays: what it says is true of the commit that it names.

use super::{Commits, Division, Settings, World};
use crate::config::CommentWhen;
use crate::edge::github::{Comments, GitHub, OwnComment, PullNumber};
use crate::gate::accept::with_times;
use crate::record::RunInfo;
use crate::report;

/// How the line begins; where one stands already, the next takes its place.
const BEGIN: &str = "> [!NOTE]\n> **";

/// The words of a headline that say what came of a run, the longest first.
const OUTCOMES: [&str; 4] = ["COULD NOT MEASURE", "PASS (not proven)", "PASS", "FAIL"];

/// Says on an existing comment that a commit is being checked. Best effort: it changes no verdict.
pub(super) async fn checking(
    world: World<'_>,
    commits: &Commits,
    settings: &Settings,
    (gate_id, comment): (&str, CommentWhen),
) {
    let is_silent = settings.plan_only || matches!(settings.division, Division::Part(_));
    let Some(number) = commits.source.pull_request.filter(|_| !is_silent) else {
        return;
    };
    if comment == CommentWhen::Never {
        return;
    }
    let author = settings.comment_author.as_deref();
    let head = short(commits.head.as_str());
    let say = |own: &OwnComment| {
        let before = outcome(&own.body).map_or_else(String::new, |was| format!(" (before: {was})"));
        Some(format!("{}{before}.**", being_checked(&head)))
    };
    let place = Place {
        github: world.github,
        number: PullNumber(number),
        gate_id,
        author,
    };
    place.say(&settings.info, &say).await;
}

/// Says on an existing comment that the check of a commit was cancelled.
pub(in crate::gate) async fn cancelled(place: &Place<'_>, info: &RunInfo, head: &str) {
    ended(place, info, head, "was cancelled").await;
}

/// Says on an existing comment that the check of a commit came to nothing.
pub(in crate::gate) async fn without_result(place: &Place<'_>, info: &RunInfo, head: &str) {
    ended(place, info, head, "did not work, see its log").await;
}

async fn ended(place: &Place<'_>, info: &RunInfo, head: &str, how: &str) {
    let head = short(head);
    // Another line is about another commit, whose run is not over.
    let ours = being_checked(&head);
    let say = |own: &OwnComment| {
        let is_ours = own.body.contains(&ours);
        is_ours.then(|| format!("The check of `{head}` {how}: there is no result for it.**"))
    };
    place.say(info, &say).await;
}

fn being_checked(head: &str) -> String {
    format!("Checking `{head}`")
}

/// Where our comment stands.
pub(in crate::gate) struct Place<'a> {
    pub(in crate::gate) github: &'a GitHub,
    pub(in crate::gate) number: PullNumber,
    pub(in crate::gate) gate_id: &'a str,
    pub(in crate::gate) author: Option<&'a str>,
}

impl Place<'_> {
    async fn say(&self, info: &RunInfo, say: &dyn Fn(&OwnComment) -> Option<String>) {
        let marker = format!("<!-- tunegate:v1:{} -->", self.gate_id);
        let comments = Comments::new(self.github, &marker, self.author);
        let own = match comments.find_own(self.number).await {
            Ok(Some(own)) => own,
            Ok(None) => return,
            Err(why) => {
                tracing::warn!("cannot look for the comment: {why}");
                return;
            }
        };
        let run = (info.id.parse().unwrap_or(0), info.attempt);
        if own
            .run
            .as_ref()
            .is_some_and(|theirs| (theirs.run, theirs.attempt) > run)
        {
            return;
        }
        let Some(said) = say(&own) else {
            return;
        };
        let log = info.url.as_deref().map_or_else(String::new, |url| {
            format!(" [Run log]({}).", report::link(url))
        });
        let line = format!("{BEGIN}{said}{log} What follows is of an earlier run.\n\n");
        if let Err(why) = comments.rewrite(&own, &with_line(&own, &line)).await {
            tracing::warn!("cannot edit the comment: {why}");
        }
    }
}

/// The comment with a line above its headline. Its hidden lines stay first, with the times that they have by the comment's
/// last edit, which this one is from now on.
fn with_line(own: &OwnComment, line: &str) -> String {
    let body = with_times(own).replace("\r\n", "\n");
    let hidden: usize = body
        .split_inclusive('\n')
        .take_while(|line| line.starts_with("<!-- "))
        .map(str::len)
        .sum();
    let (hidden, rest) = body.split_at_checked(hidden).unwrap_or(("", &body));
    let rest = match rest.strip_prefix(BEGIN) {
        Some(old) => old.split_once("\n\n").map_or("", |(_, rest)| rest),
        None => rest,
    };
    format!("{hidden}{line}{rest}")
}

fn outcome(body: &str) -> Option<&'static str> {
    let headline = body.lines().find(|line| line.starts_with("### "))?;
    OUTCOMES.into_iter().find(|word| headline.contains(word))
}

fn short(commit: &str) -> String {
    commit.chars().take(7).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(body: &str) -> OwnComment {
        OwnComment {
            body: body.to_owned(),
            updated: Some("2026-11-02T03:04:05Z".to_owned()),
            ..OwnComment::default()
        }
    }

    #[test]
    fn the_line_stands_below_the_hidden_lines_and_above_the_headline() {
        let body = "<!-- marker -->\r\n<!-- run -->\r\n### ❌ FAIL: worse\r\nmore\r\n";
        let line = format!("{BEGIN}Checking.**\n\n");
        let once = with_line(&own(body), &line);
        assert_eq!(
            once,
            format!("<!-- marker -->\n<!-- run -->\n{line}### ❌ FAIL: worse\nmore\n")
        );
        assert_eq!(with_line(&own(&once), &line), once);
        assert_eq!(outcome(&once), Some("FAIL"));
        assert_eq!(
            outcome("### ✅ PASS (not proven): x"),
            Some("PASS (not proven)")
        );
        assert_eq!(outcome("no headline"), None);
    }

    #[test]
    fn what_was_reported_keeps_its_time() {
        let hidden = "<!-- proposed {\"tip\":\"c0ffee\",\"agents\":{\"qa\":{\"candidate\":\"sha256:ab\"}}} -->";
        let body = format!("<!-- marker -->\n<!-- run -->\n{hidden}\n### ❌ FAIL\n");
        let now = with_line(&own(&body), "> x\n\n");
        let third = now.lines().nth(2).unwrap();
        assert!(third.contains("\"at\":\"2026-11-02T03:04:05Z\""), "{third}");
        assert!(
            third.contains("\"since\":\"2026-11-02T03:04:05Z\""),
            "{third}"
        );
        assert!(now.contains("\n> x\n\n### ❌ FAIL"), "{now}");
    }
}
