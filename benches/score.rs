//! What scoring and reading cost, in microseconds and megabytes a second of one core: `cargo bench --bench score`.
//!
//! Each row is the best of many repetitions, so that other work on the machine counts least. "First" is what a process
//! pays that has scored nothing yet: there the patterns of the checks are compiled.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and has nobody to hand an error to"
)]

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Deserialize;
use tunegate::score::{
    Answer, Check, CheckKind, Dimension, Expectation, LetterCase, Profile, Scoring, score,
};
use tunegate::suite::{self, Case, Suite};

/// How long a row is repeated.
const PATIENCE: Duration = Duration::from_millis(700);

const AGENTS: [&str; 5] = [
    "qa_agent",
    "content_agent",
    "legal_agent",
    "support_agent",
    "analyst_agent",
];

/// The sizes of an answer, in bytes.
const SIZES: [usize; 4] = [200, 1_500, 10_000, 10_000_000];

/// Lines of a file of cases.
const LINES: usize = 20_000;

#[derive(Deserialize)]
struct Recorded {
    case: String,
    answer: String,
}

/// A recorded answer, its case and its suite.
type Sample<'a> = (&'a Suite, &'a Case, &'a str);

fn main() {
    let started = Instant::now();
    let suites: Vec<Suite> = AGENTS.iter().map(|agent| suite_of(agent)).collect();
    row("five suites, read first", started.elapsed(), 0);
    let recorded: Vec<Vec<Recorded>> = AGENTS.iter().map(|agent| recorded(agent)).collect();
    let samples: Vec<Sample<'_>> = suites.iter().zip(&recorded).flat_map(paired).collect();
    standard(&samples);
    checks(samples[0].2);
    every_check(samples[0].2);
    lines();
}

fn paired<'a>((suite, recorded): (&'a Suite, &'a Vec<Recorded>)) -> Vec<Sample<'a>> {
    let case = |id: &str| {
        suite
            .cases
            .iter()
            .find(|case| case.id.as_str() == id)
            .map(AsRef::as_ref)
    };
    let samples = recorded.iter();
    samples
        .filter_map(|one| Some((suite, case(&one.case)?, one.answer.as_str())))
        .collect()
}

/// Profile `standard` over the recorded answers, and over one of them at several sizes.
fn standard(samples: &[Sample<'_>]) {
    let bytes: usize = samples.iter().map(|(_, _, answer)| answer.len()).sum();
    let all = || {
        for (suite, case, answer) in samples {
            points(suite, case, answer);
        }
    };
    let each = |time: Duration| time / u32::try_from(samples.len()).unwrap_or(1);
    let each_bytes = bytes / samples.len();
    let started = Instant::now();
    all();
    row(
        "recorded answer, first",
        each(started.elapsed()),
        each_bytes,
    );
    row("recorded answer", each(best(all)), each_bytes);
    let (suite, case, answer) = samples[samples.len() / 2];
    for size in SIZES {
        let answer = grown(answer, size);
        let time = best(|| points(suite, case, &answer));
        row(&format!("standard, {size} bytes"), time, answer.len());
    }
}

fn points(suite: &Suite, case: &Case, answer: &str) {
    let answer = Answer::new(answer);
    black_box(score(
        &suite.scoring,
        &case.expectation,
        case.prompt(),
        &answer,
    ));
}

/// Profile `checks` with three texts to look for.
fn checks(answer: &str) {
    let check = |text: &str| Check {
        kind: CheckKind::Contains(text.to_owned(), LetterCase::Ignored),
        negated: false,
        weight: 1.0,
        dimension: Dimension::QUALITY,
        required: false,
        label: None,
    };
    let scoring = Scoring {
        profile: Profile::Checks,
        ..Scoring::default()
    };
    let expectation = Expectation {
        checks: vec![check("refund"), check("zebra crossing"), check("account")],
        ..Expectation::default()
    };
    for size in SIZES {
        let answer = grown(answer, size);
        let answer = Answer::new(&answer);
        let time = best(|| {
            black_box(score(&scoring, &expectation, "", &answer));
        });
        row(&format!("checks, {size} bytes"), time, answer.text.len());
    }
}

/// One of every kind of check, each parser among them.
fn every_check(answer: &str) {
    let text = include_bytes!("../tests/data/every-check.yaml");
    let file = suite::read("every-check.yaml", text).expect("the suite can be read");
    let suite = file.finish(None).expect("the suite is whole");
    let case = &suite.cases[0];
    for size in SIZES {
        let answer = grown(answer, size);
        let time = best(|| points(&suite, case, &answer));
        row(&format!("every check, {size} bytes"), time, answer.len());
    }
}

/// A file of cases, read a line at a time.
fn lines() {
    let line = |n: usize| {
        format!(
            "{{\"id\":\"case-{n:06}\",\"prompt\":\"What should I do about ticket {n} when the customer asks for a \
             refund?\",\"keywords\":[\"refund\",[\"ticket\",\"case\"]],\"checks\":[{{\"contains\":\"refund\"}}],\
             \"reference\":\"Open the ticket, check the order and refund the amount within {} days.\"}}\n",
            n % 30
        )
    };
    let file: String = (0..LINES).map(line).collect();
    let time = best(|| {
        black_box(suite::read_cases("cases.jsonl", file.as_bytes()).is_ok());
    });
    let lines = u32::try_from(LINES).unwrap_or(1);
    row("case on a line, read", time / lines, file.len() / LINES);
}

fn best(mut work: impl FnMut()) -> Duration {
    work();
    let started = Instant::now();
    let mut best = Duration::MAX;
    while started.elapsed() < PATIENCE {
        let one = Instant::now();
        work();
        best = best.min(one.elapsed());
    }
    best
}

fn row(name: &str, time: Duration, bytes: usize) {
    let micros = time.as_secs_f64() * 1e6;
    #[expect(clippy::cast_precision_loss, reason = "sizes stay far below 2^52")]
    let speed = bytes as f64 / micros;
    println!("{name:28} {micros:10.1} µs {speed:8.1} MB/s");
}

/// The text, repeated up to a size.
fn grown(text: &str, size: usize) -> String {
    let mut grown = String::new();
    while grown.len() < size {
        grown.push_str(text);
        grown.push_str("\n\n");
    }
    let end = (0..=size).rev().find(|end| grown.is_char_boundary(*end));
    grown.truncate(end.unwrap_or(0));
    grown
}

fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn suite_of(agent: &str) -> Suite {
    let path = format!("suites/{agent}.yaml");
    let bytes = fs::read(at(&path)).expect("the suite is there");
    let file = suite::read(&path, &bytes).and_then(|file| file.finish(None));
    file.expect("the suite is valid")
}

fn recorded(agent: &str) -> Vec<Recorded> {
    let text = fs::read_to_string(at(&format!("recordings/{agent}.jsonl")));
    let text = text.expect("the recording is there");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a recorded line"))
        .collect()
}
