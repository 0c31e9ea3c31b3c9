//! When an agent has been asked enough.

use proptest::prelude::*;

use super::super::{Standing, look as look_among};
use super::{against, agent, even, floor};
use crate::policy::Policy;
use crate::record::{Against, AgentRecord, LookEnd, LookRecord};
use crate::score::{Digest, Dimension};

/// A look at an agent that is tested alone.
fn look(policy: &Policy, agent: &AgentRecord, schedule: &[u32], place: usize) -> LookRecord {
    let standing = Standing {
        schedule,
        place,
        agents: 1,
    };
    look_among(policy, agent, standing)
}

/// An agent whose cases have these samples, asked one after the other, each with another answer.
fn sampled(cases: &[&[f64]]) -> AgentRecord {
    let scored: Vec<Vec<Option<f64>>> = cases
        .iter()
        .map(|scores| scores.iter().copied().map(Some).collect())
        .collect();
    let scored: Vec<&[Option<f64>]> = scored.iter().map(Vec::as_slice).collect();
    let mut agent = agent("qa", &scored);
    for case in &mut agent.cases {
        for (index, sample) in (0_u32..).zip(&mut case.samples) {
            sample.index = index;
            sample.answer_sha256 = Some(Digest::of(&index.to_be_bytes()));
        }
    }
    agent
}

/// Ten cases about 8.5, wide apart.
fn spread() -> Vec<f64> {
    [7.0, 10.0].repeat(5)
}

fn once(scores: &[f64]) -> AgentRecord {
    let cases: Vec<&[f64]> = scores.iter().map(std::slice::from_ref).collect();
    sampled(&cases)
}

#[test]
fn an_agent_far_from_its_floor_is_decided_at_once_on_either_side() {
    for (score, floor_at) in [(9.5, 8.5), (7.0, 8.5)] {
        let look = look(&floor(floor_at), &even("qa", score), &[1, 3, 5], 0);
        assert_eq!(look.end, Some(LookEnd::Decided), "{score}");
        assert_eq!((look.look, look.samples, look.score), (1, 1, Some(score)));
    }
}

#[test]
fn an_agent_whose_floor_is_plausible_stays_open_until_the_last_look() {
    let agent = once(&spread());
    let ends = [0, 1, 2].map(|place| look(&floor(8.5), &agent, &[1, 1, 1], place).end);
    // Nothing was asked a second time, so the second look finds the same answers.
    assert_eq!(
        ends,
        [
            None,
            Some(LookEnd::Deterministic),
            Some(LookEnd::Deterministic)
        ]
    );
    let spread = spread();
    let cases: Vec<Vec<f64>> = spread.iter().map(|score| vec![*score; 5]).collect();
    let cases: Vec<&[f64]> = cases.iter().map(Vec::as_slice).collect();
    let agent = sampled(&cases);
    let ends = [0, 1, 2].map(|place| look(&floor(8.5), &agent, &[1, 3, 5], place).end);
    assert_eq!(ends, [None, None, Some(LookEnd::Last)]);
}

#[test]
fn a_model_that_answers_the_same_again_is_not_asked_a_third_time() {
    let cases: Vec<Vec<f64>> = spread().iter().map(|score| vec![*score; 3]).collect();
    let cases: Vec<&[f64]> = cases.iter().map(Vec::as_slice).collect();
    let mut agent = sampled(&cases);
    for sample in agent.cases.iter_mut().flat_map(|case| &mut case.samples) {
        sample.answer_sha256 = Some(Digest::of(b"the same"));
    }
    let end = |agent: &AgentRecord| look(&floor(8.5), agent, &[1, 3, 5], 1).end;
    assert_eq!(end(&agent), Some(LookEnd::Deterministic));
    // One other answer is enough to go on.
    agent.cases[4].samples[2].answer_sha256 = Some(Digest::of(b"another"));
    assert_eq!(end(&agent), None);
}

#[test]
fn stored_answers_are_all_there_from_the_first_look_and_where_nothing_is_asked_it_is_the_last() {
    let cases: Vec<&[f64]> = vec![&[7.0, 10.0, 10.0]; 10];
    let mut agent = sampled(&cases);
    for sample in agent.cases.iter_mut().flat_map(|case| &mut case.samples) {
        sample.reused = true;
    }
    agent.tally();
    let first = look(&floor(8.5), &agent, &[1, 3, 5], 0);
    assert_eq!((first.score, first.end), (Some(9.0), Some(LookEnd::Reused)));

    // One case is asked after all.
    agent.cases[0].samples.truncate(1);
    agent.cases[0].samples[0].reused = false;
    agent.tally();
    let first = look(&floor(8.8), &agent, &[1, 3, 5], 0);
    assert_eq!((first.score, first.end), (Some(8.8), None));
}

