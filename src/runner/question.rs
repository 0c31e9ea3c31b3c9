//! The way of a single question: waits for its turn, asks, asks again where that may help, and ends with a status.
//! Decides what an answer or a failure means for the question and for the run.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::backoff::LONGEST_RETRY_AFTER;
use super::desk::{Desk, Round, Stop, out_of_time, until};
use super::outcome::{Cause, Event, Status};
use super::pace::{Sign, Turn};
use super::plan::{Ask, AskError, Fault, Refusal, Reply};

/// So many failed connections, and nothing else so far, mean that there is no server.
const UNREACHABLE_AFTER: u32 = 10;

/// What one request led to.
enum Attempt {
    Settled(Status),
    Failed {
        why: String,
        retry_after: Option<Duration>,
    },
}

impl<'a, A, E, Fut> Desk<'a, '_, A, E>
where
    A: Fn(&'a Ask<'a>) -> Fut,
    Fut: Future<Output = Result<Reply, AskError>>,
    E: FnMut(Event<'_>),
{
    /// Asks until there is an answer or a reason why there will be none.
    pub(super) async fn question(&self, index: usize, round: Round) -> Result<Status, Refusal> {
        if let Err(stop) = self.unless_stopped(wait_for(round.opens)).await {
            return Ok(stop.into());
        }
        let mut failed = 0;
        loop {
            match self.attempt(index).await? {
                Attempt::Settled(status) => return Ok(status),
                Attempt::Failed { why, retry_after } => {
                    failed += 1;
                    let again =
                        self.wait_before_retry(index, failed, round.retries, why, retry_after);
                    if let Err(stop) = again.await {
                        return Ok(stop.into());
                    }
                }
            }
        }
    }

    async fn attempt(&self, index: usize) -> Result<Attempt, Refusal> {
        let Some(ask) = self.asks.get(index) else {
            return Ok(Attempt::Settled(self.cut_off()));
        };
        let turn = match self.turn().await {
            Ok(turn) => turn,
            Err(stop) => return Ok(Attempt::Settled(stop.into())),
        };
        self.tell(Event::Started {
            index,
            attempt: self.count_attempt(index),
        });
        let answer = tokio::select! {
            biased;
            answer = (self.ask)(ask) => answer,
            () = until(self.deadline) => {
                return Ok(Attempt::Settled(out_of_time().into()));
            }
        };
        self.learn(turn, &answer);
        match answer {
            Ok(reply) => {
                self.budget.count(ask, &reply);
                Ok(Attempt::Settled(Status::Answered(reply)))
            }
            Err(AskError::Passing {
                why, retry_after, ..
            }) => Ok(Attempt::Failed { why, retry_after }),
            Err(AskError::Question { why }) => Ok(settled(Cause::Question, why)),
            Err(AskError::NoRecording { why }) => Ok(settled(Cause::NoRecording, why)),
            Err(AskError::Hopeless(refusal)) => Err(refusal),
        }
    }

    async fn wait_before_retry(
        &self,
        index: usize,
        failed: u32,
        retries: u32,
        why: String,
        retry_after: Option<Duration>,
    ) -> Result<(), Stop> {
        if self.is_stopped() {
            return Err(self.stop_reason());
        }
        let Some(wait) = self.backoff.wait(failed, retry_after) else {
            let asked = retry_after.unwrap_or_default().as_secs();
            let most = LONGEST_RETRY_AFTER.as_secs();
            return Err(given_up(format!(
                "{why}; the server asks to wait {asked} s, more than the {most} s that a run waits"
            )));
        };
        if failed > retries {
            return Err(given_up(match failed {
                1 => why,
                _ => format!("{why}; asked {failed} times"),
            }));
        }
        let until = Instant::now() + wait;
        if self.deadline.is_some_and(|at| until >= at) {
            return Err(Stop {
                cause: Cause::Deadline,
                why: format!("{why}; the next try would come after the run's deadline"),
            });
        }
        self.tell(Event::Retrying {
            index,
            wait,
            why: &why,
        });
        self.unless_stopped(sleep_until(until)).await
    }

    fn learn(&self, turn: Turn<'_>, answer: &Result<Reply, AskError>) {
        let fault = match answer {
            Err(AskError::Passing { fault, why, .. }) => Some((*fault, why)),
            Ok(_)
            | Err(
                AskError::Question { .. } | AskError::NoRecording { .. } | AskError::Hopeless(_),
            ) => None,
        };
        let sign = match fault {
            None => Sign::Answered,
            Some((Fault::Throttled, _)) => Sign::Throttled,
            Some((Fault::Unreachable | Fault::Broken, _)) => Sign::Neither,
        };
        self.pace.end(turn, sign);
        let Some((Fault::Unreachable, why)) = fault else {
            self.reached.set(true);
            return;
        };
        self.unreachable.set(self.unreachable.get() + 1);
        if !self.reached.get() && self.unreachable.get() >= UNREACHABLE_AFTER {
            let times = self.unreachable.get();
            let why = format!("the provider is unreachable ({times} failed connections): {why}");
            self.stop(Cause::Transport, why);
        }
    }
}

/// Completes at the given time, and at once without one.
async fn wait_for(time: Option<Instant>) {
    if let Some(time) = time {
        sleep_until(time).await;
    }
}

fn settled(cause: Cause, why: String) -> Attempt {
    Attempt::Settled(Status::Unanswered { cause, why })
}

fn given_up(why: String) -> Stop {
    Stop {
        cause: Cause::Transport,
        why,
    }
}
