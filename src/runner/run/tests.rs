//! What a run promises, with a closure for a model and a clock that only moves when everybody waits.

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;

use super::*;
use crate::agent::{AgentName, Candidate, Parameters};
use crate::runner::{Allowance, Fault, Refusal, Usage};
use crate::score::Expectation;
use crate::suite::{Case, CaseId};

/// A sample of one case; questions differ in their sample only.
pub(in crate::runner) fn ask(sample: u32) -> Ask {
    Ask {
        agent: AgentName::new("qa").unwrap(),
        case: Arc::new(Case {
            id: CaseId::new("one"),
            messages: Vec::new(),
            expectation: Expectation::default(),
            tags: Vec::new(),
            weight: 1.0,
            cluster: None,
            draft: false,
        }),
        sample,
        candidate: Arc::new(Candidate {
            model: "m".to_owned(),
            system: None,
            parameters: Parameters::default(),
        }),
        grading: None,
    }
}

pub(in crate::runner) fn reply(text: impl Into<String>) -> Reply {
    Reply {
        text: text.into(),
        finish_reason: Some("stop".to_owned()),
        tool_calls: Vec::new(),
        served_model: None,
        system_fingerprint: None,
        usage: Some(Usage {
            prompt_tokens: 6,
            completion_tokens: 4,
        }),
        latency: Some(Duration::from_millis(50)),
        cached: false,
        allowance: Allowance::default(),
    }
}

pub(in crate::runner) fn passing(fault: Fault) -> AskError {
    AskError::Passing {
        fault,
        why: "it broke".to_owned(),
        retry_after: None,
        usage: None,
    }
}

fn key_refused() -> Refusal {
    Refusal::Key {
        provider: "p".to_owned(),
        key_env: "KEY".to_owned(),
        status: 401,
        detail: "no".to_owned(),
    }
}

/// Runs a plan of `n` questions; the model gets the sample and the number of requests made before this one.
async fn ask_all<F: Future<Output = Result<Reply, AskError>>>(
    n: u32,
    settings: &Settings<'_>,
    model: impl Fn(u32, u32) -> F,
) -> Result<Vec<Outcome>, Refusal> {
    ask_until(n, settings, model, pending()).await
}

async fn ask_until<F: Future<Output = Result<Reply, AskError>>>(
    n: u32,
    settings: &Settings<'_>,
    model: impl Fn(u32, u32) -> F,
    interrupt: impl Future<Output = ()>,
) -> Result<Vec<Outcome>, Refusal> {
    let requests = Cell::new(0);
    let mut outcomes: Vec<Option<Outcome>> = vec![None; n as usize];
    let ended = run(
        0..n,
        settings,
        |sample| Ok(ask(sample)),
        async |ask| {
            let before = requests.replace(requests.get() + 1);
            model(ask.sample, before).await
        },
        interrupt,
        |_| {},
        |ticket, ask, outcome| {
            assert!(ask.is_none_or(|ask| ask.sample == ticket));
            let twice = outcomes[ticket as usize].replace(outcome);
            assert_eq!(twice, None, "question {ticket} was settled twice");
            Ok::<(), Infallible>(())
        },
    )
    .await;
    match ended {
        Ok(()) => Ok(outcomes.into_iter().map(Option::unwrap).collect()),
        Err(Halt::Refused(refusal)) => Err(refusal),
    }
}

fn causes(outcomes: &[Outcome]) -> Vec<&'static str> {
    outcomes
        .iter()
        .map(|outcome| match &outcome.status {
            Status::Answered(_) => "answered",
            Status::Unanswered { cause, .. } => cause.as_str(),
        })
        .collect()
}

fn why(outcome: &Outcome) -> &str {
    match &outcome.status {
        Status::Answered(reply) => panic!("answered: {}", reply.text),
        Status::Unanswered { why, .. } => why,
    }
}

fn at_once<'a>(budget: &'a Budget<'a>, concurrency: usize) -> Settings<'a> {
    Settings {
        concurrency: NonZeroUsize::new(concurrency).unwrap(),
        ..Settings::new(budget)
    }
}

#[tokio::test(start_paused = true)]
async fn outcomes_come_in_the_order_of_the_questions_whoever_answers_first() {
    let budget = Budget::unlimited();
    let outcomes = ask_all(5, &at_once(&budget, 5), async |sample, _| {
        tokio::time::sleep(Duration::from_millis(u64::from(100 - sample))).await;
        Ok(reply(sample.to_string()))
    })
    .await
    .unwrap();
    let expected: Vec<Outcome> = (0..5)
        .map(|sample| Outcome {
            status: Status::Answered(reply(sample.to_string())),
            attempts: 1,
        })
        .collect();
    assert_eq!(outcomes, expected);
}

