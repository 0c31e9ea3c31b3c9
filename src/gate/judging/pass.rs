//! One pass over answers: every vote that is missing is asked for, and once more where its reply cannot be read.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::pending::{At, On, at};
use crate::agent::Candidate;
use crate::gate::GateError;
use crate::gate::ledger::{Ledger, Ticket};
use crate::gate::measure::{Asking, Progress, interrupted, stop, tell};
use crate::judge::{Question, Vote, read};
use crate::runner::{self, Ask, Grading, Halt, Kept, Outcome, Reply, Status, Usage};
use crate::suite::Case;

/// A vote that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Put {
    pub(super) at: At,
    pub(super) look: u32,
    pub(super) vote: u32,
    again: bool,
}

impl Put {
    const fn ticket(&self) -> Ticket {
        let (agent, case, sample) = self.at;
        Ticket {
            agent,
            case,
            sample,
            look: self.look,
        }
    }
}

/// A first reply that could not be read.
#[derive(Debug, Clone)]
struct Unread {
    why: String,
    usage: Usage,
}

/// The questions of one pass, and what came of them.
pub(super) struct Pass<'p, 'l> {
    asking: &'p Asking<'p>,
    ledger: &'p RefCell<Ledger<'l>>,
    on: On,
    /// Stored answers that are graded again.
    pub(super) stored: BTreeMap<At, String>,
    unread: RefCell<BTreeMap<Put, Unread>>,
    missing: RefCell<BTreeMap<At, String>>,
}

impl<'p, 'l> Pass<'p, 'l> {
    pub(super) const fn of(
        asking: &'p Asking<'p>,
        ledger: &'p RefCell<Ledger<'l>>,
        on: On,
    ) -> Self {
        Self {
            asking,
            ledger,
            on,
            stored: BTreeMap::new(),
            unread: RefCell::new(BTreeMap::new()),
            missing: RefCell::new(BTreeMap::new()),
        }
    }

    /// The votes on an answer that are not in.
    pub(super) fn missing(&self, ticket: Ticket) -> Vec<Put> {
        let planned = self.asking.plan.agents.get(ticket.agent);
        let votes = planned
            .and_then(|one| Some(one.judge.as_ref()?.votes))
            .unwrap_or(0);
        let ledger = self.ledger.borrow();
        let known = ledger.judging.votes(at(ticket), self.on);
        let open = (0..votes).filter(|vote| known.iter().all(|known| known.vote != *vote));
        open.map(|vote| Put {
            at: at(ticket),
            look: ticket.look,
            vote,
            again: false,
        })
        .collect()
    }

    /// Why a vote on an answer is not in.
    pub(super) fn why_missing(&self, ticket: Ticket) -> String {
        let missing = self.missing.borrow();
        let why = missing.get(&at(ticket));
        why.map_or("it was not asked", |why| why.as_str())
            .to_owned()
    }

    /// Asks for these votes.
    pub(super) async fn ask(
        &self,
        puts: impl Iterator<Item = Put>,
        count: usize,
    ) -> Result<(), GateError> {
        (self.asking.progress)(Progress::Planned(count));
        self.round(puts).await?;
        let again: Vec<Put> = self.unread.borrow().keys().copied().collect();
        if again.is_empty() {
            return Ok(());
        }
        (self.asking.progress)(Progress::Planned(again.len()));
        let again = again.into_iter().map(|put| Put { again: true, ..put });
        self.round(again).await
    }

    async fn round(&self, puts: impl Iterator<Item = Put>) -> Result<(), GateError> {
        let asking = self.asking;
        let Some(judge) = asking
            .plan
            .agents
            .iter()
            .find_map(|one| one.judge.as_deref())
        else {
            return Ok(());
        };
        let provider = asking.providers.judge()?;
        let settings = asking.settings(&judge.provider);
        let priced = asking.plan.has_prices();
        let done = runner::run(
            puts,
            &settings,
            |put| self.load(put).map_err(|why| why.to_string()),
            async |ask| provider.ask(ask).await,
            interrupted(asking.interrupt.clone()),
            |event| tell(asking.progress, &event),
            |put, ask, outcome| {
                self.settle(put, ask, outcome)?;
                let ledger = self.ledger.borrow();
                (asking.progress)(Progress::Finished {
                    score: ledger.score_so_far(),
                    cost: priced.then(|| asking.budget.spent().cost),
                });
                Ok(())
            },
        );
        done.await.map_err(|halt| match halt {
            Halt::Refused(refusal) => refusal.into(),
            Halt::Unkept(error) => error,
        })
    }

