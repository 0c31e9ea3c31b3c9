//! What the pace promises, in a time that only moves when everybody waits.

use super::*;
use crate::runner::run::{ask, reply};
use crate::runner::{Allowance, Budget, Remaining, Usage};

fn pace(at_once: usize, change: impl FnOnce(&mut Settings<'_>)) -> Pace {
    let budget = Budget::unlimited();
    let mut settings = Settings {
        concurrency: std::num::NonZeroUsize::new(at_once).unwrap(),
        ..Settings::new(&budget)
    };
    change(&mut settings);
    Pace::new(&settings)
}

async fn hold(pace: &Pace, turns: usize) -> Vec<Turn<'_>> {
    let mut held = Vec::new();
    for _ in 0..turns {
        held.push(pace.turn(&ask(0)).await);
    }
    held
}

#[tokio::test(start_paused = true)]
async fn requests_a_second_are_spread_evenly() {
    let pace = pace(8, |settings| settings.requests_per_second = Some(4.0));
    let start = Instant::now();
    hold(&pace, 5).await;
    assert_eq!(start.elapsed(), Duration::from_secs(1));
}

/// An answer with what the server says is left of its requests.
fn left(requests: u64, seconds: u64) -> Reply {
    Reply {
        allowance: Allowance {
            requests: Some(Remaining {
                left: requests,
                reset: Duration::from_secs(seconds),
            }),
            tokens: None,
        },
        ..reply("x")
    }
}

/// Time until the next turn, which is then given back.
async fn wait(pace: &Pace) -> Duration {
    let start = Instant::now();
    let turn = pace.turn(&ask(0)).await;
    pace.end(turn, Sign::Neither);
    start.elapsed()
}

async fn answered(pace: &Pace, reply: &Reply) {
    let turn = pace.turn(&ask(0)).await;
    tokio::time::advance(Duration::from_millis(1)).await;
    pace.end(turn, Sign::Answered(reply));
}

#[tokio::test(start_paused = true)]
async fn a_high_rate_is_reached_although_clocks_are_coarse() {
    let pace = pace(8, |settings| settings.requests_per_second = Some(1500.0));
    let start = Instant::now();
    for _ in 0..3000 {
        wait(&pace).await;
    }
    let took = start.elapsed().as_millis();
    assert!((1950..2050).contains(&took), "{took} ms");
}

#[tokio::test(start_paused = true)]
async fn tokens_a_minute_are_kept_by_what_answers_really_took() {
    // Two hundred tokens a second, in answers of ten: twenty a second, although far more is estimated before.
    let pace = pace(8, |settings| settings.tokens_per_minute = Some(12_000));
    let start = Instant::now();
    for _ in 0..2000 {
        answered(&pace, &reply("x")).await;
    }
    let seconds = start.elapsed().as_secs_f64();
    assert!((90.0..=100.0).contains(&seconds), "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn tokens_of_answers_that_are_still_open_are_estimated() {
    let pace = pace(64, |settings| settings.tokens_per_minute = Some(6000));
    let start = Instant::now();
    // 256 tokens are guessed for each, and 600 may go out at once.
    let open = hold(&pace, 3).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
    let next = wait(&pace).await;
    assert!(next > Duration::from_millis(1500), "{next:?}");
    drop(open);
}

#[tokio::test(start_paused = true)]
async fn a_count_of_tokens_beyond_belief_stops_a_run_for_a_minute_at_most() {
    let pace = pace(8, |settings| settings.tokens_per_minute = Some(60_000));
    let huge = Reply {
        usage: Some(Usage {
            prompt_tokens: u64::MAX,
            completion_tokens: u64::MAX,
        }),
        ..reply("x")
    };
    answered(&pace, &huge).await;
    assert!(wait(&pace).await <= Duration::from_mins(1));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_kept_takes_nobody_s_turn() {
    let pace = pace(8, |settings| {
        settings.requests_per_second = Some(1.0);
        settings.tokens_per_minute = Some(60);
    });
    let kept = Reply {
        cached: true,
        ..reply("x")
    };
    let start = Instant::now();
    for _ in 0..100 {
        pace.end(pace.turn(&ask(0)).await, Sign::Answered(&kept));
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_server_with_nothing_left_is_left_alone_until_it_has() {
    let pace = pace(8, |_| {});
    answered(&pace, &left(1, 9)).await;
    assert_eq!(wait(&pace).await, Duration::ZERO);
    answered(&pace, &left(0, 9)).await;
    assert_eq!(wait(&pace).await, Duration::from_secs(9));
    assert_eq!(wait(&pace).await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_count_that_never_rises_costs_one_wait() {
    let pace = pace(8, |_| {});
    let start = Instant::now();
    for _ in 0..100 {
        answered(&pace, &left(0, u64::MAX)).await;
    }
    assert!(start.elapsed() < Duration::from_secs(62));
    assert!(start.elapsed() > Duration::from_secs(59));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_names_a_time_holds_everybody_and_a_later_answer_lets_them_go() {
    let pace = pace(8, |_| {});
    let refused = pace.turn(&ask(0)).await;
    tokio::time::advance(Duration::from_millis(1)).await;
    let later = pace.turn(&ask(0)).await;
    pace.end(refused, Sign::Throttled(Some(Duration::from_secs(30))));
    let start = Instant::now();
    let release = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        pace.end(later, Sign::Answered(&reply("x")));
    };
    tokio::join!(release, wait(&pace));
    assert_eq!(start.elapsed(), Duration::from_secs(10));
    let refused = pace.turn(&ask(0)).await;
    pace.end(refused, Sign::Throttled(Some(Duration::from_secs(30))));
    assert_eq!(wait(&pace).await, Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn a_wait_of_more_than_a_minute_holds_nobody() {
    let pace = pace(8, |_| {});
    let refused = pace.turn(&ask(0)).await;
    pace.end(refused, Sign::Throttled(Some(Duration::MAX)));
    assert_eq!(wait(&pace).await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_says_exactly_how_many_are_too_many() {
    let pace = pace(20, |_| {});
    let mut turns = hold(&pace, 20).await;
    for turn in turns.split_off(7) {
        pace.end(turn, Sign::Throttled(None));
    }
    assert_eq!(pace.crowd.borrow().limit(), 7);
    assert_eq!((pace.issued.get(), pace.in_flight.get()), (7, 7));
    turns.pop();
    hold(&pace, 1).await;
}
