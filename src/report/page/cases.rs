//! The cases of a page, as data for its script: written some at a time, so that a record of many cases never has all of
//! its words in memory.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::{PageError, Words};
use crate::figures::{change, points};
use crate::record::{
    Against, AgentRecord, CaseRecord, Comparison, PairedCase, Points, RunRecord, SampleRecord,
    SampleStatus, SampleText,
};
use crate::report::view::{Style, beside_floor};
use crate::report::{Answers, Context, escape};
use crate::score::canonical;
use crate::suite::{CaseId, Role};

/// So many cases have their words in memory at once.
const AT_ONCE: usize = 500;
/// A browser shows a page of so long answers; whoever wants the rest finds it in the record.
const MOST_CHARS: usize = 20_000;

/// A case with its words, and what other models said to it.
#[derive(Debug)]
pub struct Told {
    /// The case.
    pub case: CaseRecord,
    /// What the model before answered, the weakest of its answers.
    pub old: Option<String>,
    /// The same of the model that the agent's models are made from.
    pub base: Option<String>,
}

/// What the script needs to know of an agent.
#[derive(Serialize)]
struct Agent<'a> {
    name: &'a str,
    old: bool,
    base: bool,
}

#[derive(Serialize)]
struct Case {
    agent: usize,
    id: String,
    messages: Vec<Said>,
    expected: Option<Text>,
    tags: Vec<String>,
    /// Why it decides nothing; absent where it does.
    aside: Option<&'static str>,
    below: bool,
    now: Figure,
    old: Figure,
    base: Figure,
    change: Figure,
    dimensions: Vec<Dimension>,
    excluded: Option<String>,
    samples: Vec<Sample>,
    old_answer: Option<Text>,
    base_answer: Option<Text>,
}

/// A number to sort by, and as it is shown.
#[derive(Default, Serialize)]
struct Figure(Option<f64>, String);

#[derive(Serialize)]
struct Said {
    role: Role,
    text: Text,
}

/// The start of a text, and how many characters follow.
#[derive(Serialize)]
struct Text(String, usize);

#[derive(Serialize)]
struct Dimension {
    name: String,
    now: String,
    old: Option<String>,
}

#[derive(Serialize)]
struct Sample {
    score: Option<String>,
    why: Option<String>,
    answer: Option<Text>,
    lost: Vec<String>,
    failed: Vec<String>,
}

/// Of one agent what a case is looked up in.
struct Beside<'a> {
    place: usize,
    agent: &'a AgentRecord,
    old: HashMap<&'a CaseId, &'a PairedCase>,
    base: HashMap<&'a CaseId, f64>,
    excluded: HashMap<&'a CaseId, &'a str>,
}

pub(super) fn write<E>(
    record: &RunRecord,
    context: &Context,
    words: &mut Words<'_, E>,
    out: &mut impl Write,
) -> Result<(), PageError<E>> {
    let asked: Vec<Beside<'_>> = record.touched().enumerate().map(Beside::of).collect();
    let agents: Vec<Agent<'_>> = asked.iter().map(Beside::told).collect();
    let hidden = context.answers == Answers::Hidden;
    write!(out, "{{\"hidden\":{hidden},\"agents\":")?;
    inert(&agents, out)?;
    out.write_all(b",\"cases\":[")?;
    let mut comma = "\n";
    for beside in &asked {
        let count = beside.agent.cases.len();
        for from in (0..count).step_by(AT_ONCE) {
            let range = from..count.min(from + AT_ONCE);
            for told in words(&beside.agent.name, range).map_err(PageError::Words)? {
                out.write_all(comma.as_bytes())?;
                inert(&beside.case(told, hidden), out)?;
                comma = ",\n";
            }
        }
    }
    Ok(out.write_all(b"]}")?)
}

/// JSON in which no browser finds an end of the element, a comment or a new line. All of these stand in strings alone.
fn inert(value: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    let text = serde_json::to_string(value)?;
    let mut rest = text.as_str();
    while let Some(place) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
        let (before, from) = rest.split_at(place);
        out.write_all(before.as_bytes())?;
        let mut following = from.chars();
        if let Some(special) = following.next() {
            write!(out, "\\u{:04x}", u32::from(special))?;
        }
        rest = following.as_str();
    }
    out.write_all(rest.as_bytes())
}

impl<'a> Beside<'a> {
    fn of((place, agent): (usize, &'a AgentRecord)) -> Self {
        let held = agent.comparison.as_ref();
        let pairs = |held: Option<&'a Comparison>| held.into_iter().flat_map(|held| &held.cases);
        let mut others = agent.comparisons.iter();
        let base = others.find(|held| held.against == Against::BaseModel);
        let excluded = held.into_iter().flat_map(|held| &held.excluded);
        Self {
            place,
            agent,
            old: pairs(held).map(|pair| (&pair.id, pair)).collect(),
            base: pairs(base).map(|pair| (&pair.id, pair.old)).collect(),
            excluded: excluded.map(|one| (&one.id, one.why.as_str())).collect(),
        }
    }

    fn told(&self) -> Agent<'a> {
        Agent {
            name: self.agent.name.as_str(),
            old: !self.old.is_empty(),
            base: !self.base.is_empty(),
        }
    }