#[test]
fn samples_of_later_looks_and_drafts_do_not_change_a_look() {
    let first = once(&spread());
    let cases: Vec<Vec<f64>> = spread()
        .iter()
        .map(|score| vec![*score, 0.0, 0.0])
        .collect();
    let cases: Vec<&[f64]> = cases.iter().map(Vec::as_slice).collect();
    let mut later = sampled(&cases);
    let mut draft = later.cases[0].clone();
    draft.draft = true;
    draft.samples[0].score = Some(0.0);
    later.cases.push(draft);
    let at = |agent: &AgentRecord| look(&floor(8.5), agent, &[1, 3], 0);
    assert_eq!(at(&later), at(&first));
}

#[test]
fn without_floor_and_baseline_or_for_a_new_agent_there_is_nothing_to_decide() {
    let nowhere = Policy {
        floor: None,
        ..Policy::default()
    };
    let ended = |policy: &Policy, agent: &AgentRecord| look(policy, agent, &[1, 3], 0).end;
    assert_eq!(
        ended(&nowhere, &once(&spread())),
        Some(LookEnd::NothingToDecide)
    );
    let mut new = once(&spread());
    new.new = true;
    assert_eq!(ended(&floor(8.5), &new), Some(LookEnd::NothingToDecide));
}

#[test]
fn a_change_is_asked_about_until_the_drop_is_excluded_or_shown_and_never_with_too_few_pairs() {
    let policy = Policy {
        floor: None,
        max_drop: 0.5,
        min_cases: 8,
        ..Policy::default()
    };
    let same = [8.0; 10];
    let end = |new: &[f64], old: &[f64]| look(&policy, &against(once(new), old), &[1, 3], 0).end;
    assert_eq!(end(&same, &same), Some(LookEnd::Decided), "no worse");
    assert_eq!(end(&[6.0; 10], &same), Some(LookEnd::Decided), "worse");
    let mixed = [10.0, 5.0].repeat(5);
    assert_eq!(end(&mixed, &same), None, "0.5 below, give or take");
    assert_eq!(
        end(&mixed[..7], &same),
        Some(LookEnd::Decided),
        "seven pairs"
    );
}

#[test]
fn a_tested_dimension_its_floor_and_a_pinned_record_are_asked_about_too() {
    let policy = |edit: fn(&mut Policy)| {
        let mut policy = Policy {
            floor: None,
            ..Policy::default()
        };
        edit(&mut policy);
        policy
    };
    let steady = [8.0; 10];
    let mixed = [10.0, 5.0].repeat(5);
    let mut agent = against(once(&steady), &steady);
    // As good as before on the whole; nobody knows how it is in the quality.
    for (case, quality) in agent.cases.iter_mut().zip(&mixed) {
        case.samples[0].dimensions = [(Dimension::QUALITY, *quality)].into_iter().collect();
    }
    for pair in &mut agent.comparison.as_mut().unwrap().cases {
        pair.old_dimensions = [(Dimension::QUALITY, 8.0)].into_iter().collect();
    }
    let end = |policy: &Policy, agent: &AgentRecord| look(policy, agent, &[1, 3], 0).end;
    assert_eq!(end(&policy(|_| {}), &agent), Some(LookEnd::Decided));
    let tested = policy(|policy| policy.blocking_dimensions = vec![Dimension::QUALITY]);
    assert_eq!(end(&tested, &agent), None);
    let floored = policy(|policy| {
        policy.floors.dimensions.insert(Dimension::QUALITY, 7.5);
    });
    assert_eq!(end(&floored, &agent), None);
    let elsewhere = policy(|policy| {
        policy.floors.dimensions.insert(Dimension::FORMAT, 7.5);
    });
    assert_eq!(end(&elsewhere, &agent), Some(LookEnd::Decided));

    // Below the pinned record by about what is allowed there.
    let old: Vec<f64> = mixed.iter().map(|score| score + 1.5).collect();
    let mut pinned = against(once(&steady), &old).comparison.unwrap();
    pinned.against = Against::Pinned;
    agent.comparisons.push(pinned);
    assert_eq!(end(&policy(|_| {}), &agent), None);
}

proptest! {
    #[test]
    fn the_first_look_is_open_exactly_where_the_floor_is_plausible(
        scores in prop::collection::vec(0.0..=10.0_f64, 2..30), at in 0.0..=10.0_f64,
    ) {
        let look = look(&floor(at), &once(&scores), &[1, 3, 5], 0);
        let [lower, upper] = look.interval.unwrap();
        let inside = crate::figures::below(lower, at) && !crate::figures::below(upper, at);
        prop_assert_eq!(look.end.is_none(), inside);
        prop_assert!(lower <= upper);
    }
}