#[tokio::test(start_paused = true)]
async fn never_more_at_once_than_asked_for_and_no_slot_stays_empty() {
    let budget = Budget::unlimited();
    let (open, most) = (Cell::new(0), Cell::new(0));
    let start = Instant::now();
    ask_all(40, &at_once(&budget, 4), async |_, _| {
        open.set(open.get() + 1);
        most.set(most.get().max(open.get()));
        tokio::time::sleep(Duration::from_millis(50)).await;
        open.set(open.get() - 1);
        Ok(reply("x"))
    })
    .await
    .unwrap();
    assert_eq!(most.get(), 4);
    assert_eq!(start.elapsed(), Duration::from_millis(500));
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_passes_leaves_the_same_reply_as_no_failure() {
    let budget = Budget::unlimited();
    let outcomes = ask_all(1, &at_once(&budget, 1), async |_, before| match before {
        0..3 => Err(passing(Fault::Throttled)),
        _ => Ok(reply("good")),
    })
    .await
    .unwrap();
    assert_eq!(outcomes[0].status, Status::Answered(reply("good")));
    assert_eq!((outcomes[0].attempts, outcomes[0].retries()), (4, 3));
}

#[tokio::test(start_paused = true)]
async fn retries_end_and_one_late_try_follows() {
    let budget = Budget::unlimited();
    let outcomes = ask_all(1, &at_once(&budget, 1), async |_, _| {
        Err(passing(Fault::Broken))
    })
    .await
    .unwrap();
    assert_eq!(causes(&outcomes), ["transport"]);
    assert_eq!(outcomes[0].attempts, 6);
    assert_eq!(why(&outcomes[0]), "it broke; asked 5 times");
}

#[tokio::test(start_paused = true)]
async fn the_late_round_brings_the_answer_that_was_missing() {
    let budget = Budget::unlimited();
    let outcomes = ask_all(3, &at_once(&budget, 3), async |sample, before| {
        match (sample, before) {
            (1, 0..7) => Err(passing(Fault::Broken)),
            _ => Ok(reply(sample.to_string())),
        }
    })
    .await
    .unwrap();
    assert_eq!(causes(&outcomes), ["answered", "answered", "answered"]);
    assert_eq!(outcomes[1].attempts, 6);
}

#[tokio::test(start_paused = true)]
async fn the_late_round_ends_when_it_does_not_help() {
    let budget = Budget::unlimited();
    let broken = Cell::new(0);
    ask_all(100, &at_once(&budget, 10), async |sample, _| {
        if sample % 2 == 0 {
            return Ok(reply("x"));
        }
        broken.set(broken.get() + 1);
        Err(passing(Fault::Broken))
    })
    .await
    .unwrap();
    let late = broken.get() - 50 * 5;
    assert!((5..=7).contains(&late), "{late} late requests");
}

#[tokio::test(start_paused = true)]
async fn with_no_retries_a_question_is_asked_once() {
    let budget = Budget::unlimited();
    let settings = Settings {
        retries: 0,
        ..at_once(&budget, 1)
    };
    let outcomes = ask_all(1, &settings, async |_, _| Err(passing(Fault::Broken))).await;
    assert_eq!(outcomes.unwrap()[0].attempts, 1);
}

#[tokio::test(start_paused = true)]
async fn the_server_is_waited_for_as_long_as_it_asks() {
    let budget = Budget::unlimited();
    let start = Instant::now();
    ask_all(1, &at_once(&budget, 1), async |_, before| match before {
        0 => Err(AskError::Passing {
            fault: Fault::Throttled,
            why: "busy".to_owned(),
            retry_after: Some(Duration::from_secs(20)),
            usage: None,
        }),
        _ => Ok(reply("x")),
    })
    .await
    .unwrap();
    let took = start.elapsed();
    assert!(took >= Duration::from_secs(20) && took <= Duration::from_secs(21));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_for_more_than_a_minute_is_not_waited_for() {
    let budget = Budget::unlimited();
    let settings = Settings {
        retry_delay: Duration::from_millis(1),
        ..at_once(&budget, 1)
    };
    let start = Instant::now();
    let outcomes = ask_all(1, &settings, async |_, _| {
        Err(AskError::Passing {
            fault: Fault::Throttled,
            why: "busy".to_owned(),
            retry_after: Some(Duration::from_hours(1)),
            usage: None,
        })
    })
    .await
    .unwrap();
    assert!(start.elapsed() < Duration::from_secs(1));
    assert_eq!(
        why(&outcomes[0]),
        "busy; the server asks to wait 3600 s, more than the 60 s that a run waits"
    );
}

#[tokio::test(start_paused = true)]
async fn a_refused_question_is_not_asked_again_and_stops_nobody_else() {
    let budget = Budget::unlimited();
    let outcomes = ask_all(3, &at_once(&budget, 1), async |sample, _| match sample {
        0 => Err(AskError::Question {
            why: "too long".to_owned(),
        }),
        1 => Err(AskError::NoRecording {
            why: "not there".to_owned(),
        }),
        _ => Ok(reply("x")),
    })
    .await
    .unwrap();
    assert_eq!(causes(&outcomes), ["question", "no-recording", "answered"]);
    assert_eq!((outcomes[0].attempts, why(&outcomes[0])), (1, "too long"));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_the_key_ends_the_run_before_another_request_starts() {
    let budget = Budget::unlimited();
    let requests = Cell::new(0);
    let refused = ask_all(100, &at_once(&budget, 4), async |_, _| {
        requests.set(requests.get() + 1);
        tokio::time::sleep(Duration::from_millis(5)).await;
        Err(AskError::Hopeless(key_refused()))
    })
    .await;
    assert_eq!(refused, Err(key_refused()));
    assert_eq!(requests.get(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_was_never_reached_is_given_up_early() {
    let budget = Budget::unlimited();
    let requests = Cell::new(0);
    let outcomes = ask_all(1000, &at_once(&budget, 4), async |_, _| {
        requests.set(requests.get() + 1);
        Err(passing(Fault::Unreachable))
    })
    .await
    .unwrap();
    assert!(requests.get() <= 13, "{} requests", requests.get());
    assert!(causes(&outcomes).iter().all(|cause| *cause == "transport"));
    assert_eq!(
        why(&outcomes[999]),
        "the provider is unreachable (10 failed connections): it broke"
    );
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_is_away_for_a_moment_is_waited_for() {
    let budget = Budget::unlimited();
    let start = Instant::now();
    let outcomes = ask_all(300, &at_once(&budget, 8), async |_, _| {
        tokio::time::sleep(Duration::from_millis(50)).await;
        match start.elapsed().as_secs() {
            1..6 => Err(passing(Fault::Unreachable)),
            _ => Ok(reply("x")),
        }
    })
    .await
    .unwrap();
    assert!(causes(&outcomes).iter().all(|cause| *cause == "answered"));
    assert!(outcomes.iter().map(Outcome::retries).sum::<u32>() > 10);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_goes_away_in_mid_run_ends_the_run() {
    for (fault, sentence) in [
        (Fault::Unreachable, "the provider is unreachable ("),
        (Fault::Broken, "the provider stopped answering ("),
    ] {
        let budget = Budget::unlimited();
        let (start, requests) = (Instant::now(), Cell::new(0));
        let settings = at_once(&budget, 8);
        let outcomes = ask_all(1000, &settings, async |sample, _| {
            requests.set(requests.get() + 1);
            match sample {
                ..10 => Ok(reply("x")),
                _ => Err(passing(fault)),
            }
        });
        let outcomes = outcomes.await.unwrap();
        let (answered, missed) = outcomes.split_at(10);
        assert!(causes(answered).iter().all(|cause| *cause == "answered"));
        assert!(causes(missed).iter().all(|cause| *cause == "transport"));
        assert!(
            why(&missed[989]).starts_with(sentence),
            "{}",
            why(&missed[989])
        );
        assert!(start.elapsed() < Duration::from_mins(1));
        assert!(requests.get() < 300, "{} requests", requests.get());
    }
}

#[tokio::test(start_paused = true)]
async fn one_question_that_breaks_the_server_ends_no_run() {
    let budget = Budget::unlimited();
    let settings = at_once(&budget, 1);
    let outcomes = ask_all(20, &settings, async |sample, _| match sample {
        3..5 => Err(passing(Fault::Broken)),
        _ => Ok(reply("x")),
    });
    let outcomes = outcomes.await.unwrap();
    let answered = causes(&outcomes)
        .iter()
        .filter(|cause| **cause == "answered")
        .count();
    assert_eq!(answered, 18);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_only_throttles_ends_the_run_after_two_minutes() {
    let budget = Budget::unlimited();
    let start = Instant::now();
    let settings = at_once(&budget, 8);
    let outcomes = ask_all(10_000, &settings, async |_, _| {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Err(passing(Fault::Throttled))
    });
    let outcomes = outcomes.await.unwrap();
    assert!(causes(&outcomes).iter().all(|cause| *cause == "transport"));
    let took = start.elapsed();
    assert!(
        took > Duration::from_mins(2) && took < Duration::from_mins(4),
        "{took:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn no_request_starts_once_the_tokens_are_spent() {
    let budget = Budget::new(Some(25), None, |_, _| 0.0);
    let outcomes = ask_all(5, &at_once(&budget, 1), async |_, _| Ok(reply("x"))).await;
    let outcomes = outcomes.unwrap();
    assert_eq!(
        causes(&outcomes),
        ["answered", "answered", "answered", "budget", "budget"]
    );
    assert_eq!(why(&outcomes[3]), "30 of 25 tokens of the budget are spent");
    assert_eq!((budget.spent().tokens, outcomes[4].attempts), (30, 0));
}

#[tokio::test(start_paused = true)]
async fn no_request_starts_once_the_money_is_spent_and_the_next_run_knows() {
    let budget = Budget::new(None, Some(0.5), |_, usage| {
        f64::from(u32::try_from(usage.completion_tokens).unwrap()) / 16.0
    });
    let settings = at_once(&budget, 1);
    let first = ask_all(3, &settings, async |_, _| Ok(reply("x"))).await;
    assert_eq!(causes(&first.unwrap()), ["answered", "answered", "budget"]);
    let second = ask_all(1, &settings, async |_, _| Ok(reply("x"))).await;
    assert_eq!(causes(&second.unwrap()), ["budget"]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_count_tokens_still_uses_up_the_budget() {
    let budget = Budget::new(Some(10), None, |_, _| 0.0);
    let outcomes = ask_all(3, &at_once(&budget, 1), async |_, _| {
        Ok(Reply {
            usage: None,
            ..reply("x".repeat(41))
        })
    })
    .await
    .unwrap();
    assert_eq!(causes(&outcomes), ["answered", "budget", "budget"]);
    assert_eq!(budget.spent().tokens, 11);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_bounds_what_is_in_flight_and_what_waits() {
    let budget = Budget::unlimited();
    let settings = Settings {
        deadline: Some(Duration::from_secs(10)),
        ..at_once(&budget, 2)
    };
    let start = Instant::now();
    let outcomes = ask_all(4, &settings, async |sample, _| {
        let seconds = if sample == 0 { 1 } else { 100 };
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        Ok(reply("x"))
    })
    .await
    .unwrap();
    assert_eq!(
        causes(&outcomes),
        ["answered", "deadline", "deadline", "deadline"]
    );
    assert_eq!(start.elapsed(), Duration::from_secs(10));
    assert_eq!(outcomes[3].attempts, 0);
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_would_come_after_the_deadline_is_not_waited_for() {
    let budget = Budget::unlimited();
    let settings = Settings {
        deadline: Some(Duration::from_secs(10)),
        ..at_once(&budget, 1)
    };
    let start = Instant::now();
    let outcomes = ask_all(1, &settings, async |_, _| {
        Err(AskError::Passing {
            fault: Fault::Throttled,
            why: "busy".to_owned(),
            retry_after: Some(Duration::from_secs(30)),
            usage: None,
        })
    })
    .await
    .unwrap();
    assert_eq!(causes(&outcomes), ["deadline"]);
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_leaves_four_seconds_to_what_is_in_flight() {
    let budget = Budget::unlimited();
    let start = Instant::now();
    let interrupt = tokio::time::sleep(Duration::from_secs(10));
    let model = async |sample: u32, _: u32| {
        tokio::time::sleep(Duration::from_secs([1, 12, 100, 1][sample as usize])).await;
        Ok(reply("x"))
    };
    let outcomes = ask_until(4, &at_once(&budget, 3), model, interrupt).await;
    assert_eq!(start.elapsed(), Duration::from_secs(14));
    assert_eq!(
        causes(&outcomes.unwrap()),
        ["answered", "answered", "interrupted", "answered"]
    );
}

#[tokio::test(start_paused = true)]
async fn after_an_interrupt_nobody_waits_to_ask_again() {
    let budget = Budget::unlimited();
    let settings = Settings {
        retry_delay: Duration::from_secs(20),
        ..at_once(&budget, 2)
    };
    let start = Instant::now();
    let interrupt = tokio::time::sleep(Duration::from_millis(1));
    let model = async |_: u32, _: u32| {
        Err(AskError::Passing {
            fault: Fault::Throttled,
            why: "busy".to_owned(),
            retry_after: Some(Duration::from_secs(30)),
            usage: None,
        })
    };
    let outcomes = ask_until(9, &settings, model, interrupt).await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_millis(1));
    assert!(
        causes(&outcomes)
            .iter()
            .all(|cause| *cause == "interrupted")
    );
}

#[tokio::test(start_paused = true)]
async fn requests_a_second_count_retries_too() {
    let budget = Budget::unlimited();
    let settings = Settings {
        requests_per_second: Some(2.0),
        retry_delay: Duration::ZERO,
        ..at_once(&budget, 8)
    };
    let start = Instant::now();
    ask_all(4, &settings, async |_, before| match before {
        0 => Err(passing(Fault::Broken)),
        _ => Ok(reply("x")),
    })
    .await
    .unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn every_step_is_told_and_every_question_finishes_once() {
    let budget = Budget::unlimited();
    let told = RefCell::new(Vec::new());
    let failed = Cell::new(false);
    let model = async |ask: &Ask| {
        if ask.sample == 0 && !failed.replace(true) {
            return Err(passing(Fault::Broken));
        }
        Ok(reply("x"))
    };
    let on_event = |event: Event<'_>| {
        told.borrow_mut().push(match event {
            Event::Started { attempt } => format!("starts {attempt}"),
            Event::Ended => "ends".to_owned(),
            Event::Retrying { why, .. } => format!("again: {why}"),
            Event::LateRound { questions } => format!("late {questions}"),
            Event::Finished { outcome } => format!("finished after {}", outcome.attempts),
        });
    };
    let mut settled = Vec::new();
    let settle = |ticket: u32, _: Option<&Ask>, _: Outcome| {
        settled.push(ticket);
        Ok::<(), Infallible>(())
    };
    let load = |sample| Ok(ask(sample));
    let settings = at_once(&budget, 1);
    let ended = run(0..2, &settings, load, model, pending(), on_event, settle).await;
    assert_eq!((ended, settled), (Ok(()), vec![1, 0]));
    assert_eq!(
        told.into_inner(),
        [
            "starts 1",
            "ends",
            "again: it broke",
            "starts 1",
            "ends",
            "finished after 1",
            "starts 2",
            "ends",
            "finished after 2",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_question_is_loaded_when_it_opens_and_again_when_it_is_asked_late() {
    let budget = Budget::unlimited();
    let (loaded, open, most) = (RefCell::new(vec![0; 50]), Cell::new(0_i32), Cell::new(0));
    let load = |sample: u32| {
        loaded.borrow_mut()[sample as usize] += 1;
        open.set(open.get() + 1);
        most.set(most.get().max(open.get()));
        Ok(ask(sample))
    };
    let requests = Cell::new(0);
    let model = async |ask: &Ask| {
        requests.set(requests.get() + 1);
        tokio::time::sleep(Duration::from_millis(5)).await;
        match (ask.sample, requests.get()) {
            (7, ..55) => Err(passing(Fault::Broken)),
            _ => Ok(reply("x")),
        }
    };
    let settle = |_, ask: Option<&Ask>, _| {
        open.set(open.get() - i32::from(ask.is_some()));
        Ok::<(), Infallible>(())
    };
    let settings = at_once(&budget, 4);
    let ended = run(0..50, &settings, load, model, pending(), |_| {}, settle).await;
    assert_eq!(ended, Ok(()));
    let expected: Vec<u32> = (0..50).map(|sample| 1 + u32::from(sample == 7)).collect();
    assert_eq!(*loaded.borrow(), expected);
    // In flight, answered, and answered while the one before is worked up: four each.
    assert!(most.get() <= 12, "{} questions open at once", most.get());
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_does_not_load_is_unanswered_with_the_reason() {
    let budget = Budget::unlimited();
    let load = |sample: u32| match sample {
        1 => Err("line 2 cannot be read".to_owned()),
        _ => Ok(ask(sample)),
    };
    let mut outcomes = Vec::new();
    let settle = |ticket: u32, ask: Option<&Ask>, outcome| {
        assert_eq!(ask.is_none(), ticket == 1);
        outcomes.push(outcome);
        Ok::<(), Infallible>(())
    };
    let settings = at_once(&budget, 1);
    let model = async |_: &Ask| Ok(reply("x"));
    let ended = run(0..3, &settings, load, model, pending(), |_| {}, settle).await;
    assert_eq!(ended, Ok(()));
    assert_eq!(causes(&outcomes), ["answered", "question", "answered"]);
    assert_eq!(
        (why(&outcomes[1]), outcomes[1].attempts),
        ("line 2 cannot be read", 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_ends_where_an_outcome_cannot_be_kept() {
    let budget = Budget::unlimited();
    let requests = Cell::new(0);
    let model = async |_: &Ask| {
        requests.set(requests.get() + 1);
        Ok(reply("x"))
    };
    let settle = |ticket: u32, _: Option<&Ask>, _| match ticket {
        2 => Err("disk full"),
        _ => Ok(()),
    };
    let load = |sample| Ok(ask(sample));
    let settings = at_once(&budget, 1);
    let ended = run(0..9, &settings, load, model, pending(), |_| {}, settle).await;
    assert_eq!((ended, requests.get()), (Err(Halt::Unkept("disk full")), 3));
}

#[tokio::test(start_paused = true)]
async fn answers_that_came_before_a_refusal_are_kept() {
    let budget = Budget::unlimited();
    let model = async |ask: &Ask| match ask.sample {
        3 => Err(AskError::Hopeless(key_refused())),
        _ => Ok(reply("x")),
    };
    let mut kept = Vec::new();
    let settle = |ticket: u32, _: Option<&Ask>, _| {
        kept.push(ticket);
        Ok::<(), Infallible>(())
    };
    let load = |sample| Ok(ask(sample));
    let settings = at_once(&budget, 4);
    let ended = run(0..9, &settings, load, model, pending(), |_| {}, settle).await;
    assert_eq!(ended, Err(Halt::Refused(key_refused())));
    assert_eq!(kept, [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_kept_answer_costs_nothing() {
    let budget = Budget::new(Some(10), None, |_, _| 1.0);
    let settings = at_once(&budget, 1);
    let outcomes = ask_all(3, &settings, async |sample, _| {
        Ok(Reply {
            cached: sample < 2,
            ..reply("x")
        })
    });
    assert_eq!(causes(&outcomes.await.unwrap()), ["answered"; 3]);
    assert_eq!(budget.spent().tokens, 10);
}

#[tokio::test(start_paused = true)]
async fn tokens_of_an_answer_that_cannot_be_read_are_spent_too() {
    let budget = Budget::new(Some(30), None, |_, _| 0.0);
    let settings = at_once(&budget, 1);
    let outcomes = ask_all(2, &settings, async |_, before| match before {
        0 => Err(AskError::Passing {
            fault: Fault::Broken,
            why: "empty".to_owned(),
            retry_after: None,
            usage: reply("x").usage,
        }),
        _ => Ok(reply("x")),
    });
    assert_eq!(causes(&outcomes.await.unwrap()), ["answered", "answered"]);
    assert_eq!(budget.spent().tokens, 30);
}

#[tokio::test(start_paused = true)]
async fn two_runs_over_one_budget_stop_together() {
    let budget = Budget::new(Some(100), None, |_, _| 0.0);
    let settings = at_once(&budget, 2);
    let model = async |_: u32, _: u32| {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(reply("x"))
    };
    let (old, new) = tokio::join!(ask_all(50, &settings, model), ask_all(50, &settings, model));
    let answered = |outcomes: Vec<Outcome>| {
        let causes = causes(&outcomes);
        assert!(
            causes
                .iter()
                .all(|cause| ["answered", "budget"].contains(cause))
        );
        causes.iter().filter(|cause| **cause == "answered").count()
    };
    let (old, new) = (answered(old.unwrap()), answered(new.unwrap()));
    // Ten tokens an answer: the cap is met after ten, and at most the other three in flight come in after it.
    assert!((10..=13).contains(&(old + new)), "{old} + {new}");
    assert!(old.abs_diff(new) <= 2, "{old} and {new}");
    assert_eq!(budget.spent().tokens, 10 * (old + new) as u64);
}
