//! One row of a file of labels, as a label or with everything that is wrong with it.

use serde_json::Value;

use super::columns::{Columns, KEYS};
use super::{Judged, Label, Preferred, Scale, field};
use crate::problem::{Problem, nearest, shown};
use crate::score::Dimension;
use crate::suite;

/// How rows are read.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    /// Other names of the parts.
    pub columns: Columns,
    /// The scale of ratings whose row names none.
    pub scale: Option<Scale>,
    /// The agent of rows that name none.
    pub agent: Option<String>,
    /// The preference in rows that name none: of files whose first answer is always the better one.
    pub prefer: Option<Preferred>,
}

impl Reader {
    /// The label on a line of JSON.
    pub fn json(&self, file: &str, text: &str, line: usize) -> Result<Label, Vec<Problem>> {
        let row: Value = serde_json::from_str(text).map_err(|why| {
            let full = why.to_string();
            let message = full.split(" at line ").next().unwrap_or_default();
            let problem = Problem::of_file(file, format!("not valid JSON: {message}"));
            vec![problem.at(line, Some(why.column().max(1)))]
        })?;
        self.row(file, &row, line)
    }

    /// The label in a row of fields by name.
    pub fn row(&self, file: &str, row: &Value, line: usize) -> Result<Label, Vec<Problem>> {
        let mut reading = Reading {
            reader: self,
            row,
            problems: Vec::new(),
        };
        let label = reading.label();
        let at_line = |(key, message): (Option<String>, String)| Problem {
            key,
            ..Problem::of_file(file, message).at(line, None)
        };
        match label {
            Some(label) if reading.problems.is_empty() => Ok(label),
            Some(_) | None => Err(reading.problems.into_iter().map(at_line).collect()),
        }
    }
}

struct Reading<'r> {
    reader: &'r Reader,
    row: &'r Value,
    /// Each with its key.
    problems: Vec<(Option<String>, String)>,
}

impl Reading<'_> {
    fn label(&mut self) -> Option<Label> {
        if !self.row.is_object() {
            let message = "expected an object with `prompt` and either `answer` and `rating` or `a`, `b` and `prefer`";
            self.problems.push((None, message.to_owned()));
            return None;
        }
        let rated = self.find("rating").is_some();
        let compared = self.find("prefer").is_some() || self.reader.prefer.is_some();
        let judged = match (rated, compared) {
            (true, false) => self.rated(),
            (false, true) => self.pair(),
            (true, true) => {
                let message = "a label has a rating or a preference, not both; name the columns that are meant by `--map`";
                self.problems.push((None, message.to_owned()));
                None
            }
            (false, false) => {
                self.absent("rating", "neither a rating nor `prefer` is there");
                None
            }
        };
        let key = if self.find("messages").is_some() && self.find("prompt").is_none() {
            "messages"
        } else {
            "prompt"
        };
        let prompt = self.text(key, "user");
        let agent = match self.find("agent") {
            Some(_) => self.text("agent", "user"),
            None => self.reader.agent.clone(),
        };
        let dimension = self.dimension();
        Some(Label {
            prompt: prompt?,
            agent,
            dimension,
            judged: judged?,
        })
    }

    fn rated(&mut self) -> Option<Judged> {
        let answer = self.text("answer", "assistant");
        let scale = match self.find("scale") {
            Some(value) => self.read("scale", field::scale(value)),
            None => self.reader.scale.or_else(|| {
                let message = "the scale of the rating is not there; add `scale: [1, 5]` to the label or `--scale 1:5` to the command";
                self.problems.push((None, message.to_owned()));
                None
            }),
        };
        let rating = self.find("rating").map(field::rating)?;
        let rating = self.read("rating", rating);
        let (scale, rating) = (scale?, rating?);
        let rating = self.read("rating", scale.points(rating))?;
        Some(Judged::Rated {
            answer: answer?,
            rating,
            step: scale.step(),
        })
    }

    fn pair(&mut self) -> Option<Judged> {
        let (a, b) = (self.text("a", "assistant"), self.text("b", "assistant"));
        let columns = &self.reader.columns;
        let names = [columns.name("a"), columns.name("b")];
        let preferred = match self.find("prefer") {
            Some(value) => self.read("prefer", field::preferred(value, names)),
            None => self.reader.prefer,
        };
        Some(Judged::Pair {
            a: a?,
            b: b?,
            preferred: preferred?,
        })
    }

    fn dimension(&mut self) -> Option<Dimension> {
        self.find("dimension")?;
        let name = self.text("dimension", "user")?;
        self.read("dimension", suite::dimension(&name))
    }

    fn text(&mut self, key: &str, speaker: &str) -> Option<String> {
        let Some(value) = self.find(key) else {
            self.absent(key, "is not there");
            return None;
        };
        self.read(key, field::text(value, speaker))
    }

    fn find(&self, key: &str) -> Option<&'_ Value> {
        self.reader.columns.find(self.row, key)
    }

    fn read<T>(&mut self, key: &str, read: Result<T, String>) -> Option<T> {
        let name = self.reader.columns.name(key).to_owned();
        read.map_err(|message| self.problems.push((Some(name), message)))
            .ok()
    }

    /// Says what is missing, and what there is in its place.
    fn absent(&mut self, key: &str, what: &str) {
        let names = self.row.as_object().into_iter().flat_map(|row| row.keys());
        let mut names: Vec<&str> = names
            .map(String::as_str)
            .filter(|name| !KEYS.contains(name))
            .collect();
        names.sort_unstable();
        let near = nearest(key, names.iter().copied());
        let hint = match (near, names.first()) {
            (Some(near), _) => format!("; did you mean `--map {key}={}`?", shown(near)),
            (None, Some(_)) => format!(
                "; name its column, as in `--map {key}={}`: the line has {}",
                shown(names.first().copied().unwrap_or_default()),
                shown(&names.join(", "))
            ),
            (None, None) => String::new(),
        };
        let name = self.reader.columns.name(key);
        let key = what.starts_with("is").then(|| name.to_owned());
        self.problems.push((key, format!("{what}{hint}")));
    }
}