    fn answer(&self, put: Put) -> Result<String, GateError> {
        if self.on == On::Stored {
            return Ok(self.stored.get(&put.at).cloned().unwrap_or_default());
        }
        let settled = self.ledger.borrow().waiting(put.ticket())?;
        let text = settled.and_then(|settled| settled.sample.text);
        Ok(text.and_then(|text| text.answer).unwrap_or_default())
    }

    fn load(&self, put: Put) -> Result<Ask, GateError> {
        let missing = || GateError::Usage("the plan has no such agent".to_owned());
        let planned = self.asking.plan.agents.get(put.at.0).ok_or_else(missing)?;
        let judge = planned.judge.as_ref().ok_or_else(missing)?;
        let case = planned.case(put.at.1).map_err(GateError::Usage)?;
        let question = Question::of(judge, &case, &self.answer(put)?);
        let unread = self.unread.borrow();
        let first = unread
            .get(&Put {
                again: false,
                ..put
            })
            .filter(|_| put.again);
        Ok(Ask {
            agent: planned.asked_as().clone(),
            case: Arc::new(Case {
                messages: question.messages(first.map(|unread| unread.why.as_str())),
                ..Case::clone(&case)
            }),
            sample: put.at.2,
            candidate: Arc::new(Candidate {
                model: judge.model.clone(),
                system: Some(question.system),
                parameters: judge.parameters.clone(),
            }),
            grading: Some(Arc::new(Grading {
                question: question.digest,
                // A stored answer may be that of this run: its votes are further ones.
                vote: match self.on {
                    On::Answer => put.vote,
                    On::Stored => judge.votes + put.vote,
                },
                again: put.again,
                schema: Arc::new(question.schema),
                kept: match self.on {
                    On::Answer => Kept::WillDo,
                    On::Stored => Kept::WillNotDo,
                },
            })),
        })
    }

    fn settle(&self, put: Put, ask: Option<&Ask>, outcome: Outcome) -> Result<(), GateError> {
        let grading = ask.and_then(|ask| ask.grading.as_ref());
        match (outcome.status, grading) {
            (Status::Answered(reply), Some(grading)) => self.reply(put, grading, reply),
            (Status::Answered(_), None) => Ok(()),
            (Status::Unanswered { cause, why }, _) => {
                if let Some(why) = stop(cause).filter(|_| self.gates(put)) {
                    self.ledger.borrow_mut().stopped(why);
                }
                self.missing.borrow_mut().entry(put.at).or_insert(why);
                Ok(())
            }
        }
    }

    /// A vote on what decides nothing ends no run.
    fn gates(&self, put: Put) -> bool {
        let planned = self.asking.plan.agents.get(put.at.0);
        self.on == On::Answer
            && planned.is_some_and(|one| !one.new && one.arm.is_none() && put.at.1 < one.gating())
    }

    fn reply(&self, put: Put, grading: &Grading, reply: Reply) -> Result<(), GateError> {
        let planned = self.asking.plan.agents.get(put.at.0);
        let Some(judge) = planned.and_then(|one| one.judge.as_deref()) else {
            return Ok(());
        };
        let usage = reply.usage.unwrap_or_default();
        let grades = read(judge, &reply.text, reply.finish_reason.as_deref());
        let (grades, unreadable) = match grades {
            Ok(grades) => (grades, None),
            Err(why) if put.again => (BTreeMap::new(), Some(why.0)),
            Err(why) => {
                let unread = Unread { why: why.0, usage };
                self.unread.borrow_mut().insert(put, unread);
                return Ok(());
            }
        };
        let before = self
            .unread
            .borrow()
            .get(&Put {
                again: false,
                ..put
            })
            .map(|one| one.usage);
        let vote = Vote {
            vote: put.vote,
            grades,
            unreadable,
            reply: Some(reply.text),
            finish_reason: reply.finish_reason,
            again: put.again,
            cached: reply.cached,
            usage: usage.plus(before.unwrap_or_default()),
        };
        let mut ledger = self.ledger.borrow_mut();
        let ticket = put.ticket();
        ledger.cast(
            ticket,
            self.on,
            (grading.question, vote, self.asking.budget.spent()),
        )?;
        let all = ledger.judging.votes(put.at, self.on).len();
        if self.on == On::Answer && u32::try_from(all).is_ok_and(|all| all >= judge.votes) {
            ledger.grade(ticket, None)?;
        }
        Ok(())
    }
}
