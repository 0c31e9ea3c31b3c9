//! Asks: at most N questions at once, with retries, a budget and a deadline, over an `ask` closure that talks to a
//! model. Decides when to ask again and when to give up; does no input or output and scores nothing.

mod plan;

pub use plan::{Ask, AskError, Refusal, Reply, Usage};
