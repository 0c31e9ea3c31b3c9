//! What each code means, as the documentation has it: the reasons of a verdict, and what is found in training data. A
//! code without its page, and a page without an example and an advice, do not compile.

use std::fmt::Write as _;

use pulldown_cmark::{Event, LinkType, Parser, Tag, TagEnd};
use serde::Serialize;

use super::HOME;
use crate::corpus::Code;
use crate::record::ReasonCode;

const REASONS: &str = include_str!("../../docs/reasons.md");
const DATA: &str = include_str!("../../docs/training-data.md");

/// Columns of a line.
const WIDTH: usize = 88;

/// The page of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// The code.
    pub code: &'static str,
    /// What it does to the outcome, or how severe it is if nothing else is configured; in Markdown, as all that follows.
    pub effect: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// How it looks.
    pub example: &'static str,
    /// What to do about it.
    pub advice: &'static str,
    /// The file that it stands in, below `docs/`.
    #[serde(skip)]
    page: &'static str,
}

/// The page of a reason.
#[rustfmt::skip]
pub const fn reason(code: ReasonCode) -> Explained {
    match code {
        ReasonCode::AgentBelowFloor => const { of_reason("agent-below-floor") },
        ReasonCode::OverallBelowFloor => const { of_reason("overall-below-floor") },
        ReasonCode::DimensionBelowFloor => const { of_reason("dimension-below-floor") },
        ReasonCode::OverallNotProven => const { of_reason("overall-not-proven") },
        ReasonCode::FloorNotProven => const { of_reason("floor-not-proven") },
        ReasonCode::AgentRegressed => const { of_reason("agent-regressed") },
        ReasonCode::DimensionRegressed => const { of_reason("dimension-regressed") },
        ReasonCode::BelowPinned => const { of_reason("below-pinned") },
        ReasonCode::ChangeNotProven => const { of_reason("change-not-proven") },
        ReasonCode::AgentDropped => const { of_reason("agent-dropped") },
        ReasonCode::AgentImproved => const { of_reason("agent-improved") },
        ReasonCode::CaseNewlyFailed => const { of_reason("case-newly-failed") },
        ReasonCode::LatencyTooHigh => const { of_reason("latency-too-high") },
        ReasonCode::LatencyNotTested => const { of_reason("latency-not-tested") },
        ReasonCode::TooFewCases => const { of_reason("too-few-cases") },
        ReasonCode::NotCompared => const { of_reason("not-compared") },
        ReasonCode::TooManyUnanswered => const { of_reason("too-many-unanswered") },
        ReasonCode::SomeUnanswered => const { of_reason("some-unanswered") },
        ReasonCode::NothingScored => const { of_reason("nothing-scored") },
        ReasonCode::BudgetReached => const { of_reason("budget-reached") },
        ReasonCode::DeadlineReached => const { of_reason("deadline-reached") },
        ReasonCode::Interrupted => const { of_reason("interrupted") },
        ReasonCode::AgentRemoved => const { of_reason("agent-removed") },
        ReasonCode::ModelLocatorChanged => const { of_reason("model-locator-changed") },
        ReasonCode::ModelNotRetrained => const { of_reason("model-not-retrained") },
        ReasonCode::UnknownOrigin => const { of_reason("unknown-origin") },
        ReasonCode::AuditFinding => const { of_reason("audit-finding") },
        ReasonCode::NewAgent => const { of_reason("new-agent") },
        ReasonCode::PartOfRun => const { of_reason("part-of-run") },
        ReasonCode::JudgeMoved => const { of_reason("judge-moved") },
    }
}

const fn of_reason(code: &'static str) -> Explained {
    page((REASONS, "reasons.md"), "\n## ", "**Blocks:** ", code)
}

const fn of_finding(code: &'static str) -> Explained {
    page((DATA, "training-data.md"), "\n### ", "**Default:** ", code)
}

/// The pages of findings, in the order of [`Code::ALL`].
const FINDINGS: [Explained; Code::ALL.len()] = {
    let mut all = [of_finding(Code::ALL[0].as_str()); Code::ALL.len()];
    let mut at = 1;
    while at < all.len() {
        all[at] = of_finding(Code::ALL[at].as_str());
        at += 1;
    }
    all
};

/// The page of a code below a heading that begins so, in a document that names its effect so.
const fn page(
    (text, page): (&'static str, &'static str),
    heading: &str,
    label: &str,
    code: &'static str,
) -> Explained {
    let rest = below(text, heading, code);
    let rest = match find(rest, "\n## ") {
        Some(end) => rest.split_at(end).0,
        None => rest,
    };
    let rest = match find(rest, heading) {
        Some(end) => rest.split_at(end).0,
        None => rest,
    };
    let (_, rest) = cut(rest, label);
    let (effect, rest) = cut(rest, "\n\n");
    let (meaning, rest) = cut(rest, "\n\n**Example:** ");
    let (example, advice) = cut(rest, "\n\n**Do this:** ");
    let explained = Explained {
        code,
        effect: effect.trim_ascii(),
        meaning: meaning.trim_ascii(),
        example: example.trim_ascii(),
        advice: advice.trim_ascii(),
        page,
    };
    assert!(!explained.effect.is_empty() && !explained.meaning.is_empty());
    assert!(!explained.example.is_empty() && !explained.advice.is_empty());
    explained
}

