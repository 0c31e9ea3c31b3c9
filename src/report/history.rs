//! What is stored of each agent, as a line a record and a trend.

use serde::Serialize;

use super::escape;
use crate::agent::AgentName;
use crate::figures::{change, counted, points};

/// The stored records of one agent, oldest first.
#[derive(Debug, Clone, Serialize)]
pub struct History {
    /// The agent.
    pub agent: AgentName,
    /// Its records.
    pub steps: Vec<Step>,
}

/// One stored record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// Where it is stored.
    pub path: String,
    /// The commit that was measured.
    pub commit: String,
    /// When, RFC 3339.
    pub created: String,
    /// The model.
    pub model: String,
    /// 0 to 10.
    pub score: Option<f64>,
    /// Plausible range of the score.
    pub interval: Option<[f64; 2]>,
    /// Prompts that were scored.
    pub prompts: u32,
    /// Whether the answers are kept beside it.
    pub answers: bool,
    /// Why a person made it a baseline by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_because: Option<String>,
    /// Whether a run by the clock measured it. Nothing is held against such a record.
    pub scheduled: bool,
}

/// The bars of a trend, low to high.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// A trend over less than this many points is drawn as if it were so many: noise is no mountain.
const LEAST_SPAN: f64 = 1.0;

impl Step {
    const fn by_the_clock(&self) -> &'static str {
        if self.scheduled { "  by the clock" } else { "" }
    }
}

/// The newest baseline of each agent.
pub fn newest(histories: &[History]) -> String {
    let newest = histories.iter().filter_map(|history| {
        let step = history.steps.iter().rfind(|step| !step.scheduled)?;
        let answers = if step.answers {
            "answers kept"
        } else {
            "digests of answers only"
        };
        Some(format!(
            "{}  {}\n  {}, {answers}, {}\n{}",
            escape::plain(history.agent.as_str()),
            line(step),
            counted(step.prompts, "prompt"),
            escape::plain(&step.path),
            by_hand(step)
        ))
    });
    newest.collect()
}

fn by_hand(step: &Step) -> String {
    let reason = step.kept_because.as_deref().map(escape::plain);
    let told = reason.map(|reason| format!("  accepted by hand: {reason}\n"));
    told.unwrap_or_default()
}

/// The last records of each agent, at most so many, with the change from one to the next.
pub fn trend(histories: &[History], limit: usize) -> String {
    let trends = histories.iter().map(|history| {
        let (before, shown) = last(history, limit);
        let earlier = std::iter::once(before).chain(shown.iter().map(Some));
        let lines = shown.iter().zip(earlier).map(|(step, before)| {
            let moved = before.and_then(|before| moved(before, step));
            format!(
                "  {}{}{}\n",
                line(step),
                step.by_the_clock(),
                moved.map_or_else(String::new, in_words)
            )
        });
        format!(
            "{}  {}  {}\n{}",
            escape::plain(history.agent.as_str()),
            sparkline(shown),
            counted(history.steps.len(), "record"),
            lines.collect::<String>()
        )
    });
    trends.collect()
}

/// `2026-11-03  4f2c1ab  8.42 (8.10 to 8.70)  ft:…`.
fn line(step: &Step) -> String {
    let day: String = step.created.chars().take(10).collect();
    let commit: String = step.commit.chars().take(7).collect();
    let score = step.score.map_or_else(|| "no score".to_owned(), points);
    let range = step.interval.map(|[lower, upper]| {
        format!(
            " ({} to {})",
            points(lower.max(0.0)),
            points(upper.min(10.0))
        )
    });
    escape::plain(&format!(
        "{day}  {commit}  {score}{}  {}",
        range.unwrap_or_default(),
        step.model
    ))
}

/// A change against the record before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    /// In points.
    pub(super) by: f64,
    /// Whether the score lies within the plausible range of the record before; one outside of it is where it moved.
    pub(super) noise: bool,
}

/// The change against the record before, where both have a score.
pub(super) fn moved(before: &Step, now: &Step) -> Option<Move> {
    let (then, since) = before.score.zip(now.score)?;
    let outside = before
        .interval
        .is_some_and(|[lower, upper]| since < lower || since > upper);
    Some(Move {
        by: since - then,
        noise: !outside,
    })
}

