//! Asks: at most N questions at once, with retries, a budget and a deadline, over an `ask` closure that talks to a
//! model. Decides when to ask again and when to give up; does no input or output and scores nothing.

mod backoff;
mod breaker;
mod budget;
mod desk;
mod outcome;
mod pace;
mod plan;
mod question;
mod run;

pub use budget::{Budget, Spent};
pub use outcome::{Cause, Event, Halt, Outcome, Status};
pub use plan::{Allowance, Ask, AskError, Fault, Grading, Kept, Refusal, Remaining, Reply, Usage};
pub use run::{Settings, run};
