//! METEOR (Banerjee and Lavie 2005, parameters of Lavie and Agarwal 2007): words are paired first where they are the
//! same, then where their English stems are; precision and recall, less a penalty for pairs that are scattered.

use std::collections::HashMap;

use rust_stemmers::{Algorithm, Stemmer};

use super::share;
use super::tokens::Pair;

/// Weight of precision in the mean.
const ALPHA: f64 = 0.9;

/// The largest penalty.
const GAMMA: f64 = 0.5;

pub(super) fn meteor(pair: &Pair) -> f64 {
    let stems = stems(&pair.words);
    let stem = |word: u32| {
        let index = usize::try_from(word).unwrap_or(usize::MAX);
        stems.get(index).copied().unwrap_or(word)
    };
    let mut open = Open {
        answer: (0..).zip(pair.answer.iter().copied()).collect(),
        model: (0..).zip(pair.model.iter().copied()).collect(),
        paired: Vec::new(),
    };
    open.pair(|word| word);
    open.pair(stem);
    let mut paired = open.paired;
    paired.sort_unstable();
    let matches = paired.len();
    let precision = share(matches, pair.answer.len());
    let recall = share(matches, pair.model.len());
    let weighted = ALPHA * precision + (1.0 - ALPHA) * recall;
    if matches == 0 || weighted <= 0.0 {
        return 0.0;
    }
    let breaks = paired.windows(2).filter(|two| match two {
        [(answer, model), next] => *next != (answer + 1, model + 1),
        _ => false,
    });
    let scattered = share(breaks.count() + 1, matches);
    let penalty = GAMMA * scattered * scattered * scattered;
    (1.0 - penalty) * precision * recall / weighted
}

/// The number of the first word with the same stem, for each word.
fn stems(words: &[String]) -> Vec<u32> {
    let stemmer = Stemmer::create(Algorithm::English);
    let mut first: HashMap<String, u32> = HashMap::new();
    let numbered = (0..).zip(words);
    let number = |(number, word): (u32, &String)| {
        *first
            .entry(stemmer.stem(word).into_owned())
            .or_insert(number)
    };
    numbered.map(number).collect()
}

/// Words that have no partner yet, each with its place.
struct Open {
    answer: Vec<(usize, u32)>,
    model: Vec<(usize, u32)>,
    paired: Vec<(usize, usize)>,
}

impl Open {
    /// Pairs words that are the same by `key`, the last of each text first.
    fn pair(&mut self, key: impl Fn(u32) -> u32) {
        let mut places: HashMap<u32, Vec<usize>> = HashMap::new();
        for (place, word) in &self.model {
            places.entry(key(*word)).or_default().push(*place);
        }
        let mut taken = Vec::new();
        let mut alone = Vec::new();
        for (place, word) in self.answer.iter().rev() {
            match places.get_mut(&key(*word)).and_then(Vec::pop) {
                Some(partner) => taken.push((*place, partner)),
                None => alone.push((*place, *word)),
            }
        }
        alone.reverse();
        self.answer = alone;
        let mut left: Vec<usize> = places.into_values().flatten().collect();
        left.sort_unstable();
        self.model
            .retain(|(place, _)| left.binary_search(place).is_ok());
        self.paired.append(&mut taken);
    }
}