    fn case(&self, told: Told, hidden: bool) -> Case {
        let Told { case, old, base } = told;
        let pair = self.old.get(&case.id).copied();
        let text = case.text.as_deref();
        let shown = |answer: Option<String>| answer.filter(|_| !hidden).map(|text| cut(&text));
        Case {
            agent: self.place,
            messages: text
                .into_iter()
                .flat_map(|text| &text.messages)
                .map(|message| Said {
                    role: message.role,
                    text: cut(&message.content),
                })
                .collect(),
            expected: text.and_then(|text| expected(&text.expectation)),
            tags: text
                .into_iter()
                .flat_map(|text| &text.tags)
                .map(|tag| escape::lines(tag))
                .collect(),
            aside: aside(&case),
            below: case
                .score
                .zip(self.agent.floor)
                .is_some_and(|(score, floor)| crate::figures::below(score, floor)),
            now: Figure::of(case.score, |score| beside_floor(self.agent, score)),
            old: Figure::of(pair.map(|pair| pair.old), points),
            base: Figure::of(self.base.get(&case.id).copied(), points),
            change: Figure::of(pair.map(|pair| pair.new - pair.old), change),
            dimensions: dimensions(&case.dimensions, pair.map(|pair| &pair.old_dimensions)),
            excluded: self.excluded.get(&case.id).map(|why| escape::lines(why)),
            samples: case
                .samples
                .iter()
                .map(|sample| shown_sample(sample, hidden))
                .collect(),
            old_answer: shown(old),
            base_answer: shown(base),
            id: escape::lines(case.id.as_str()),
        }
    }
}

impl Figure {
    fn of(value: Option<f64>, shown: impl Fn(f64) -> String) -> Self {
        Self(value, value.map_or_else(|| "–".to_owned(), shown))
    }
}

const fn aside(case: &CaseRecord) -> Option<&'static str> {
    match (case.new, case.draft) {
        (true, _) => Some("new in this pull request, decides nothing"),
        (false, true) => Some("draft, decides nothing"),
        (false, false) => None,
    }
}

fn cut(text: &str) -> Text {
    let text = escape::lines(text);
    match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => {
            let (start, rest) = text.split_at(end);
            Text(start.to_owned(), rest.chars().count())
        }
        None => Text(text, 0),
    }
}

fn expected(expectation: &Value) -> Option<Text> {
    let said = match expectation {
        Value::Object(members) => members.values().any(|value| !value.is_null()),
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => true,
    };
    // In canonical order: a page made again from its record says the same.
    let sorted = || serde_json::from_slice::<Value>(&canonical(expectation).ok()?).ok();
    let text = said.then(|| serde_json::to_string_pretty(&sorted()?).ok());
    text.flatten().map(|text| cut(&text))
}

fn dimensions(now: &Points, old: Option<&Points>) -> Vec<Dimension> {
    let before: BTreeMap<_, f64> = old.into_iter().flat_map(Points::iter).collect();
    let told = now.iter().map(|(name, value)| Dimension {
        name: Style::Plain.text(name.as_str()),
        now: points(value),
        old: before.get(&name).map(|value| points(*value)),
    });
    told.collect()
}

fn shown_sample(sample: &SampleRecord, hidden: bool) -> Sample {
    let text = sample.text.as_deref();
    let failed = text
        .into_iter()
        .flat_map(|text| &text.checks)
        .filter(|check| !check.pass);
    let lost = text.into_iter().flat_map(|text| &text.lost);
    let why = text
        .and_then(|text| text.why.as_deref())
        .map(|why| Style::Plain.text(why));
    let missing = match sample.status {
        SampleStatus::Scored => None,
        SampleStatus::Unanswered => Some("no answer came"),
        SampleStatus::Unscored => Some("the answer could not be scored"),
    };
    Sample {
        score: sample.score.map(points),
        why: why.or_else(|| missing.map(str::to_owned)),
        answer: text
            .filter(|_| !hidden)
            .and_then(SampleText::said)
            .map(|said| cut(&said)),
        lost: lost
            .map(|loss| {
                let alone = text.filter(|_| hidden);
                let why = alone.map_or(&*loss.why, |text| text.reason_without_judge(loss));
                let told = format!("{} −{}: {why}", loss.dimension, points(loss.points));
                Style::Plain.text(&told)
            })
            .collect(),
        failed: failed.map(|check| Style::Plain.text(&check.what)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_could_read_as_markup_is_written_otherwise_and_means_the_same() {
        let hostile = "</script><!-- <script>\u{2028}&amp;";
        let mut out = Vec::new();
        inert(&hostile, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(!text.contains(['<', '>', '&', '\u{2028}']), "{text}");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
    }

    #[test]
    fn a_long_answer_is_cut_at_a_character_and_the_rest_is_counted() {
        let Text(start, more) = cut(&"ä".repeat(MOST_CHARS + 7));
        assert_eq!((start.chars().count(), more), (MOST_CHARS, 7));
    }

    #[test]
    fn an_expectation_without_content_is_none() {
        assert!(expected(&serde_json::json!({})).is_none());
        assert!(expected(&serde_json::json!({"reference": null})).is_none());
        assert!(expected(&serde_json::json!({"reference": "x"})).is_some());
    }
}