/// What stands below the heading of a code.
const fn below(text: &'static str, heading: &str, code: &str) -> &'static str {
    let mut rest = text;
    loop {
        rest = cut(rest, heading).1;
        let (line, below) = cut(rest, "\n");
        if is(line.as_bytes(), 0, code.as_bytes()) && line.len() == code.len() {
            return below;
        }
    }
}

/// A text before and after another one that has to be in it.
const fn cut(text: &'static str, at: &str) -> (&'static str, &'static str) {
    match find(text, at) {
        Some(start) => (text.split_at(start).0, text.split_at(start + at.len()).1),
        None => panic!("a code has no page, or its page no example or no advice"),
    }
}

const fn find(text: &str, wanted: &str) -> Option<usize> {
    let (text, wanted) = (text.as_bytes(), wanted.as_bytes());
    let mut at = 0;
    while at + wanted.len() <= text.len() {
        if text[at] == wanted[0] && is(text, at, wanted) {
            return Some(at);
        }
        at += 1;
    }
    None
}

const fn is(text: &[u8], at: usize, wanted: &[u8]) -> bool {
    let mut step = 0;
    while step < wanted.len() && at + step < text.len() {
        if text[at + step] != wanted[step] {
            return false;
        }
        step += 1;
    }
    step == wanted.len()
}

/// The page of a code of either kind.
pub fn explained(code: &str) -> Option<Explained> {
    let finding = || FINDINGS.into_iter().find(|one| one.code == code);
    let known = serde_json::from_value::<ReasonCode>(code.into()).ok();
    known.map(reason).or_else(finding)
}

/// The codes of all pages: those of reasons, then those of findings.
pub fn codes() -> impl Iterator<Item = &'static str> {
    let reasons = REASONS.lines().filter_map(|line| line.strip_prefix("## "));
    reasons.chain(FINDINGS.into_iter().map(|one| one.code))
}

impl Explained {
    /// The page for a terminal: plain text with its links below.
    pub fn in_words(&self) -> String {
        let mut links = Vec::new();
        let mut text = format!("{}\n", self.code);
        for (label, part) in [
            ("Effect: ", self.effect),
            ("", self.meaning),
            ("Example: ", self.example),
            ("Do this: ", self.advice),
        ] {
            text.push('\n');
            text += &wrapped(&format!("{label}{}", plain(part, self.page, &mut links)));
        }
        let own = format!("{HOME}/blob/main/docs/{}#{}", self.page, self.code);
        text.push('\n');
        for (number, link) in (1..).zip(links) {
            writeln!(text, "[{number}] {link}").ok();
        }
        text += &own;
        text.push('\n');
        text
    }
}

/// Markdown without its marks; links become numbers.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the pages hold paragraphs, links and code"
)]
fn plain(markdown: &str, page: &str, links: &mut Vec<String>) -> String {
    let mut text = String::new();
    let mut target = None;
    for event in Parser::new(markdown) {
        match event {
            Event::Text(part) => text += &part,
            Event::Code(code) => {
                write!(text, "`{code}`").ok();
            }
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::Start(Tag::Paragraph) if !text.is_empty() => text += "\n\n",
            Event::Start(Tag::Item) => text += "\n- ",
            Event::Start(Tag::Link {
                link_type: LinkType::Inline,
                dest_url,
                ..
            }) => target = Some(absolute(&dest_url, page)),
            Event::End(TagEnd::Link) => {
                if let Some(target) = target.take() {
                    let known = links.iter().position(|link| *link == target);
                    let number = known.unwrap_or_else(|| {
                        links.push(target);
                        links.len() - 1
                    });
                    write!(text, " [{}]", number + 1).ok();
                }
            }
            _ => {}
        }
    }
    text
}

fn absolute(target: &str, page: &str) -> String {
    match target {
        target if target.contains("://") => target.to_owned(),
        target if target.starts_with('#') => format!("{HOME}/blob/main/docs/{page}{target}"),
        target => format!("{HOME}/blob/main/docs/{target}"),
    }
}

/// Lines of at most [`WIDTH`] columns.
fn wrapped(text: &str) -> String {
    let mut wrapped = String::new();
    for line in text.lines() {
        let mut columns = 0;
        for word in line.split(' ') {
            let width = word.chars().count();
            if columns > 0 && columns + 1 + width > WIDTH {
                wrapped.push('\n');
                columns = 0;
            } else if columns > 0 {
                wrapped.push(' ');
                columns += 1;
            }
            wrapped += word;
            columns += width;
        }
        wrapped.push('\n');
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_that_is_listed_has_its_page() {
        let all: Vec<&str> = codes().collect();
        assert!(all.len() > 50, "{}", all.len());
        for code in all {
            let page = explained(code).unwrap();
            assert_eq!(page.code, code);
            assert!(!page.meaning.contains("**"), "{page:?}");
        }
        assert_eq!(explained("agent-regresed"), None);
    }

    #[test]
    fn a_page_reads_as_plain_text_with_its_links_below() {
        let page = explained("floor-not-proven").unwrap().in_words();
        let lines: Vec<&str> = page.lines().collect();
        assert_eq!(lines[0], "floor-not-proven");
        assert!(
            lines[2].starts_with(
                "Effect: could not measure (exit 4) with `gate.on_inconclusive: fail`"
            ),
            "{page}"
        );
        assert!(page.contains("write more prompts [1]"), "{page}");
        assert!(
            page.contains(
                "[1] https://github.com/tunegate/tunegate/blob/main/docs/gate.md#how-many-prompts\n"
            ),
            "{page}"
        );
        assert!(
            page.ends_with("/docs/reasons.md#floor-not-proven\n"),
            "{page}"
        );
        for line in lines.iter().filter(|line| !line.contains("https://")) {
            assert!(line.chars().count() <= WIDTH, "{line}");
        }
    }
}
