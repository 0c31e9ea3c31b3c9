//! How far scores agree with people, as a page of its own: score against rating, and agreement by how far two scores are
//! apart.

use serde::Serialize;

use super::frame::Frame;
use super::plot::{Scale, Tick};
use crate::calibration::{self, Agreement, Calibration, Cell};
use crate::figures::{counted, points};
use crate::report::calibration::{Table, notes, tables};
use crate::report::view::Style;
use crate::report::{ReportError, render};

/// Radius of the smallest circle, and what the largest has more.
const RADIUS: (f64, f64) = (3.0, 11.0);

#[derive(Serialize)]
struct Page {
    frame: Frame,
    title: String,
    files: Vec<String>,
    tables: Vec<Table>,
    parts: Vec<Part>,
    notes: Vec<String>,
    level: String,
}

/// The pictures of one agent, or of all labels.
#[derive(Serialize)]
pub(super) struct Part {
    name: String,
    ticks: Vec<Tick>,
    columns: Vec<Mark>,
    circles: Vec<Circle>,
    shares: Vec<Mark>,
    bands: Vec<Band>,
}

#[derive(Serialize)]
struct Mark {
    at: String,
    label: String,
}

/// Answers of about the same rating and score.
#[derive(Serialize)]
struct Circle {
    x: String,
    y: String,
    r: String,
    label: String,
}

/// Pairs whose scores are so far apart.
#[derive(Serialize)]
struct Band {
    x: String,
    y: String,
    upper: String,
    lower: String,
    name: String,
    label: String,
}

/// The page.
pub fn calibration(calibration: &Calibration) -> Result<String, ReportError> {
    let style = Style::Plain;
    let files = calibration.labels.iter();
    let of = |name: &str, agreement: &Agreement| {
        let rated = agreement.rated.as_ref();
        let pairs = agreement.pairs.as_ref();
        part(
            name,
            rated.map_or(&[], |rated| &*rated.cells),
            pairs.map_or(&[], |pairs| &*pairs.by_difference),
        )
    };
    let overall = of("all labels", &calibration.overall);
    let agents = calibration
        .agents
        .iter()
        .filter_map(|agent| of(&style.name(&agent.agent), &agent.agreement));
    render(
        "calibration.html",
        &Page {
            frame: Frame::without_script(),
            title: "How far scores agree with people".to_owned(),
            files: files.map(|file| style.text(&file.path)).collect(),
            tables: tables(calibration),
            parts: overall.into_iter().chain(agents).collect(),
            notes: notes(calibration),
            level: format!("{:.0} %", calibration.level * 100.0),
        },
    )
}

/// The pictures of an agreement; `None` where there is nothing to draw.
pub(super) fn part(
    name: &str,
    cells: &[Cell],
    by_difference: &[calibration::Band],
) -> Option<Part> {
    let whole = Scale::over([0.0, 10.0]);
    let (circles, bands) = (circles(cells), bands(by_difference));
    let columns = (0..=10).step_by(2).map(f64::from).map(|value| Mark {
        at: across(value / 10.0),
        label: format!("{value}"),
    });
    let shares = [0.0, 0.25, 0.5, 0.75, 1.0].map(|share: f64| Mark {
        at: whole.upward().at(share * 10.0),
        label: format!("{:.0} %", share * 100.0),
    });
    let any = !circles.is_empty() || !bands.is_empty();
    any.then(|| Part {
        name: name.to_owned(),
        ticks: whole.upward().ticks(),
        columns: columns.collect(),
        circles,
        shares: shares.into(),
        bands,
    })
}

/// With room at both ends for circles and labels.
fn across(share: f64) -> String {
    format!("{:.2}%", 6.0 + share * 88.0)
}

fn circles(cells: &[Cell]) -> Vec<Circle> {
    let upward = Scale::over([0.0, 10.0]).upward();
    let most = cells.iter().map(|cell| cell.answers).max();
    let most = crate::stats::count(most.unwrap_or(1));
    let circle = cells.iter().map(|cell| {
        let share = crate::stats::count(cell.answers) / most;
        Circle {
            x: across(cell.rating / 10.0),
            y: upward.at(cell.score),
            // The area says how many.
            r: format!("{:.1}", RADIUS.0 + RADIUS.1 * share.sqrt()),
            label: format!(
                "rating {:.1}, score {:.1}: {}",
                cell.rating,
                cell.score,
                counted(cell.answers, "answer")
            ),
        }
    });
    circle.collect()
}

fn bands(by_difference: &[calibration::Band]) -> Vec<Band> {
    let upward = Scale::over([0.0, 10.0]).upward();
    let count = crate::stats::count(by_difference.len());
    let bands = by_difference.iter().zip(0..).map(|(band, place)| {
        let value = band.accuracy.value;
        let [lower, upper] = band.accuracy.range.unwrap_or([value, value]);
        let name = format!("{} to {}", points(band.from), points(band.to));
        Band {
            x: across((crate::stats::count(place) + 0.5) / count),
            y: upward.at(value * 10.0),
            upper: upward.at(upper * 10.0),
            lower: upward.at(lower * 10.0),
            label: format!(
                "scores {name} apart: they and people agree in {:.1} % of {}",
                value * 100.0,
                counted(band.decided, "pair")
            ),
            name,
        }
    });
    bands.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibration::{Label, LabelFile, Reader, Scorer, Tally};
    use crate::score::{Digest, Profile};

    fn page(lines: &[&str]) -> String {
        let scorer = Scorer::new([], Some(Profile::SeedRules)).unwrap();
        let mut tally = Tally::default();
        for line in lines {
            let label: Label = Reader::default().json("l", line, 1).unwrap();
            let measured = scorer.measure(&label).unwrap();
            tally.add(&label, measured);
        }
        let file = LabelFile {
            path: "<img src=x>.jsonl".to_owned(),
            labels: lines.len(),
            digest: Digest::of(b""),
        };
        calibration(&tally.conclude(vec![file], None)).unwrap()
    }

    #[test]
    fn both_pictures_are_drawn_and_names_of_strangers_are_text() {
        let text = page(&[
            r#"{"prompt": "p", "answer": "a step", "rating": 1, "scale": [1, 5], "agent": "<script>x"}"#,
            r#"{"prompt": "p", "answer": "an example: step 1.", "rating": 5, "scale": [1, 5]}"#,
            r#"{"prompt": "p", "a": "an example: step 1.", "b": "no", "prefer": "a"}"#,
        ]);
        assert_eq!(text.matches("<circle").count(), 4, "{text}");
        assert!(text.contains("rating 10.0, score"), "{text}");
        assert!(text.contains("agree in 100.0 % of 1 pair"), "{text}");
        assert!(
            !text.contains("<img") && !text.contains("<script>x"),
            "{text}"
        );
        assert!(text.contains("script-src &#x27;none&#x27;") || text.contains("script-src 'none'"));
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert!(!page(&[]).contains("<svg"));
    }
}
