//! Are the answers of a classifier out of balance? Only for data whose answers are a few short labels.

use std::collections::BTreeMap;

/// Longer answers are no labels.
const MOST_CHARACTERS: usize = 40;
/// More different answers are no labels.
const MOST_LABELS: usize = 50;
/// Fewer rows say nothing about shares.
const FEWEST_ROWS: u64 = 50;
/// A label that is so many times as frequent as another one is told.
const RATIO: u64 = 20;

/// Counts the answers of a file as long as they may be labels.
#[derive(Debug, Default)]
pub(super) struct Labels {
    counts: BTreeMap<String, u64>,
    rows: u64,
    is_prose: bool,
}

impl Labels {
    /// Takes the answer of a row.
    pub(super) fn add(&mut self, answer: Option<&str>) {
        if self.is_prose {
            return;
        }
        let label = answer
            .map(str::trim)
            .filter(|label| !label.is_empty() && label.chars().count() <= MOST_CHARACTERS);
        let Some(label) = label else {
            self.give_up();
            return;
        };
        self.rows += 1;
        if let Some(count) = self.counts.get_mut(label) {
            *count += 1;
        } else if self.counts.len() < MOST_LABELS {
            self.counts.insert(label.to_owned(), 1);
        } else {
            self.give_up();
        }
    }

    fn give_up(&mut self) {
        self.is_prose = true;
        self.counts.clear();
    }

    /// What is out of balance, in a sentence without a full stop.
    pub(super) fn imbalance(&self) -> Option<String> {
        let most = self.counts.iter().max_by_key(|(_, count)| **count)?;
        let least = self.counts.iter().min_by_key(|(_, count)| **count)?;
        let repeats =
            self.rows >= FEWEST_ROWS.max(4 * u64::try_from(self.counts.len()).unwrap_or(0));
        let lopsided = self.counts.len() > 1 && *most.1 >= RATIO * *least.1;
        (!self.is_prose && repeats && lopsided).then(|| {
            let shown = crate::problem::shown;
            format!(
                "`{}` is the answer of {} of {} rows, `{}` of {}",
                shown(most.0),
                most.1,
                self.rows,
                shown(least.0),
                least.1
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(labels: &[(&str, u64)]) -> Option<String> {
        let mut counted = Labels::default();
        for (label, count) in labels {
            for _ in 0..*count {
                counted.add(Some(label));
            }
        }
        counted.imbalance()
    }

    #[test]
    fn a_rare_label_is_told_and_prose_is_not() {
        assert_eq!(
            of(&[("spam", 95), ("ham", 4)]).unwrap(),
            "`spam` is the answer of 95 of 99 rows, `ham` of 4"
        );
        assert_eq!(of(&[("spam", 95), ("ham", 50)]), None);
        assert_eq!(of(&[("spam", 30), ("ham", 1)]), None, "too few rows");
        assert_eq!(
            of(&[
                ("Your order is on its way, and it will be there soon.", 95),
                ("ham", 4)
            ]),
            None
        );
        let many: Vec<String> = (0..60).map(|label| label.to_string()).collect();
        let many: Vec<(&str, u64)> = many
            .iter()
            .map(|label| (label.as_str(), 1))
            .chain([("x", 500)])
            .collect();
        assert_eq!(of(&many), None);
    }
}