fn in_words(moved: Move) -> String {
    let size = change(moved.by);
    match (moved.noise, moved.by < 0.0) {
        (false, true) => format!("  ▼ {size}, more than noise"),
        (false, false) => format!("  ▲ {size}, more than noise"),
        (true, _) => format!("  {size}"),
    }
}

/// The last records of an agent, at most so many, and the one before them.
pub(super) fn last(history: &History, limit: usize) -> (Option<&Step>, &[Step]) {
    let from = history.steps.len().saturating_sub(limit);
    let before = from
        .checked_sub(1)
        .and_then(|place| history.steps.get(place));
    (before, history.steps.get(from..).unwrap_or_default())
}

fn sparkline(steps: &[Step]) -> String {
    let scores = || steps.iter().filter_map(|step| step.score);
    let (low, high) = scores().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), score| {
        (low.min(score), high.max(score))
    });
    let span = (high - low).max(LEAST_SPAN);
    let bottom = high - span;
    let bar = |step: &Step| {
        let height = step.score.map(|score| (score - bottom) / span * 7.0)?;
        BARS.iter().enumerate().rev().find_map(|(place, bar)| {
            let place = u32::try_from(place).ok()?;
            (height + 1e-9 >= f64::from(place)).then_some(*bar)
        })
    };
    steps.iter().map(|step| bar(step).unwrap_or('·')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(day: u32, score: Option<f64>) -> Step {
        Step {
            path: format!("v1/g/qa/ab/abcdef0{day}-{day}-1.json"),
            commit: format!("abcdef0{day}"),
            created: format!("2026-11-0{day}T10:00:00Z"),
            model: "ft:\u{1b}[31mred".to_owned(),
            score,
            interval: score.map(|score| [score - 0.3, score + 0.2]),
            prompts: 20,
            answers: day > 1,
            kept_because: (day == 3).then(|| "the new\nlevel\u{1b}".to_owned()),
            scheduled: day == 4,
        }
    }

    fn history(scores: &[Option<f64>]) -> Vec<History> {
        let steps = (1..).zip(scores).map(|(day, score)| step(day, *score));
        vec![History {
            agent: AgentName::new("qa").unwrap(),
            steps: steps.collect(),
        }]
    }

    #[test]
    fn the_commit_where_a_score_moved_is_marked() {
        let text = trend(
            &history(&[Some(8.4), Some(8.5), Some(7.5), None, Some(7.6)]),
            20,
        );
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "qa  ▇█▁·▁  5 records");
        assert!(lines[2].ends_with("  +0.10"), "{text}");
        assert!(lines[3].contains("7.50 (7.20 to 7.70)"), "{text}");
        assert!(lines[3].ends_with("  ▼ −1.00, more than noise"), "{text}");
        assert!(lines[4].contains("no score"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }

    #[test]
    fn only_the_last_records_are_shown_and_the_first_of_them_knows_the_one_before() {
        let text = trend(&history(&[Some(8.0), Some(9.0), Some(9.1)]), 2);
        assert_eq!(text.lines().count(), 3);
        assert!(text.lines().nth(1).unwrap().contains("▲ +1.00"), "{text}");
        assert!(text.contains("3 records"), "{text}");
    }

    #[test]
    fn the_newest_says_why_a_person_accepted_it() {
        let text = newest(&history(&[Some(8.0), Some(9.0), Some(7.0)]));
        let last = text.lines().last().unwrap();
        assert!(last.starts_with("  accepted by hand: the new"), "{text}");
        assert_eq!(text.lines().count(), 3);
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }

    #[test]
    fn the_newest_says_whether_answers_are_kept() {
        let text = newest(&history(&[Some(8.0), Some(9.0)]));
        assert!(text.contains("9.00") && !text.contains("8.00"), "{text}");
        assert!(
            text.contains("20 prompts, answers kept, v1/g/qa/"),
            "{text}"
        );
        assert_eq!(newest(&history(&[])), "");
    }
}
