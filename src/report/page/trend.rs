//! How the scores of stored records went, as a page of its own.

use serde::Serialize;

use super::frame::Frame;
use super::plot::{Line, Scale, Tick};
use crate::figures::{change, points};
use crate::report::history::{History, Move, Step, last, moved};
use crate::report::view::Style;
use crate::report::{ReportError, render};

#[derive(Serialize)]
struct Page {
    frame: Frame,
    title: String,
    origin: String,
    agents: Vec<Agent>,
}

#[derive(Serialize)]
struct Agent {
    name: String,
    counted: String,
    ticks: Vec<Tick>,
    lines: Vec<Segment>,
    rows: Vec<Row>,
}

/// From one record to the next.
#[derive(Serialize)]
struct Segment {
    x1: String,
    y1: String,
    x2: String,
    y2: String,
}

#[derive(Serialize)]
struct Row {
    x: String,
    y: Option<String>,
    range: Option<Line>,
    day: String,
    commit: String,
    score: String,
    between: String,
    moved: String,
    /// `up` or `down` where a score moved more than noise does.
    mark: &'static str,
    model: String,
    by_hand: Option<String>,
    scheduled: bool,
    label: String,
}

/// The last records of each agent, at most so many. `origin` says where they were read from.
pub fn history(histories: &[History], limit: usize, origin: &str) -> Result<String, ReportError> {
    render(
        "history.html",
        &Page {
            frame: Frame::without_script(),
            title: "How the scores of stored records went".to_owned(),
            origin: Style::Plain.text(origin),
            agents: histories
                .iter()
                .map(|history| agent(history, limit))
                .collect(),
        },
    )
}

fn agent(history: &History, limit: usize) -> Agent {
    let (before, shown) = last(history, limit);
    let values = |step: &Step| {
        step.score
            .into_iter()
            .chain(step.interval.into_iter().flatten())
    };
    let scale = Scale::over(shown.iter().flat_map(values));
    let earlier = std::iter::once(before).chain(shown.iter().map(Some));
    let rows: Vec<Row> = (0_u32..)
        .zip(shown.iter().zip(earlier))
        .map(|(place, (step, before))| row((place, shown.len()), step, before, scale))
        .collect();
    // A record without a score breaks the line.
    let pairs = rows.iter().zip(rows.iter().skip(1));
    let lines = pairs.filter_map(|(one, next)| {
        Some(Segment {
            x1: one.x.clone(),
            y1: one.y.clone()?,
            x2: next.x.clone(),
            y2: next.y.clone()?,
        })
    });
    Agent {
        name: Style::Plain.name(history.agent.as_str()),
        counted: crate::figures::counted(history.steps.len(), "record"),
        ticks: scale.upward().ticks(),
        lines: lines.collect(),
        rows,
    }
}

fn row((place, count): (u32, usize), step: &Step, before: Option<&Step>, scale: Scale) -> Row {
    let upward = scale.upward();
    let day: String = step.created.chars().take(10).collect();
    let commit: String = step.commit.chars().take(7).collect();
    let score = step.score.map_or_else(|| "no score".to_owned(), points);
    let range = step
        .interval
        .map(|bounds| bounds.map(|b| b.clamp(0.0, 10.0)));
    let between = range.map(|[lower, upper]| format!("{} to {}", points(lower), points(upper)));
    let moved = before.and_then(|before| moved(before, step));
    let label = format!("{day} {commit}: {score}");
    Row {
        x: middle(place, count),
        y: step.score.map(|score| upward.at(score)),
        range: range.map(|range| upward.line(range)),
        day: Style::Plain.text(&day),
        commit: Style::Plain.text(&commit),
        score,
        between: between.unwrap_or_default(),
        mark: match moved {
            Some(Move { noise: false, by }) if by < 0.0 => "down",
            Some(Move { noise: false, .. }) => "up",
            Some(Move { noise: true, .. }) | None => "",
        },
        moved: moved.map_or_else(String::new, |moved| change(moved.by)),
        model: Style::Plain.code(&step.model),
        by_hand: step
            .kept_because
            .as_deref()
            .map(|why| Style::Plain.text(why)),
        scheduled: step.scheduled,
        label: Style::Plain.text(&label),
    }
}

/// The middle of one of several columns of one width.
fn middle(place: u32, count: usize) -> String {
    let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    format!("{:.2}%", (f64::from(place) + 0.5) / count * 100.0)
}
