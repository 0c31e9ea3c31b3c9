//! Answers that are made up, with a known truth: scores whose prompts differ, whose answers to one prompt differ, and both
//! with a longer tail to the bad side. Fixed seeds; the same on every machine.

/// `SplitMix64` (G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", 2014).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Above 0, at most 1.
    fn uniform(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn happens(&mut self, chance: f64) -> bool {
        self.uniform() <= chance
    }

    /// Of mean 0 and deviation 1, with the longer tail to the bad side: a turned gamma of this shape.
    fn skewed(&mut self, shape: u32) -> f64 {
        let gamma: f64 = (0..shape).map(|_| -self.uniform().ln()).sum();
        (f64::from(shape) - gamma) / f64::from(shape).sqrt()
    }
}

/// Half of the variance of a score is the prompt's, half the answer's: together a deviation of about 0.8 points.
const DEVIATION: f64 = 0.566;

/// How good the answers to one prompt are beside those to others.
pub(crate) fn prompt(random: &mut Random) -> f64 {
    DEVIATION * random.skewed(4)
}

/// The score of one answer to a prompt, on the grid of quarter points.
pub(crate) fn answer(random: &mut Random, location: f64, prompt: f64) -> f64 {
    let exact = location + prompt + DEVIATION * random.skewed(2);
    ((exact * 4.0).round() / 4.0).clamp(0.0, 10.0)
}

/// The location whose answers have this mean after rounding and clipping.
pub(crate) fn location(mean: f64) -> f64 {
    let of = |location: f64| {
        let mut random = Random::seeded(7);
        let draws = 100_000;
        let sum: f64 = (0..draws)
            .map(|_| {
                let prompt = prompt(&mut random);
                answer(&mut random, location, prompt)
            })
            .sum();
        sum / f64::from(draws)
    };
    let (mut low, mut high) = (mean - 3.0, mean + 3.0);
    for _ in 0..24 {
        let middle = f64::midpoint(low, high);
        if of(middle) < mean {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// What really happened to the model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Truth {
    /// Every prompt lost so many points.
    Everywhere(f64),
    /// One prompt in five lost five times as many: the same in the mean.
    Somewhere(f64),
}

/// Two models with a known difference: the mean of the old one is 8.
pub(crate) struct Models {
    truth: Truth,
    old: f64,
    new: f64,
}

impl Models {
    pub(crate) fn of(truth: Truth) -> Self {
        let new = match truth {
            Truth::Everywhere(drop) => 8.0 - drop,
            Truth::Somewhere(drop) => 8.0 - 5.0 * drop,
        };
        Self {
            truth,
            old: location(8.0),
            new: location(new),
        }
    }

    /// So many answers of each model to one prompt.
    pub(crate) fn answers(
        &self,
        random: &mut Random,
        each: (usize, usize),
    ) -> (Vec<f64>, Vec<f64>) {
        let prompt = prompt(random);
        let new = match self.truth {
            Truth::Everywhere(_) => self.new,
            Truth::Somewhere(_) if random.happens(0.2) => self.new,
            Truth::Somewhere(_) => self.old,
        };
        let old = (0..each.0)
            .map(|_| answer(random, self.old, prompt))
            .collect();
        let now = (0..each.1).map(|_| answer(random, new, prompt)).collect();
        (old, now)
    }
}
