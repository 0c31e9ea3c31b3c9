//! Divides a plan: which cases one part of a run asks, and what share of the budget it has. The same split on every
//! machine, since it looks at nothing but the plan.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{GateError, Plan, PlannedAgent};
use crate::config::Provider;
use crate::record::Shard;

/// Tokens that an answer is expected to have where no `max_tokens` bounds it.
const EXPECTED_ANSWER: u64 = 500;

/// Bytes of a token of text, about.
const BYTES_A_TOKEN: usize = 4;

impl Plan {
    /// Leaves of this plan what one part of it asks. All parts together ask each case once, and keep to the budgets and
    /// limits of the whole. Returns what a person should know about it.
    pub fn take_part(&mut self, shard: Shard) -> Result<String, GateError> {
        let mut costs = Vec::new();
        for planned in &self.agents {
            for place in 0..planned.all() {
                costs.push(planned.expected_tokens(place)?);
            }
        }
        let mut parts = split(&costs, shard.of()).into_iter();
        for planned in &mut self.agents {
            let places = 0..planned.all();
            let mine = places.zip(parts.by_ref());
            let mine = mine.filter(|(_, part)| part + 1 == shard.number());
            planned.part = Some(mine.map(|(place, _)| place).collect());
        }
        self.shard = Some(shard);
        let asked: usize = self.agents.iter().map(PlannedAgent::cases).sum();
        let budget = self.take_share(shard.of());
        Ok(format!(
            "{}: {asked} of {} cases{budget}",
            shard.in_words(),
            costs.len()
        ))
    }

    /// What holds for the whole run holds for all parts together.
    fn take_share(&mut self, parts: u32) -> String {
        let mut told = Vec::new();
        if let Some(cost) = &mut self.run.budget_cost {
            let whole = *cost;
            *cost /= f64::from(parts);
            let currency = &self.prices.currency;
            told.push(format!("{currency} {cost:.4} of {whole:.4}"));
        }
        if let Some(tokens) = &mut self.run.budget_tokens {
            let whole = *tokens;
            *tokens /= u64::from(parts);
            told.push(format!("{tokens} of {whole} tokens"));
        }
        for provider in self.providers.values_mut() {
            if let Provider::OpenAi(settings) = provider {
                settings.requests_per_second = settings
                    .requests_per_second
                    .map(|most| most / f64::from(parts));
                settings.tokens_per_minute = settings
                    .tokens_per_minute
                    .map(|most| (most / u64::from(parts)).max(1));
            }
        }
        if told.is_empty() {
            return String::new();
        }
        format!("; its share of the budget is {}", told.join(" and "))
    }
}

impl PlannedAgent {
    /// What a case is expected to cost, in tokens.
    fn expected_tokens(&self, place: usize) -> Result<u64, GateError> {
        let case = self.at(place).map_err(GateError::Usage)?;
        let system = self.candidate.system.as_ref().map_or(0, String::len);
        let said: usize = case.messages.iter().map(|one| one.content.len()).sum();
        let prompt = u64::try_from((system + said) / BYTES_A_TOKEN).unwrap_or(u64::MAX);
        let most = self.candidate.parameters.max_tokens;
        Ok(prompt.saturating_add(most.map_or(EXPECTED_ANSWER, u64::from)))
    }
}

/// The part of each case, from 0: the dearest first, each to the part that has least so far. No part ends up further
/// from the mean than the dearest case costs.
fn split(costs: &[u64], parts: u32) -> Vec<u32> {
    let mut dearest: Vec<u32> = (0..).take(costs.len()).collect();
    let cost = |place: u32| {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        costs.get(place).copied().unwrap_or_default()
    };
    dearest.sort_by_key(|place| (Reverse(cost(*place)), *place));
    let mut least: BinaryHeap<_> = (0..parts).map(|part| Reverse((0_u64, part))).collect();
    let mut found = vec![0; costs.len()];
    for place in dearest {
        let Some(Reverse((load, part))) = least.pop() else {
            break;
        };
        least.push(Reverse((load.saturating_add(cost(place)), part)));
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        if let Some(found) = found.get_mut(place) {
            *found = part;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn loads(costs: &[u64], parts: u32) -> Vec<u64> {
        let mut loads = vec![0; parts as usize];
        for (cost, part) in costs.iter().zip(split(costs, parts)) {
            loads[part as usize] += cost;
        }
        loads
    }

    proptest! {
        #[test]
        fn every_part_is_within_one_case_of_the_mean(
            costs in prop::collection::vec(1_u64..5_000, 0..200),
            parts in 1_u32..40,
        ) {
            let dearest = costs.iter().copied().max().unwrap_or(0);
            let total: u64 = costs.iter().sum();
            let loads = loads(&costs, parts);
            prop_assert_eq!(loads.iter().sum::<u64>(), total);
            for load in loads {
                // Without a division: load and mean, both times the number of parts.
                prop_assert!((load * u64::from(parts)).abs_diff(total) <= dearest * u64::from(parts));
            }
        }
    }

    #[test]
    fn the_split_is_the_same_on_every_machine() {
        let costs = [7, 3, 3, 9, 1, 3, 8, 2, 2, 5];
        // By hand: 9, 8, 7 open the parts; 5 joins 7; 3 joins 8, 3 joins 9, 3 joins 11; then 2, 2 and 1.
        assert_eq!(split(&costs, 3), [2, 1, 0, 0, 0, 1, 1, 0, 2, 2]);
    }

    #[test]
    fn cases_of_one_cost_are_dealt_out_in_their_order() {
        assert_eq!(split(&[4; 7], 3), [0, 1, 2, 0, 1, 2, 0]);
    }

    #[test]
    fn more_parts_than_cases_leave_parts_empty() {
        assert_eq!(split(&[4, 4], 5), [0, 1]);
        assert!(split(&[], 5).is_empty());
    }

    #[test]
    fn a_hundred_thousand_cases_are_divided_evenly() {
        let costs: Vec<u64> = (0..100_000).map(|place| 500 + place % 977).collect();
        let loads = loads(&costs, 256);
        let (least, most) = (loads.iter().min().unwrap(), loads.iter().max().unwrap());
        assert!(most - least <= 1_476, "{least} {most}");
    }
}
