//! Problems in files that people write: what is wrong, where, and what to write instead.
//!
//! Every reader collects all problems of a file before it gives up. Decides nothing but their order and their wording
//! of unknown names; values from user files are always shown shortened and with control characters escaped.

use std::fmt;

/// More than this many problems are counted, not printed.
const SHOWN: usize = 100;

/// One thing that is wrong in a file, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, relative to the repository's root.
    pub file: String,
    /// The line, from 1.
    pub line: Option<usize>,
    /// The column in characters, from 1.
    pub column: Option<usize>,
    /// The path of keys that leads to the value: `cases[1].checks[0].word-count.min`.
    pub key: Option<String>,
    /// What is wrong and what to write instead: lower case, no full stop.
    pub message: String,
}

impl Problem {
    /// A problem of a whole file.
    pub fn of_file(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: None,
            column: None,
            key: None,
            message: message.into(),
        }
    }

    /// The same problem at a line, and at a column where that is known.
    #[must_use]
    pub fn at(self, line: usize, column: Option<usize>) -> Self {
        Self {
            line: Some(line),
            column,
            ..self
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.file))?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        if let Some(key) = self.key.as_deref().filter(|key| !key.is_empty()) {
            write!(f, ": {}", printable(key))?;
        }
        write!(f, ": {}", printable(&self.message))
    }
}

/// All problems found in one reading, one a line when printed, sorted by place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Adds one.
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// True when nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them, sorted by file and place.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// The value if nothing is wrong, else everything that is, sorted by file and place.
    pub fn or<T>(mut self, value: Option<T>) -> Result<T, Self> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            Some(_) | None => {
                self.sort();
                Err(self)
            }
        }
    }

    fn sort(&mut self) {
        let place = |problem: &Problem| {
            let line = problem.line.unwrap_or(0);
            (problem.file.clone(), line, problem.column.unwrap_or(0))
        };
        self.0.sort_by_cached_key(place);
        self.0.dedup();
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl Extend<Problem> for Problems {
    fn extend<I: IntoIterator<Item = Problem>>(&mut self, problems: I) {
        self.0.extend(problems);
        self.sort();
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().take(SHOWN).enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n… and {more} more"),
        }
    }
}

impl std::error::Error for Problems {}

/// The known word that a mistyped one most likely means.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace('_', "-");
    let short: String = word.chars().take(80).collect();
    let typed = plain(&short);
    known
        .into_iter()
        .map(|candidate| {
            let candidate_typed = plain(candidate);
            let begun = typed.chars().count() > 2 && candidate_typed.starts_with(&typed);
            let distance = strsim::damerau_levenshtein(&typed, &candidate_typed);
            let distance = if begun { distance.min(1) } else { distance };
            (distance, candidate)
        })
        .filter(|(distance, candidate)| {
            let length = candidate.chars().count().max(typed.chars().count());
            *distance <= (length / 3).max(1) && *distance < candidate.chars().count()
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Says that a name is not known, with the nearest known one or, where none is near, all of them.
pub fn unknown(what: &str, found: &str, known: &[&str]) -> String {
    let found = shown(found);
    match nearest(&found, known.iter().copied()) {
        Some(near) => format!("unknown {what} `{found}`; did you mean `{near}`?"),
        None if known.is_empty() => format!("unknown {what} `{found}`; none is defined"),
        None => format!("unknown {what} `{found}`; known: {}", known.join(", ")),
    }
}

/// A value from a user's file as a message may show it: at most 60 characters, on one line.
pub fn shown(value: &str) -> String {
    let mut text: String = printable(value).chars().take(61).collect();
    if text.chars().count() > 60 {
        text.pop();
        text.push('…');
    }
    text
}

fn printable(text: &str) -> String {
    let escape = |c: char| -> String {
        if c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            c.escape_default().collect()
        } else {
            c.to_string()
        }
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_file_line_column_key_message() {
        let problem = Problem {
            key: Some("cases[1].checks[0].word-count.min".into()),
            ..Problem::of_file("suites/a.yaml", "expected a whole number, found \"high\"")
                .at(7, Some(18))
        };
        assert_eq!(
            problem.to_string(),
            "suites/a.yaml:7:18: cases[1].checks[0].word-count.min: expected a whole number, found \"high\""
        );
    }

    #[test]
    fn problems_come_in_the_order_of_the_file() {
        let mut problems = Problems::default();
        problems.push(Problem::of_file("a", "late").at(9, Some(1)));
        problems.push(Problem::of_file("a", "early").at(2, Some(7)));
        problems.push(Problem::of_file("a", "earlier").at(2, Some(3)));
        let printed = problems.or(Some(())).unwrap_err().to_string();
        assert_eq!(printed, "a:2:3: earlier\na:2:7: early\na:9:1: late");
    }

    #[test]
    fn a_line_break_in_a_value_cannot_start_a_new_line_of_output() {
        let problem = Problem::of_file("a", "found `x\n::error::forged`");
        assert_eq!(problem.to_string(), "a: found `x\\n::error::forged`");
    }

    #[test]
    fn a_mistyped_name_finds_its_nearest_and_a_strange_one_finds_none() {
        assert_eq!(nearest("max_dorp", ["max_drop", "floor"]), Some("max_drop"));
        assert_eq!(nearest("maxdrop", ["max_drop", "floor"]), Some("max_drop"));
        assert_eq!(nearest("starts_with", ["starts-with"]), Some("starts-with"));
        assert_eq!(
            nearest("api_key", ["kind", "api_key_env"]),
            Some("api_key_env")
        );
        assert_eq!(nearest("zebra", ["max_drop", "floor"]), None);
    }

    #[test]
    fn very_many_problems_are_counted() {
        let mut problems = Problems::default();
        problems.extend((1..=150).map(|line| Problem::of_file("a", "wrong").at(line, None)));
        assert!(
            problems
                .to_string()
                .ends_with("a:100: wrong\n… and 50 more")
        );
    }
}
