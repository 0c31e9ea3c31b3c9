//! How points become scores: of a sample, a case, an agent and a run. Plain means, never rounded, and `None` where
//! there is nothing to average. Decides nothing about what counts as scored.

/// A mean by weight that is fed value by value, in whatever order they come.
///
/// Weights that are not finite or not above zero count as zero.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mean {
    total: f64,
    weights: f64,
}

impl Mean {
    /// One more value.
    pub fn add(&mut self, value: f64, weight: f64) {
        if weight.is_finite() && weight > 0.0 {
            self.total += value * weight;
            self.weights += weight;
        }
    }

    /// The mean, or `None` where no weight is above zero.
    pub fn value(self) -> Option<f64> {
        (self.weights > 0.0).then(|| self.total / self.weights)
    }
}

/// The mean of values by weight, or `None` where no weight is above zero.
pub fn weighted_mean(values: impl IntoIterator<Item = (f64, f64)>) -> Option<f64> {
    let mut mean = Mean::default();
    for (value, weight) in values {
        mean.add(value, weight);
    }
    mean.value()
}

/// The plain mean of values, or `None` where there are none.
pub fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    weighted_mean(values.into_iter().map(|value| (value, 1.0)))
}

/// The score of a case: the mean over its scored samples.
pub fn case_score(samples: impl IntoIterator<Item = f64>) -> Option<f64> {
    mean(samples)
}

/// The score of an agent: the mean over its scored cases, each as (score, weight of the case).
pub fn agent_score(cases: impl IntoIterator<Item = (f64, f64)>) -> Option<f64> {
    weighted_mean(cases)
}

/// The score of a run: the mean over its agents, whatever their numbers of cases.
pub fn overall_score(agents: impl IntoIterator<Item = f64>) -> Option<f64> {
    mean(agents)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Fifty rows that the predecessor published, four dimensions and their printed average each.
    const SEED: &str = include_str!("../../tests/data/seed-scores.csv");

    struct Row {
        agent: &'static str,
        dimensions: Vec<f64>,
        average: f64,
    }

    fn rows() -> Vec<Row> {
        let lines = SEED.lines().filter(|line| !line.starts_with('#'));
        lines
            .skip(1)
            .map(|line| {
                let cells: Vec<&str> = line.split(',').collect();
                let numbers: Vec<f64> = cells[2..].iter().map(|n| n.parse().unwrap()).collect();
                Row {
                    agent: cells[0],
                    dimensions: numbers[..4].to_vec(),
                    average: numbers[4],
                }
            })
            .collect()
    }

    #[track_caller]
    fn close(left: f64, right: f64) {
        assert!((left - right).abs() < 1e-9, "{left} is not {right}");
    }

    #[test]
    fn each_published_row_is_the_mean_of_its_dimensions() {
        let rows = rows();
        assert_eq!(rows.len(), 50);
        for row in rows {
            let score = weighted_mean(row.dimensions.iter().map(|value| (*value, 1.0))).unwrap();
            close(score, row.average);
        }
    }

    #[test]
    fn the_published_rows_give_the_agents_and_the_overall_score() {
        let mut agents: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for row in rows() {
            let sample = mean(row.dimensions.iter().copied()).unwrap();
            let case = case_score([sample]).unwrap();
            agents.entry(row.agent).or_default().push(case);
        }
        let score = |name: &str| agent_score(agents[name].iter().map(|s| (*s, 1.0))).unwrap();
        close(score("qa_agent"), 8.025);
        close(score("content_agent"), 8.05);
        close(score("legal_agent"), 8.2);
        close(score("support_agent"), 8.5);
        close(score("analyst_agent"), 8.0);
        close(
            overall_score(agents.keys().map(|name| score(name))).unwrap(),
            8.155,
        );
    }

    #[test]
    #[expect(clippy::approx_constant, reason = "6.28 is a mean of points here")]
    fn the_published_rows_give_dimension_means_that_their_summary_misprinted() {
        for (index, expected) in [8.26, 8.62, 9.46, 6.28].into_iter().enumerate() {
            close(
                mean(rows().iter().map(|row| row.dimensions[index])).unwrap(),
                expected,
            );
        }
    }

    #[test]
    fn nothing_to_average_is_none_and_not_zero() {
        assert_eq!(mean([]), None);
        assert_eq!(weighted_mean([(5.0, 0.0), (7.0, f64::NAN)]), None);
    }

    #[test]
    fn a_case_counts_by_its_weight() {
        close(agent_score([(10.0, 3.0), (2.0, 1.0)]).unwrap(), 8.0);
    }
}
