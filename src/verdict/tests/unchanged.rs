//! An agent whose model a pull request leaves as it is: never red for what it was before.

use super::super::decide;
use super::{against, comes_to, decided, even, floor, one_case, record, told, unanswered};
use crate::agent::AgentName;
use crate::policy::{NoBaseline, Policy};
use crate::record::{AgentRecord, Outcome, ReasonCode, RunRecord};
use crate::score::Dimension;

fn unchanged(agent: AgentRecord) -> AgentRecord {
    AgentRecord {
        unchanged: true,
        ..agent
    }
}

fn named(name: &str, agent: AgentRecord) -> AgentRecord {
    AgentRecord {
        name: AgentName::new(name).unwrap(),
        ..agent
    }
}

#[test]
fn below_its_floor_on_the_base_already_is_told_and_does_not_block() {
    let low = unchanged(against(even("qa", 7.2), &[7.2; 10]));
    let mut policy = floor(8.0);
    policy.floors.dimensions.insert(Dimension::QUALITY, 8.0);
    let decision = decided(&policy, vec![low.clone()]);
    comes_to(&decision, Outcome::Pass, &[]);
    assert_eq!(
        told(&decision, ReasonCode::AgentBelowFloor),
        "qa: already below its floor on the base: 7.20, floor 8.00; this pull request does not change the model"
    );
    assert_eq!(
        told(&decision, ReasonCode::OverallBelowFloor),
        "the mean over agents is below the floor: 7.20, floor 8.00; this pull request changes no model"
    );
    let dimension = told(&decision, ReasonCode::DimensionBelowFloor);
    assert!(dimension.ends_with("; this pull request does not change the model"));

    // The same with another model.
    let moved = AgentRecord {
        unchanged: false,
        ..low
    };
    let codes = [
        ReasonCode::AgentBelowFloor,
        ReasonCode::DimensionBelowFloor,
        ReasonCode::OverallBelowFloor,
    ];
    comes_to(&decided(&policy, vec![moved]), Outcome::Fail, &codes);
}

#[test]
fn a_model_that_was_asked_anew_and_answers_worse_is_told_and_does_not_block() {
    let dropped = unchanged(against(even("qa", 7.0), &[9.0; 10]));
    let decision = decided(&floor(8.0), vec![dropped]);
    comes_to(&decision, Outcome::Pass, &[]);
    let floor = told(&decision, ReasonCode::AgentBelowFloor);
    assert!(floor.starts_with("qa: below its floor: 7.00"), "{floor}");
    let drop = told(&decision, ReasonCode::AgentRegressed);
    assert!(
        drop.contains("dropped 2.00") && drop.ends_with("does not change the model"),
        "{drop}"
    );

    let failing = unchanged(one_case(&[Some(0.0)]));
    let decision = decided(&Policy::default(), vec![failing]);
    comes_to(&decision, Outcome::Pass, &[]);
    let failed = told(&decision, ReasonCode::CaseNewlyFailed);
    assert!(
        failed.ends_with("none is allowed; this pull request does not change the model"),
        "{failed}"
    );
}

#[test]
fn what_could_not_be_measured_stays_what_it_is() {
    let silent = decided(&Policy::default(), vec![unchanged(unanswered(20))]);
    comes_to(&silent, Outcome::Error, &[ReasonCode::NothingScored]);
    let some = decided(&Policy::default(), vec![unchanged(unanswered(3))]);
    comes_to(
        &some,
        Outcome::Inconclusive,
        &[ReasonCode::TooManyUnanswered],
    );
    let strict = Policy {
        on_no_baseline: NoBaseline::Fail,
        ..Policy::default()
    };
    let alone = decided(&strict, vec![unchanged(even("qa", 9.0))]);
    comes_to(&alone, Outcome::Fail, &[ReasonCode::NotCompared]);
}

fn of_two(moved: AgentRecord) -> RunRecord {
    let low = unchanged(named("low", against(even("qa", 5.0), &[5.0; 10])));
    record(vec![low, named("moved", moved)])
}

#[test]
fn a_mean_that_unchanged_agents_pull_down_blocks_only_whoever_makes_it_worse() {
    let better = decide(&floor(8.0), &of_two(against(even("qa", 9.5), &[9.0; 10])));
    comes_to(&better, Outcome::Pass, &[]);
    let worse = decide(&floor(8.0), &of_two(against(even("qa", 8.8), &[9.0; 10])));
    comes_to(&worse, Outcome::Fail, &[ReasonCode::OverallBelowFloor]);
    // The moved one is judged as ever.
    let dropped = decide(&floor(8.0), &of_two(against(even("qa", 7.9), &[7.0; 10])));
    comes_to(&dropped, Outcome::Fail, &[ReasonCode::AgentBelowFloor]);
}
