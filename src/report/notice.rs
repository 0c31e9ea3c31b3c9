//! Comments without a result: nothing to check, nothing measured, a configuration that cannot be read.

use serde::Serialize;

use super::{Context, MOST_BYTES, ReportError, escape, headline, render, view};
use crate::record::RunRecord;

/// Which run speaks; hidden in the comment's second line, so that an older run never overwrites a newer one.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RunLine {
    /// The gate's id.
    pub gate_id: String,
    /// The run's id.
    pub run_id: String,
    /// Its attempt, from 1.
    pub attempt: u32,
    /// The commit it speaks about.
    pub head: String,
    /// Where its log is.
    pub url: Option<String>,
}

/// A comment without a result.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Which run speaks.
    pub run: RunLine,
    /// The first line; our own words.
    pub headline: String,
    /// What the reader should do; our own words.
    pub do_this: String,
    /// What happened; may hold words of others.
    pub details: Vec<String>,
}

const MOST_DETAILS: usize = 30;
const MOST_DETAIL_CHARS: usize = 600;

impl Notice {
    /// The comment as Markdown.
    pub fn markdown(&self) -> Result<String, ReportError> {
        #[derive(Serialize)]
        struct View {
            #[serde(flatten)]
            run: RunLine,
            headline: String,
            do_this: String,
            details: Vec<String>,
            footer: String,
        }
        let shown = self.details.iter().take(MOST_DETAILS);
        let mut details: Vec<String> = shown
            .map(|detail| escape::inline(&escape::excerpt(detail, MOST_DETAIL_CHARS)))
            .collect();
        if self.details.len() > MOST_DETAILS {
            details.push(format!("{} more", self.details.len() - MOST_DETAILS));
        }
        let footer = self.run.url.as_deref().map_or_else(
            || "tunegate".to_owned(),
            |url| format!("tunegate · [run log]({})", view::link(url)),
        );
        let text = render(
            "notice.md",
            &View {
                run: view::harmless(&self.run),
                headline: self.headline.clone(),
                do_this: self.do_this.clone(),
                details,
                footer,
            },
        )?;
        debug_assert!(text.len() <= MOST_BYTES, "a notice is bounded by its parts");
        Ok(text)
    }
}

/// The verdict alone, where the whole comment would be too long.
pub(super) fn instead_of(record: &RunRecord, context: &Context, bytes: usize) -> Notice {
    let line = headline::of(record, view::Style::Markdown);
    Notice {
        run: context.run.clone(),
        headline: line.headline,
        do_this: line.do_this,
        details: vec![format!(
            "the whole report is {bytes} bytes long, more than a comment holds; it is in the run's files"
        )],
    }
}
