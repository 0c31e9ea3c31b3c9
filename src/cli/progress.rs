//! Progress on standard error: a live bar on a terminal, a line now and then elsewhere, nothing when quiet.

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::gate::Progress;

const LINE_EVERY: Duration = Duration::from_secs(10);

/// How progress looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// A bar that is redrawn in place.
    Bar,
    /// Plain lines.
    Lines,
    /// None.
    Nothing,
}

/// Counts samples and tells about them.
pub(super) struct Teller {
    look: Look,
    bar: ProgressBar,
    total: Cell<usize>,
    done: Cell<usize>,
    retries: Cell<usize>,
    last: RefCell<Instant>,
}

impl Teller {
    pub(super) fn new(look: Look) -> Self {
        let bar = if look == Look::Bar {
            ProgressBar::new(0)
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) =
            ProgressStyle::with_template("asking [{bar:30}] {pos}/{len} answers, {msg} {eta} left")
        {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message("0 retries,");
        Self {
            look,
            bar,
            total: Cell::new(0),
            done: Cell::new(0),
            retries: Cell::new(0),
            last: RefCell::new(Instant::now()),
        }
    }

    /// Says something once, before anything is asked.
    pub(super) fn announce(&self, text: &str) {
        if self.look != Look::Nothing {
            writeln!(std::io::stderr(), "{text}").ok();
        }
    }

    pub(super) fn tell(&self, progress: Progress) {
        match progress {
            Progress::Planned(more) => {
                self.total.set(self.total.get() + more);
                self.bar
                    .set_length(u64::try_from(self.total.get()).unwrap_or(u64::MAX));
            }
            Progress::Retrying => {
                self.retries.set(self.retries.get() + 1);
                self.bar
                    .set_message(format!("{} retries,", self.retries.get()));
            }
            Progress::Started | Progress::Ended => {}
            Progress::Finished { .. } => {
                self.done.set(self.done.get() + 1);
                self.bar.inc(1);
            }
        }
        self.line(
            self.total.get() > 0
                && self.done.get() == self.total.get()
                && matches!(progress, Progress::Finished { .. }),
        );
    }

    fn line(&self, complete: bool) {
        let due = self.last.borrow().elapsed() >= LINE_EVERY;
        if self.look != Look::Lines || !(due || complete) {
            return;
        }
        self.last.replace(Instant::now());
        let (done, total, retries) = (self.done.get(), self.total.get(), self.retries.get());
        // Progress is a courtesy: where standard error is closed, the run goes on.
        writeln!(
            std::io::stderr(),
            "asked: {done} of {total} answers settled, {retries} retries"
        )
        .ok();
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
