//! Metrics over runs of words (n-grams).
//!
//! ROUGE-N after Lin 2004, BLEU after Papineni et al. 2002 for one sentence and one reference, GLEU after Wu et al. 2016.

use std::collections::HashMap;

use super::tokens::Pair;
use super::{f1, share};

/// How many runs of n words both texts have, and how many each has.
struct Counted {
    common: usize,
    answer: usize,
    model: usize,
}

fn count(pair: &Pair, n: usize) -> Counted {
    let mut left: HashMap<&[u32], usize> = HashMap::new();
    let model = pair.model.windows(n);
    let answer = pair.answer.windows(n);
    let (model_runs, answer_runs) = (model.len(), answer.len());
    for run in model {
        *left.entry(run).or_default() += 1;
    }
    let mut common = 0;
    for run in answer {
        if let Some(count) = left.get_mut(run).filter(|count| **count > 0) {
            *count -= 1;
            common += 1;
        }
    }
    Counted {
        common,
        answer: answer_runs,
        model: model_runs,
    }
}

pub(super) fn rouge(pair: &Pair, n: usize) -> f64 {
    let Counted {
        common,
        answer,
        model,
    } = count(pair, n.max(1));
    f1(common, answer, model)
}

/// The geometric mean of the precisions, times exp(1 − reference / answer) where the answer is the shorter one. The
/// logarithms are libm's, which are the same on every machine.
pub(super) fn bleu(pair: &Pair, n: usize) -> f64 {
    let n = n.max(1);
    let mut logarithms = 0.0;
    for length in 1..=n {
        let counted = count(pair, length);
        if counted.common == 0 {
            return 0.0;
        }
        logarithms += libm::log(share(counted.common, counted.answer));
    }
    let (answer, model) = (pair.answer.len(), pair.model.len());
    let brevity = if answer < model {
        1.0 - share(model, answer)
    } else {
        0.0
    };
    libm::exp(brevity + logarithms * share(1, n))
}

/// Common runs of 1 to n words, by the text that has more runs.
pub(super) fn gleu(pair: &Pair, n: usize) -> f64 {
    let (mut common, mut answer, mut model) = (0, 0, 0);
    for length in 1..=n.max(1) {
        let counted = count(pair, length);
        common += counted.common;
        answer += counted.answer;
        model += counted.model;
    }
    share(common, answer.max(model))
}
