use std::time::{Duration, Instant};

use super::*;
use crate::score::finding::Holds;

/// Answer and reference.
const PAIRS: [(&str, &str); 5] = [
    (
        "It is a guide to action which ensures that the military always obeys the commands of the party",
        "It is a guide to action that ensures that the military will forever heed Party commands",
    ),
    (
        "It is to insure the troops forever hearing the activity guidebook that party direct",
        "It is a guide to action that ensures that the military will forever heed Party commands",
    ),
    (
        "he read the book because he was interested in world history",
        "he was interested in world history because he read the book",
    ),
    ("The cat sat on the mat", "The cat was sitting on the mats"),
    (
        "the quick brown fox jumps over the lazy dog",
        "the fast brown dogs jumped over a lazy fox",
    ),
];

/// ROUGE-1, ROUGE-2, ROUGE-L, BLEU-4, BLEU-2, GLEU, METEOR of each pair. Made with rouge-score 0.1.2 (no stemming) and
/// nltk 3.10.4 (`sentence_bleu`, `sentence_gleu`, `single_meteor_score` with the Snowball stemmer and a word net that
/// knows no synonyms) on words in small letters.
const EXPECTED: [[f64; 7]; 5] = [
    [
        0.705_882_352_941,
        0.5,
        0.647_058_823_529,
        0.420_859_806_952,
        0.560_112_033_611,
        0.454_545_454_545,
        0.694_444_444_444,
    ],
    [
        0.466_666_666_667,
        0.071_428_571_429,
        0.4,
        0.0,
        0.170_008_743_336,
        0.137_931_034_483,
        0.303_539_137_174,
    ],
    [
        1.0,
        0.9,
        0.545_454_545_455,
        0.740_082_804_492,
        0.948_683_298_051,
        0.789_473_684_211,
        0.975_957_926_371,
    ],
    [
        0.615_384_615_385,
        0.363_636_363_636,
        0.615_384_615_385,
        0.0,
        0.437_121_283_116,
        0.272_727_272_727,
        0.701_449_275_362,
    ],
    [
        0.555_555_555_556,
        0.0,
        0.444_444_444_444,
        0.0,
        0.0,
        0.166_666_666_667,
        0.532_879_818_594,
    ],
];

const METRICS: [(Metric, usize); 7] = [
    (Metric::RougeN, 1),
    (Metric::RougeN, 2),
    (Metric::RougeL, 1),
    (Metric::Bleu, 4),
    (Metric::Bleu, 2),
    (Metric::Gleu, 4),
    (Metric::Meteor, 1),
];

fn score(metric: Metric, n: usize, pair: &Pair) -> f64 {
    match metric {
        Metric::Levenshtein => 0.0,
        Metric::RougeN => grams::rouge(pair, n),
        Metric::RougeL => common_sequence(pair),
        Metric::Bleu => grams::bleu(pair, n),
        Metric::Gleu => grams::gleu(pair, n),
        Metric::Meteor => alignment::meteor(pair),
    }
}

fn like(metric: Metric, to: Model, min: Option<f64>, max: Option<usize>) -> Likeness {
    Likeness {
        metric,
        to,
        n: None,
        min,
        max,
    }
}

#[test]
fn every_metric_gives_what_its_reference_implementation_gives() {
    for ((answer, model), expected) in PAIRS.iter().zip(EXPECTED) {
        let pair = Pair::of(answer, model);
        for ((metric, n), expected) in METRICS.iter().zip(expected) {
            let found = score(*metric, *n, &pair);
            assert!(
                (found - expected).abs() < 1e-9,
                "{metric:?} {n}: {found}, not {expected}, of {answer:?}"
            );
        }
    }
}

#[test]
fn equal_texts_are_1_and_texts_with_nothing_in_common_0() {
    for (metric, n) in METRICS {
        let same = score(
            metric,
            n,
            &Pair::of("one two three four five", "One, two three four five!"),
        );
        // METEOR takes a little off even then: half a share of one chunk in five words, cubed.
        let least = if metric == Metric::Meteor {
            0.995
        } else {
            1.0 - 1e-12
        };
        assert!((least..=1.0 + 1e-12).contains(&same), "{metric:?}: {same}");
        for (answer, model) in [
            ("a b c d", "e f g h"),
            ("", "a b"),
            ("a b", ""),
            ("", ""),
            ("…", "!"),
        ] {
            let found = score(metric, n, &Pair::of(answer, model));
            assert!(
                found.abs() < 1e-12,
                "{metric:?} {answer:?} {model:?}: {found}"
            );
        }
    }
}

#[test]
fn edits_are_counted_and_held_against_either_bound() {
    assert_eq!(similarity("kitten", "sitting").1, 3);
    let (alike, _) = similarity("kitten", "sitting");
    assert!((alike - 4.0 / 7.0).abs() < 1e-12);
    let to = || Model::Text("sitting".into());
    let near = |min, max| {
        test(
            &like(Metric::Levenshtein, to(), min, max),
            None,
            " kitten\n",
        )
    };
    assert!(near(None, Some(3)).passes(false));
    assert!(!near(None, Some(2)).passes(false));
    assert!(near(Some(0.57), Some(3)).passes(false));
    assert_eq!(near(Some(0.58), None).found.as_deref(), Some("is 0.571"));
    assert_eq!(
        near(Some(0.58), Some(3)).found.as_deref(),
        Some("3 edits, 0.571")
    );
}

#[test]
fn the_reference_of_the_case_is_compared_with_and_without_one_nobody_can_tell() {
    let rouge = like(Metric::RougeL, Model::Reference, Some(0.5), None);
    assert!(test(&rouge, Some("reset the password"), "Reset your password").passes(false));
    assert!(test(&rouge, Some("nothing alike"), "Reset your password").passes(true));
    let untold = test(&rouge, None, "Reset your password");
    assert_eq!(untold.holds, Holds::Untold);
    assert!(!untold.passes(false) && !untold.passes(true));
}

#[test]
fn a_score_that_is_the_threshold_reaches_it() {
    let third = like(
        Metric::RougeN,
        Model::Text("a b c".into()),
        Some(1.0 / 3.0),
        None,
    );
    assert!(test(&third, None, "a x y").passes(false));
}

#[test]
fn long_texts_are_read_in_part_and_quickly() {
    let long = |seed: u64| -> String {
        let mut state = seed;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            char::from(b'a' + u8::try_from((state >> 60) % 7).unwrap_or(0))
        };
        (0..30_000)
            .map(|at| if at % 2 == 1 { ' ' } else { next() })
            .collect()
    };
    let (one, two) = (long(1), long(2));
    for metric in [
        Metric::Levenshtein,
        Metric::RougeN,
        Metric::RougeL,
        Metric::Bleu,
        Metric::Gleu,
        Metric::Meteor,
    ] {
        let started = Instant::now();
        let finding = test(
            &like(metric, Model::Reference, Some(0.1), None),
            Some(&one),
            &two,
        );
        let took = started.elapsed();
        let found = finding.found.unwrap_or_default();
        assert!(
            found.ends_with(", of the first 20,000 characters"),
            "{found}"
        );
        // Without optimisation and beside other tests.
        assert!(took < Duration::from_secs(20), "{metric:?} took {took:?}");
    }
}
