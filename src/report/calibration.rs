//! What `tunegate calibrate` prints: how far scores agree with people, in one table a kind of label.

use std::fmt::Write as _;

use serde::Serialize;

use super::escape;
use crate::calibration::{
    Agreement, Calibration, DimensionAgreement, Figure, Pairs, Rated, RatingsOf,
};
use crate::figures::{change, counted, points};

/// Of more agents than this the dimensions are left to the page and to `--json`.
const MOST_IN_FULL: usize = 6;
/// So many names are told of a longer list.
const MOST_NAMES: usize = 5;

/// The agreement for a terminal or a text file.
pub fn calibration(calibration: &Calibration) -> String {
    let mut text = String::new();
    for file in &calibration.labels {
        let path = escape::plain(&file.path);
        writeln!(text, "- {path}  {}", counted(file.labels, "label")).ok();
    }
    for one in tables(calibration) {
        write!(text, "\n{}", table(&one)).ok();
    }
    if let Some(pairs) = &calibration.overall.pairs {
        text.push_str(&beside(pairs));
    }
    for note in notes(calibration) {
        writeln!(text, "\nNote: {note}").ok();
    }
    writeln!(
        text,
        "\nIn brackets: the plausible range ({:.0} %).",
        calibration.level * 100.0
    )
    .ok();
    text
}

/// The numbers of one kind of label, a row for all labels, each agent and each dimension.
#[derive(Debug, Serialize)]
pub(super) struct Table {
    head: [&'static str; 5],
    rows: Vec<[String; 5]>,
}

/// Ratings, then preferences; without those of which there are none.
pub(super) fn tables(calibration: &Calibration) -> Vec<Table> {
    let all = rows(calibration);
    let rated = all.iter();
    let rated = Table {
        head: [
            "ratings",
            "answers",
            "rank correlation",
            "kappa",
            "score − rating",
        ],
        rows: rated
            .filter_map(|row| Some(rated_row(&row.name, row.rated?)))
            .collect(),
    };
    let pairs = all.iter();
    let pairs = Table {
        head: [
            "preferences",
            "pairs",
            "agreement",
            "of similar length",
            "longer wins (there)",
        ],
        rows: pairs
            .filter_map(|row| Some(pair_row(&row.name, row.pairs?)))
            .collect(),
    };
    let tables = [rated, pairs].into_iter();
    tables.filter(|table| !table.rows.is_empty()).collect()
}

struct Row<'c> {
    name: String,
    rated: Option<&'c Rated>,
    pairs: Option<&'c Pairs>,
}

fn rows(calibration: &Calibration) -> Vec<Row<'_>> {
    let mut rows = of("all", &calibration.overall);
    let agents = &calibration.agents;
    for agent in agents {
        let name = escape::plain(&agent.agent);
        if agents.len() > MOST_IN_FULL {
            rows.push(whole(&name, &agent.agreement));
        } else {
            rows.extend(of(&name, &agent.agreement));
        }
    }
    rows
}

fn whole<'c>(name: &str, agreement: &'c Agreement) -> Row<'c> {
    Row {
        name: name.to_owned(),
        rated: agreement.rated.as_ref(),
        pairs: agreement.pairs.as_ref(),
    }
}

fn of<'c>(name: &str, agreement: &'c Agreement) -> Vec<Row<'c>> {
    let whole = whole(name, agreement);
    let dimensions = agreement.dimensions.iter().map(|one| Row {
        name: format!("  {}", dimension(one)),
        rated: one.rated.as_ref(),
        pairs: one.pairs.as_ref(),
    });
    std::iter::once(whole).chain(dimensions).collect()
}

fn dimension(one: &DimensionAgreement) -> String {
    let name = escape::plain(one.dimension.as_str());
    match one.of {
        RatingsOf::Dimension => format!("{name} (its own labels)"),
        RatingsOf::Answer => name,
    }
}

