//! Progress on standard error: a live bar on a terminal, a line now and then elsewhere, nothing when quiet. Decides
//! nothing: its numbers are for watching.

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use crate::gate::Progress;

const FIRST_LINE_AFTER: Duration = Duration::from_secs(10);
const LINE_EVERY: Duration = Duration::from_secs(30);

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
    known: RefCell<Known>,
    due: Cell<Instant>,
}

impl Teller {
    pub(super) fn new(look: Look) -> Self {
        let bar = if look == Look::Bar {
            ProgressBar::new(0)
        } else {
            ProgressBar::hidden()
        };
        // The message is cut where the terminal ends, so that the bar never takes a second line.
        if let Ok(style) = ProgressStyle::with_template("[{bar:8}] {wide_msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self {
            look,
            bar,
            known: RefCell::default(),
            due: Cell::new(Instant::now() + FIRST_LINE_AFTER),
        }
    }

    /// Says something once, before anything is asked.
    pub(super) fn announce(&self, text: &str) {
        if self.look != Look::Nothing {
            writeln!(std::io::stderr(), "{text}").ok();
        }
    }

    /// Names the currency of what is told from now on.
    pub(super) fn pays_in(&self, currency: &str) {
        currency.clone_into(&mut self.known.borrow_mut().currency);
    }

    pub(super) fn tell(&self, progress: Progress) {
        let mut known = self.known.borrow_mut();
        known.note(progress);
        match self.look {
            Look::Bar => self.draw(&known),
            Look::Lines => self.line(&known, matches!(progress, Progress::Finished { .. })),
            Look::Nothing => {}
        }
    }

    fn draw(&self, known: &Known) {
        self.bar
            .set_length(u64::try_from(known.total).unwrap_or(u64::MAX));
        self.bar
            .set_position(u64::try_from(known.done).unwrap_or(u64::MAX));
        let left = (known.done > 0).then(|| self.bar.eta());
        self.bar.set_message(known.status(left));
    }

    fn line(&self, known: &Known, settled: bool) {
        let now = Instant::now();
        let complete = settled && known.done == known.total;
        if now < self.due.get() && !complete {
            return;
        }
        self.due.set(now + LINE_EVERY);
        // Progress is a courtesy: where standard error is closed, the run goes on.
        writeln!(std::io::stderr(), "{}", known.line()).ok();
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// What is known of a run while it goes on.
#[derive(Debug, Default)]
struct Known {
    total: usize,
    done: usize,
    in_flight: usize,
    retries: usize,
    score: Option<f64>,
    cost: Option<f64>,
    currency: String,
}

impl Known {
    const fn note(&mut self, progress: Progress) {
        match progress {
            Progress::Planned(more) => self.total += more,
            Progress::Started => self.in_flight += 1,
            Progress::Ended => self.in_flight = self.in_flight.saturating_sub(1),
            Progress::Retrying => self.retries += 1,
            Progress::Finished { score, cost } => {
                self.done += 1;
                self.score = score;
                self.cost = cost;
            }
        }
    }

    /// Beside the bar: short, and what matters least stands where a narrow terminal cuts.
    fn status(&self, left: Option<Duration>) -> String {
        let left = left.map(|left| format!(", {:#} left", HumanDuration(left)));
        let score = self.score.map(|score| format!(", score {score:.2}"));
        let cost = self.cost.map(|cost| format!(", {}", self.money(cost)));
        let (left, requests) = (left.unwrap_or_default(), self.requests());
        let (score, cost) = (score.unwrap_or_default(), cost.unwrap_or_default());
        format!("{}/{}{left}{requests}{score}{cost}", self.done, self.total)
    }

    /// A whole line, for a log.
    fn line(&self) -> String {
        let score = self.score.map(|score| format!(", score so far {score:.2}"));
        let cost = self
            .cost
            .map(|cost| format!(", cost so far {}", self.money(cost)));
        let (score, cost) = (score.unwrap_or_default(), cost.unwrap_or_default());
        let requests = self.requests();
        format!(
            "asked {} of {}{requests}{score}{cost}",
            self.done, self.total
        )
    }

    fn requests(&self) -> String {
        let retries = if self.retries == 1 {
            "retry"
        } else {
            "retries"
        };
        format!(", {} in flight, {} {retries}", self.in_flight, self.retries)
    }

    fn money(&self, cost: f64) -> String {
        if self.currency.is_empty() {
            format!("{cost:.4}")
        } else {
            format!("{} {cost:.4}", self.currency)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(steps: &[Progress]) -> Known {
        let mut known = Known::default();
        for step in steps {
            known.note(*step);
        }
        known
    }

    const SETTLED: Progress = Progress::Finished {
        score: Some(8.314),
        cost: Some(0.012_34),
    };

    #[test]
    fn a_line_says_everything_that_is_known() {
        use Progress::{Ended, Planned, Retrying, Started};
        let mut known = known(&[
            Planned(5),
            Started,
            Started,
            Ended,
            Retrying,
            Started,
            Ended,
            SETTLED,
        ]);
        assert_eq!(
            known.line(),
            "asked 1 of 5, 1 in flight, 1 retry, score so far 8.31, cost so far 0.0123"
        );
        "EUR".clone_into(&mut known.currency);
        assert_eq!(
            known.line(),
            "asked 1 of 5, 1 in flight, 1 retry, score so far 8.31, cost so far EUR 0.0123"
        );
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        let mut known = known(&[Progress::Planned(5), Progress::Started]);
        assert_eq!(known.line(), "asked 0 of 5, 1 in flight, 0 retries");
        assert_eq!(known.status(None), "0/5, 1 in flight, 0 retries");
        known.note(Progress::Finished {
            score: None,
            cost: None,
        });
        assert_eq!(known.line(), "asked 1 of 5, 1 in flight, 0 retries");
    }

    #[test]
    fn a_further_look_adds_to_what_is_to_be_asked() {
        let known = known(&[Progress::Planned(1), SETTLED, Progress::Planned(2), SETTLED]);
        assert!(known.line().starts_with("asked 2 of 3, "));
    }

    #[test]
    fn the_status_of_a_common_run_fits_beside_the_bar() {
        let mut known = known(&[SETTLED]);
        (known.done, known.total) = (4120, 5000);
        (known.in_flight, known.retries) = (20, 312);
        "USD".clone_into(&mut known.currency);
        let status = known.status(Some(Duration::from_secs(59)));
        assert_eq!(
            status,
            "4120/5000, 59s left, 20 in flight, 312 retries, score 8.31, USD 0.0123"
        );
        assert!("[========] ".len() + status.len() <= 80 + 1, "{status}");
    }

    #[test]
    fn the_first_line_comes_soon_and_later_ones_come_slowly() {
        let teller = Teller::new(Look::Lines);
        let start = teller.due.get();
        teller.tell(Progress::Planned(2));
        teller.tell(SETTLED);
        assert_eq!(teller.due.get(), start, "nothing is due");
        teller.due.set(Instant::now());
        teller.tell(Progress::Started);
        assert!(teller.due.get() > Instant::now() + FIRST_LINE_AFTER);
    }
}
