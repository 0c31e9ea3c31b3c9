//! What a plan may cost: whether its answers have prices, and a cap that can be lowered and never raised.

use super::{GateError, Plan, PlannedAgent};
use crate::config::Provider;

impl Plan {
    /// Lowers the cap on money; a run can be made cheaper than its rules allow, never dearer.
    pub fn lower_budget(&mut self, most: Option<f64>) -> Result<(), GateError> {
        let Some(most) = most else { return Ok(()) };
        for planned in &self.agents {
            if self.prices.price_of(&planned.candidate.model).is_none()
                && !self.is_recorded(planned)
            {
                return Err(GateError::Usage(format!(
                    "a bound on the cost needs the price of `{}`; add it under `prices.models`",
                    planned.candidate.model
                )));
            }
        }
        let judges = self.agents.iter().filter_map(|one| one.judge.as_deref());
        for judge in judges {
            let replayed = matches!(
                self.providers.get(&judge.provider),
                Some(Provider::Replay { .. })
            );
            if !replayed && self.prices.price_of(&judge.model).is_none() {
                return Err(GateError::Usage(format!(
                    "a bound on the cost needs the price of the judge `{}`; add it under `prices.models`",
                    judge.model
                )));
            }
        }
        if self.run.budget_cost.is_none_or(|cap| most < cap) {
            self.run.budget_cost = Some(most);
            self.cost_cap = "max-cost";
        }
        Ok(())
    }

    fn is_recorded(&self, planned: &PlannedAgent) -> bool {
        matches!(
            self.providers.get(&planned.agent.provider),
            Some(Provider::Replay { .. })
        )
    }

    /// Whether the cost of any answer is known.
    pub(super) fn has_prices(&self) -> bool {
        let models = self.agents.iter().map(|planned| &planned.candidate.model);
        let judge = self.agents.iter().find_map(|one| one.judge.as_ref());
        let judge = judge.map(|judge| &judge.model);
        models
            .chain(judge)
            .any(|model| self.prices.price_of(model).is_some())
    }
}
