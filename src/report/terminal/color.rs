//! Colours with a meaning: red blocks, yellow is not proven or to be looked at, green is well.

use anstyle::{AnsiColor, Style};

/// The colour of what a text begins with, where that is a verdict's sign.
pub(super) fn verdict(text: &str) -> Option<Style> {
    let color = match text.chars().next()? {
        '✅' if text.contains("not proven") => AnsiColor::Yellow,
        '✅' => AnsiColor::Green,
        '❌' => AnsiColor::Red,
        '⚠' | '⏳' => AnsiColor::Yellow,
        _ => return None,
    };
    Some(Style::new().fg_color(Some(color.into())))
}

/// A line, or a piece of one, in the colour of the line's verdict.
pub(super) fn marked(piece: &str, whole: &str) -> String {
    match verdict(whole) {
        Some(style) => with(style.bold(), piece),
        None => strong(piece),
    }
}

/// A change: down is worse.
pub(super) fn change(text: &str) -> String {
    let color = match text.chars().next() {
        Some('▼') => AnsiColor::Red,
        Some('▲') => AnsiColor::Green,
        Some(_) | None => return text.to_owned(),
    };
    with(Style::new().fg_color(Some(color.into())), text)
}

/// A cell in the colour of its verdict.
pub(super) fn cell(text: &str) -> String {
    verdict(text).map_or_else(|| text.to_owned(), |style| with(style, text))
}

pub(super) fn strong(text: &str) -> String {
    with(Style::new().bold(), text)
}

pub(super) fn dim(text: &str) -> String {
    with(Style::new().dimmed(), text)
}

fn with(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