fn rated_row(name: &str, rated: &Rated) -> [String; 5] {
    let signed = |figure: Figure| {
        let range = figure.range.map_or_else(String::new, |[lower, upper]| {
            format!(" ({} to {})", change(lower), change(upper))
        });
        format!("{}{range}", change(figure.value))
    };
    [
        name.to_owned(),
        rated.answers.to_string(),
        figure(rated.rank_correlation, correlation),
        figure(rated.kappa, correlation),
        rated.bias.map_or_else(none, signed),
    ]
}

fn pair_row(name: &str, pairs: &Pairs) -> [String; 5] {
    let similar = pairs.similar_length.as_ref();
    let longer = [
        pairs.longer_wins,
        similar.map(|similar| similar.longer_wins),
    ];
    let [all, there] = longer.map(|share| share.map_or_else(none, percent));
    [
        name.to_owned(),
        pairs.decided.to_string(),
        figure(pairs.accuracy, percent),
        similar.map_or_else(none, |similar| {
            let shown = figure(Some(similar.accuracy), percent);
            format!("{shown} of {}", similar.decided)
        }),
        format!("{all} ({there})"),
    ]
}

/// What the overall pairs come to beside the table.
fn beside(pairs: &Pairs) -> String {
    let mut text = String::new();
    let bands = pairs.by_difference.iter().map(|band| {
        format!(
            "{} to {}: {} of {}",
            points(band.from),
            points(band.to),
            percent(band.accuracy.value),
            band.decided
        )
    });
    let bands: Vec<String> = bands.collect();
    if !bands.is_empty() {
        let bands = bands.join(" · ");
        writeln!(text, "\nAgreement by difference of the scores: {bands}").ok();
    }
    let ties = counted(pairs.ties, "tie");
    let equal = counted(pairs.equal_scores, "pair");
    writeln!(
        text,
        "\n{ties} of people left out · {equal} with equal scores count half · similar length: less than 15 % apart"
    )
    .ok();
    text
}

pub(super) fn notes(calibration: &Calibration) -> Vec<String> {
    let mut notes = Vec::new();
    let strangers = calibration.agents.iter().filter(|agent| !agent.configured);
    let strangers: Vec<String> = strangers.map(|agent| escape::plain(&agent.agent)).collect();
    if !strangers.is_empty() {
        let profile = calibration.profile.as_deref().unwrap_or("standard");
        let more = match strangers.len().saturating_sub(MOST_NAMES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let named = strangers.iter().map(String::as_str).take(MOST_NAMES);
        let named: Vec<&str> = named.collect();
        notes.push(format!(
            "the configuration has no such agent, so the profile `{profile}` alone scored {}{more}",
            named.join(", ")
        ));
    }
    if calibration.overall.unscored > 0 {
        notes.push(format!(
            "{} could not be held against a score: the rules use no such dimension, or the case has no check",
            counted(calibration.overall.unscored, "label")
        ));
    }
    notes
}

fn figure(figure: Option<Figure>, written: impl Fn(f64) -> String) -> String {
    let Some(figure) = figure else {
        return none();
    };
    let value = written(figure.value);
    match figure.range {
        Some([lower, upper]) => format!("{value} ({} to {})", written(lower), written(upper)),
        None => value,
    }
}

/// From −1 to 1, and no change that would want a plus.
fn correlation(value: f64) -> String {
    points(value).replace('-', "−")
}

fn none() -> String {
    "–".to_owned()
}

/// A share as people read it: `71.4 %`.
fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Rows under their headings, columns padded to the widest cell.
fn table(table: &Table) -> String {
    let head = table.head.map(str::to_owned);
    let lines = || std::iter::once(&head).chain(&table.rows);
    let width = |place: usize| {
        let cells = lines().filter_map(|line| line.get(place));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let mut text = String::new();
    for line in lines() {
        let cells = line.iter().zip(0..).map(|(cell, place)| {
            let space = width(place) - cell.chars().count();
            format!("{cell}{}", " ".repeat(space))
        });
        let cells: Vec<String> = cells.collect();
        writeln!(text, "  {}", cells.join("  ").trim_end()).ok();
    }
    text
}
