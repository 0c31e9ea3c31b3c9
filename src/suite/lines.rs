//! Cases as JSON lines, the file that `cases_from` names: all of them, or one again by its place.
//!
//! What a case may hold is decided in `read`, for lines and YAML alike. A line means the same alone and in its file.

use super::Case;
use super::read::{Placed, case};
use crate::problem::{Problem, Problems};
use crate::score::Profile;
use crate::yaml::{self, Log, Spot};

/// The cases in a file of JSON lines, or every problem in it.
pub fn read_cases(path: &str, bytes: &[u8]) -> Result<Vec<Case>, Problems> {
    let log = Log::new(path);
    let cases = cases(&log, bytes, Profile::Standard);
    log.or(Some(cases.into_iter().map(|(case, _)| case).collect()))
}

/// The case on one line of a file of JSON lines, or every problem in it; the line's number is for the problems.
pub fn read_case(
    path: &str,
    line: &str,
    number: usize,
    profile: Profile,
) -> Result<Case, Problems> {
    let log = Log::new(path);
    let case = match yaml::text_of_any_size(path, line.as_bytes()) {
        Ok(text) => json_line(&log, text, number, profile),
        Err(problem) => {
            let column = problem.column;
            log.push(problem.at(number, column));
            None
        }
    };
    log.or(case.map(|(case, _)| case))
}

/// The cases in a file of JSON lines with the numbers of their lines; problems go to the log.
pub(super) fn cases(log: &Log, bytes: &[u8], profile: Profile) -> Vec<Placed> {
    let text = match yaml::text_of_any_size(log.file(), bytes) {
        Ok(text) => text,
        Err(problem) => {
            log.push(problem);
            return Vec::new();
        }
    };
    text.split('\n')
        .zip(1..)
        .filter(|(line, _)| !line.trim().is_empty())
        .filter_map(|(line, number)| json_line(log, line, number, profile))
        .collect()
}

/// The case on one line; problems go to the log.
pub(super) fn json_line(log: &Log, line: &str, number: usize, profile: Profile) -> Option<Placed> {
    let report = |problem: Problem| log.push(problem);
    let node = yaml::json(log.file(), line, number).map_err(report).ok()?;
    case(&Spot::root(log, &node), profile)
}
