//! The way of a single question: waits for its turn, asks, asks again where that may help, and ends with a status.
//! Decides what an answer or a failure means for the question and for the run.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::backoff::LONGEST_RETRY_AFTER;
use super::desk::{Desk, Round, Stop};
use super::outcome::{Cause, Event, Status};
use super::pace::{Sign, Turn};
use super::plan::{Ask, AskError, Fault, Refusal, Reply};

/// A ticket on its way through a round.
#[derive(Debug)]
pub(super) struct Job<T> {
    ticket: T,
    attempts: u32,
    /// What became of it in the round before.
    before: Option<Status>,
}

/// A ticket for which a round has done all it can.
#[derive(Debug)]
pub(super) struct Done<T> {
    pub(super) ticket: T,
    pub(super) ask: Option<Ask>,
    pub(super) attempts: u32,
    pub(super) status: Status,
    before: Option<Status>,
}

impl<T> Job<T> {
    /// A ticket that was not asked yet.
    pub(super) const fn first(ticket: T) -> Self {
        Self {
            ticket,
            attempts: 0,
            before: None,
        }
    }

    /// A ticket that is asked once more.
    pub(super) fn again(done: Done<T>) -> Self {
        Self {
            ticket: done.ticket,
            attempts: done.attempts,
            before: Some(done.status),
        }
    }

    /// A ticket that no round asks any more; `status` is for one that never was.
    pub(super) fn unasked(self, status: Status) -> Done<T> {
        self.done(None, status).or_as_before()
    }

    fn done(self, ask: Option<Ask>, status: Status) -> Done<T> {
        Done {
            ticket: self.ticket,
            ask,
            attempts: self.attempts,
            status,
            before: self.before,
        }
    }
}

impl<T> Done<T> {
    /// An answer replaces what became of the ticket before, anything else leaves it as it was.
    pub(super) fn or_as_before(mut self) -> Self {
        if let (false, Some(before)) = (
            matches!(self.status, Status::Answered(_)),
            self.before.take(),
        ) {
            self.status = before;
        }
        self
    }
}

/// What one request led to.
enum Attempt {
    Settled(Status),
    Failed {
        why: String,
        retry_after: Option<Duration>,
    },
}

impl<L, A, E> Desk<'_, L, A, E>
where
    A: AsyncFn(&Ask) -> Result<Reply, AskError>,
    E: FnMut(Event<'_>),
{
    /// Loads a ticket and asks until there is an answer or a reason why there will be none.
    pub(super) async fn question<T: Copy>(
        &self,
        mut job: Job<T>,
        round: Round,
    ) -> Result<Done<T>, Refusal>
    where
        L: Fn(T) -> Result<Ask, String>,
    {
        let opens = self.unless_stopped(wait_for(round.opens)).await;
        if let Err(stop) = opens.and_then(|()| self.may_start()) {
            return Ok(job.done(None, stop.into()));
        }
        match (self.load)(job.ticket) {
            Ok(ask) => {
                let status = self.asked(&ask, &mut job.attempts, round.retries).await?;
                Ok(job.done(Some(ask), status))
            }
            Err(why) => {
                let cause = Cause::Question;
                Ok(job.done(None, Status::Unanswered { cause, why }))
            }
        }
    }

    async fn asked(&self, ask: &Ask, attempts: &mut u32, retries: u32) -> Result<Status, Refusal> {
        let mut failed = 0;
        loop {
            match self.attempt(ask, attempts).await? {
                Attempt::Settled(status) => return Ok(status),
                Attempt::Failed { why, retry_after } => {
                    failed += 1;
                    let again = self.wait_before_retry(failed, retries, why, retry_after);
                    if let Err(stop) = again.await {
                        return Ok(stop.into());
                    }
                }
            }
        }
    }

    async fn attempt(&self, ask: &Ask, attempts: &mut u32) -> Result<Attempt, Refusal> {
        let turn = match self.turn(ask).await {
            Ok(turn) => turn,
            Err(stop) => return Ok(Attempt::Settled(stop.into())),
        };
        *attempts = attempts.saturating_add(1);
        self.tell(Event::Started { attempt: *attempts });
        let answer = self.unless_cut((self.ask)(ask)).await;
        self.tell(Event::Ended);
        let answer = match answer {
            Ok(answer) => answer,
            Err(stop) => return Ok(Attempt::Settled(stop.into())),
        };
        self.learn(turn, &answer);
        match answer {
            Ok(reply) => {
                self.budget.count(ask, &reply);
                Ok(Attempt::Settled(Status::Answered(reply)))
            }
            Err(AskError::Passing {
                why,
                retry_after,
                usage,
                ..
            }) => {
                if let Some(usage) = usage {
                    self.budget.spend(ask, usage);
                }
                Ok(Attempt::Failed { why, retry_after })
            }
            Err(AskError::Question { why }) => Ok(settled(Cause::Question, why)),
            Err(AskError::NoRecording { why }) => Ok(settled(Cause::NoRecording, why)),
            Err(AskError::Hopeless(refusal)) => Err(refusal),
        }
    }

    async fn wait_before_retry(
        &self,
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
        self.tell(Event::Retrying { wait, why: &why });
        self.unless_stopped(sleep_until(until)).await
    }

    fn learn(&self, turn: Turn<'_>, answer: &Result<Reply, AskError>) {
        match answer {
            Ok(reply) => {
                self.pace.end(turn, Sign::Answered(reply));
                if !reply.cached {
                    self.answered();
                }
            }
            Err(AskError::Passing {
                fault,
                why,
                retry_after,
                ..
            }) => {
                let sign = match fault {
                    Fault::Throttled => Sign::Throttled(*retry_after),
                    Fault::Unreachable | Fault::Broken => Sign::Neither,
                };
                self.pace.end(turn, sign);
                self.failed(*fault, why);
            }
            Err(
                AskError::Question { .. } | AskError::NoRecording { .. } | AskError::Hopeless(_),
            ) => {
                self.pace.end(turn, Sign::Declined);
                self.answered();
            }
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
