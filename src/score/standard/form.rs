//! Decides whether an answer comes in a form, from its parsed Markdown. What that is worth is decided in `format`.

use super::page::{Block, Fence, Place};
use super::phrases::{CUES, GREETINGS, SIGN_OFFS};
use super::{View, word_count};
use crate::score::{Form, json};

/// The length of a tweet.
const TWEET: usize = 280;

/// How much of a form an answer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// All of it.
    Full,
    /// With what is wrong.
    Half(&'static str),
    /// With what is there instead.
    Missing(&'static str),
}

/// How much of a form an answer has.
pub(super) fn fit(form: Form, view: &View<'_>) -> Fit {
    match form {
        Form::Prose => prose(view),
        Form::Steps => steps(view),
        Form::List => list(view),
        Form::Table => table(view),
        Form::Code => code(view),
        Form::Json => json(view),
        Form::Email => email(view),
        Form::Tweet => tweet(view),
        Form::Outline => outline(view),
        Form::Script => script(view),
    }
}

/// `Full`, `Half` or `Missing` by a count.
fn enough(count: usize, wanted: usize, half: &'static str, missing: &'static str) -> Fit {
    if count >= wanted {
        Fit::Full
    } else if 2 * count >= wanted {
        Fit::Half(half)
    } else {
        Fit::Missing(missing)
    }
}

fn prose(view: &View<'_>) -> Fit {
    if view.is_structure() {
        return Fit::Missing("is JSON");
    }
    let words = |wanted: fn(&Block) -> bool| -> usize {
        let blocks = view.page.blocks.iter().filter(|block| wanted(block));
        blocks.map(|block| block.words).sum()
    };
    let running = words(|block| block.place == Place::Paragraph);
    let code = view.page.codes.iter().map(|code| word_count(&code.text));
    let all = words(|_| true) + code.sum::<usize>();
    enough(
        running,
        all.div_ceil(2).max(1),
        "half of it is lists, tables or code",
        "is lists, tables or code rather than running text",
    )
}

fn steps(view: &View<'_>) -> Fit {
    let named = view
        .page
        .blocks
        .iter()
        .filter(|block| opens_step(view, block));
    let count = view.page.numbered.max(named.count());
    let fit = enough(
        count,
        3,
        "fewer than three numbered steps",
        "no numbered steps",
    );
    match fit {
        Fit::Missing(_) | Fit::Half(_) if glued(view.text) >= 3 => {
            Fit::Half("numbers within running text")
        }
        Fit::Missing(_) if view.page.bullets >= 3 => Fit::Half("bullets without numbers"),
        Fit::Full | Fit::Half(_) | Fit::Missing(_) => fit,
    }
}

/// "Step 2: …", or a heading that starts with its number.
fn opens_step(view: &View<'_>, block: &Block) -> bool {
    let mut words = view.page.text(block).split_whitespace();
    let first = words.next().unwrap_or_default();
    let is_number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    match block.place {
        Place::Heading if is_number(first) => true,
        Place::Heading | Place::Paragraph => {
            first.eq_ignore_ascii_case("step") && words.next().is_some_and(is_number)
        }
        Place::Item | Place::Cell => false,
    }
}

/// The highest N for which `1.`, `2.` … `N.` (or `1)` …) stand in the text in order, each as a word of its own.
fn glued(text: &str) -> usize {
    let mut reached = 0_usize;
    for word in text.split_whitespace() {
        let word = word
            .trim_start_matches(['*', '_', '('])
            .trim_end_matches(['*', '_']);
        let number = word.strip_suffix(['.', ')', ':']);
        if number.and_then(|n| n.parse().ok()) == Some(reached + 1) {
            reached += 1;
        }
    }
    reached
}

fn list(view: &View<'_>) -> Fit {
    let drawn = view.text.lines().filter(|line| {
        line.trim_start()
            .starts_with(['•', '◦', '▪', '–', '☐', '✅'])
    });
    let count = (view.page.bullets + view.page.numbered).max(drawn.count());
    let fit = enough(count, 3, "fewer than three entries", "no list");
    match fit {
        Fit::Missing(_) if glued(view.text) >= 3 => Fit::Half("numbers within running text"),
        Fit::Missing(_) if view.text.matches(" • ").count() >= 2 => {
            Fit::Half("bullets within running text")
        }
        Fit::Full | Fit::Half(_) | Fit::Missing(_) => fit,
    }
}

fn table(view: &View<'_>) -> Fit {
    let rows = view.page.tables.iter().copied().max().unwrap_or(0);
    let piped = view
        .text
        .lines()
        .filter(|line| line.matches('|').count() >= 2);
    if rows >= 2 {
        Fit::Full
    } else if !view.page.tables.is_empty() {
        Fit::Half("fewer than two rows")
    } else if piped.count() >= 3 || view.text.matches("<tr").count() >= 3 {
        Fit::Half("columns that Markdown does not show as a table")
    } else {
        Fit::Missing("no table")
    }
}

fn code(view: &View<'_>) -> Fit {
    let holds = |fence: Fence| {
        let mut codes = view.page.codes.iter();
        codes.any(|code| code.fence == fence && !code.text.trim().is_empty())
    };
    let looks_like_code = |line: &&str| {
        let line = line.trim();
        line.ends_with(['{', '}', ';']) || line.ends_with("):") || line.starts_with("import ")
    };
    if holds(Fence::Closed) {
        Fit::Full
    } else if holds(Fence::Open) {
        Fit::Half("the code block is never closed")
    } else if holds(Fence::Absent) || view.text.lines().filter(looks_like_code).count() >= 3 {
        Fit::Half("code outside of a fenced block")
    } else {
        Fit::Missing("no code block")
    }
}

fn json(view: &View<'_>) -> Fit {
    if view.is_structure() {
        Fit::Full
    } else if json::surrounded_structure(view.text) {
        Fit::Half("other text around the JSON")
    } else {
        Fit::Missing("does not parse as a JSON object or array")
    }
}

/// Lines that hold something, without Markdown's marks, in lower case.
fn lines(text: &str) -> Vec<String> {
    let bare = |line: &str| {
        line.replace(['*', '_', '#', '>', '|'], "")
            .trim()
            .to_lowercase()
    };
    text.lines()
        .map(bare)
        .filter(|line| !line.is_empty())
        .collect()
}

/// Lines of a mail within which its subject and greeting stand, and its sign-off from the end: footers come after it.
const MAIL_EDGE: usize = 6;

/// A longer line is a sentence, not a greeting or a sign-off.
const MAIL_LINE: usize = 60;

fn email(view: &View<'_>) -> Fit {
    let lines = lines(view.text);
    let opens = |line: &String, words: &[&str]| {
        let starts = |word: &&str| {
            let rest = line.strip_prefix(word);
            rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        };
        line.chars().count() <= MAIL_LINE && words.iter().any(starts)
    };
    let mut top = lines.iter().take(MAIL_EDGE);
    let subject = top.any(|line| line.starts_with("subject"));
    let greeting = lines
        .iter()
        .take(MAIL_EDGE)
        .any(|line| opens(line, &GREETINGS));
    let mut bottom = lines.iter().skip(1).rev().take(MAIL_EDGE);
    let sign_off = bottom.any(|line| opens(line, &SIGN_OFFS));
    match (subject, greeting, sign_off) {
        (true, true, true) => Fit::Full,
        (false, true, true) => Fit::Half("no subject line"),
        (true, false, true) => Fit::Half("no greeting"),
        (true, true, false) => Fit::Half("no sign-off"),
        _ => Fit::Missing("hardly a subject line, greeting or sign-off"),
    }
}

fn tweet(view: &View<'_>) -> Fit {
    let text = view.text.trim();
    let one_paragraph = view.page.blocks.len() <= 1 && !text.contains("\n\n");
    match (text.chars().count() <= TWEET, one_paragraph) {
        (true, true) => Fit::Full,
        (true, false) => Fit::Half("more than one paragraph"),
        (false, true) if text.chars().count() <= TWEET * 5 / 4 => {
            Fit::Half("more than 280 characters")
        }
        (false, _) => Fit::Missing("more than 280 characters"),
    }
}

fn outline(view: &View<'_>) -> Fit {
    let with_points = |sections: &[usize]| sections.iter().filter(|points| **points > 0).count();
    let page = &view.page;
    let count = with_points(&page.under_headings).max(with_points(&page.under_numbers));
    let sections = page.under_headings.len().max(page.numbered);
    let fit = enough(
        count,
        4,
        "fewer than four sections with points",
        "no sections with points",
    );
    match fit {
        Fit::Missing(_) if sections >= 4 || page.bullets >= 4 => {
            Fit::Half("sections without points under them")
        }
        Fit::Full | Fit::Half(_) | Fit::Missing(_) => fit,
    }
}

fn script(view: &View<'_>) -> Fit {
    let cues = view.text.lines().filter(|line| is_cue(line)).count();
    enough(
        cues,
        3,
        "fewer than three time stamps or cues",
        "no time stamps, scenes or speakers",
    )
}

/// A line with a time stamp, or one that opens with a scene or a speaker.
fn is_cue(line: &str) -> bool {
    let bare = line
        .trim_start_matches(|c: char| !c.is_alphanumeric() && c != '[')
        .trim();
    let lower = bare.to_lowercase();
    let opens = |cue: &&str| {
        let rest = lower.strip_prefix(*cue);
        rest.is_some_and(|rest| rest.trim_start_matches('*').starts_with([':', ' ', '(']))
    };
    let speaker = bare.split_once(':').is_some_and(|(name, _)| {
        let letters = || name.chars().filter(|c| c.is_alphabetic());
        letters().count() >= 2 && letters().all(char::is_uppercase) && name.len() <= 30
    });
    time_stamp(line)
        || speaker
        || bare.starts_with('[')
        || lower.starts_with("int. ")
        || lower.starts_with("ext. ")
        || (CUES.iter().any(opens) && lower.contains(':'))
}

/// Whether `0:12` stands in a line.
fn time_stamp(line: &str) -> bool {
    line.match_indices(':').any(|(at, _)| {
        let is_digit = |c: char| c.is_ascii_digit();
        let before = line.get(..at).is_some_and(|part| part.ends_with(is_digit));
        let after = line.get(at + 1..).unwrap_or_default();
        before && after.chars().take_while(char::is_ascii_digit).count() == 2
    })
}
