//! Decides whether there is something left to spend. Counts what answers cost; knows prices only through a closure.
//!
//! A cap is looked at before a request starts, so the answers in flight at that moment may go beyond it.

use std::cell::Cell;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::plan::{Ask, Reply, Usage};

/// Tokens and money that answers took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Spent {
    /// Tokens of questions and answers.
    pub tokens: u64,
    /// In the currency of the prices.
    pub cost: f64,
}

/// What an answer to a question costs.
type Price<'p> = dyn Fn(&Ask, Usage) -> f64 + 'p;

/// What may be spent. One budget may be lent to several runs, one after the other or side by side.
pub struct Budget<'p> {
    tokens: Option<u64>,
    cost: Option<f64>,
    price: Box<Price<'p>>,
    spent: Cell<Spent>,
}

impl<'p> Budget<'p> {
    /// A budget with caps where given, and with what an answer costs.
    pub fn new(
        tokens: Option<u64>,
        cost: Option<f64>,
        price: impl Fn(&Ask, Usage) -> f64 + 'p,
    ) -> Self {
        Self {
            tokens,
            cost,
            price: Box::new(price),
            spent: Cell::default(),
        }
    }

    /// Counts tokens, knows no price and never ends.
    pub fn unlimited() -> Self {
        Self::new(None, None, |_, _| 0.0)
    }

    /// The same budget after this was spent of it already.
    #[must_use]
    pub fn with_spent(self, spent: Spent) -> Self {
        self.spent.set(spent);
        self
    }

    /// What was spent so far, by every run that this budget was lent to.
    pub fn spent(&self) -> Spent {
        self.spent.get()
    }

    /// Why no further request may start, if so.
    pub(super) fn used_up(&self) -> Option<String> {
        let spent = self.spent.get();
        if let Some(cap) = self.tokens.filter(|cap| spent.tokens >= *cap) {
            let tokens = spent.tokens;
            return Some(format!("{tokens} of {cap} tokens of the budget are spent"));
        }
        let cap = self.cost.filter(|cap| spent.cost >= *cap)?;
        let cost = spent.cost;
        Some(format!("{cost:.4} of the budget of {cap:.4} are spent"))
    }

    /// Counts an answer. A server that does not count is taken to use a token for every four bytes.
    pub(super) fn count(&self, ask: &Ask, reply: &Reply) {
        if !reply.cached {
            self.spend(ask, reply.usage.unwrap_or_else(|| estimated(ask, reply)));
        }
    }

    /// Counts what the server says a question took, answered or not.
    pub(super) fn spend(&self, ask: &Ask, usage: Usage) {
        let tokens = usage.prompt_tokens.saturating_add(usage.completion_tokens);
        let spent = self.spent.get();
        self.spent.set(Spent {
            tokens: spent.tokens.saturating_add(tokens),
            cost: spent.cost + (self.price)(ask, usage),
        });
    }
}

impl fmt::Debug for Budget<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget")
            .field("tokens", &self.tokens)
            .field("cost", &self.cost)
            .field("spent", &self.spent.get())
            .finish_non_exhaustive()
    }
}

fn estimated(ask: &Ask, reply: &Reply) -> Usage {
    let system = ask.candidate.system.as_ref().map_or(0, String::len);
    let messages: usize = ask.case.messages.iter().map(|m| m.content.len()).sum();
    let tokens = |bytes: usize| u64::try_from(bytes.div_ceil(4)).unwrap_or(u64::MAX);
    Usage {
        prompt_tokens: tokens(system + messages),
        completion_tokens: tokens(reply.text.len()),
    }
}
