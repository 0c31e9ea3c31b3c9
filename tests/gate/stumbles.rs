//! A GitHub that limits, breaks off, or answers half: what passes is waited for, what does not is told with its end, and
//! neither is a verdict about a model.

use std::time::{Duration, Instant, SystemTime};

use crate::support::github::Fault;
use crate::support::job::Run;
use crate::support::world::{QA_FILE, QA_NEW, Skill, World};

/// A pull request that fails, beside a stored baseline.
fn worse() -> (World, u64) {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Misses(3));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    (world, number)
}

fn no_verdict(world: &World, run: &Run, asked: usize) {
    assert_eq!(run.output("outcome"), "error");
    assert!(run.summary.contains("COULD NOT MEASURE"), "{}", run.summary);
    assert_eq!(world.model.asked().len(), asked, "nothing was asked");
}

/// The second since 1970 at which a limit ends that is 40 minutes long.
fn in_forty_minutes() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap().as_secs() + 2400
}

/// The end of a limit, as a message tells it.
fn told_end(text: &str) -> u64 {
    let (_, rest) = text
        .split_once("it ends at ")
        .unwrap_or_else(|| panic!("{text}"));
    let (end, _) = rest
        .split_once(": re-run")
        .unwrap_or_else(|| panic!("{text}"));
    let end: jiff::Timestamp = end.parse().unwrap_or_else(|why| panic!("{end}: {why}"));
    end.as_second().try_into().unwrap()
}

#[test]
fn a_limit_that_names_a_second_is_waited_for() {
    let (world, number) = worse();
    let limit = Fault::too_many_requests(1);
    world.github.fault("repos/get-content", 1, limit);
    let since = Instant::now();
    world.opened(number).run().exits(1);
    assert!(since.elapsed() >= Duration::from_secs(1));
}

#[test]
fn a_secondary_limit_that_passes_leaves_no_trace() {
    let (world, number) = worse();
    for operation in ["repos/get-content", "issues/create-comment"] {
        let (named, unnamed) = (
            Fault::secondary_limit(Some(1)),
            Fault::secondary_limit(None),
        );
        world.github.fault(operation, 1, named);
        world.github.fault(operation, 1, unnamed);
    }
    let run = world.opened(number).run().exits(1);
    assert_eq!(run.annotations("warning"), Vec::<&str>::new());
    assert!(world.comment(number).body.contains("### ❌ FAIL"));
}

#[test]
fn a_limit_that_ends_in_forty_minutes_is_told_with_its_end_and_nothing_is_asked() {
    let (world, number) = worse();
    let asked = world.model.asked().len();
    let end = in_forty_minutes();
    let compare = "repos/compare-commits-with-basehead";
    world.github.fault(compare, 1, Fault::primary_limit(end));
    let since = Instant::now();
    let run = world.opened(number).run().exits(3);
    assert!(since.elapsed() < Duration::from_mins(1), "it waits");

    no_verdict(&world, &run, asked);
    for told in [&run.summary, &run.stdout] {
        let told = told_end(told);
        assert!((end..end + 10).contains(&told), "{told} for {end}");
    }
}

#[test]
fn the_same_limit_on_the_comment_is_a_warning_and_the_verdict_stands() {
    let (world, number) = worse();
    let end = in_forty_minutes();
    let limit = Fault::primary_limit(end);
    world.github.fault("issues/create-comment", 1, limit);
    let run = world.opened(number).run().exits(1);

    let warnings = run.annotations("warning");
    assert_eq!(warnings.len(), 1, "{}", run.stdout);
    let told = told_end(warnings[0]);
    assert!((end..end + 10).contains(&told), "{told} for {end}");
    assert_eq!(run.output("outcome"), "fail");
    assert!(run.summary.contains("### ❌ FAIL"), "{}", run.summary);
}

#[test]
fn a_read_that_breaks_off_is_read_again() {
    for fault in [Fault::Disconnect, Fault::CutBody, Fault::unavailable()] {
        let (world, number) = worse();
        for operation in ["repos/get-content", "repos/compare-commits-with-basehead"] {
            world.github.fault(operation, 1, fault.clone());
        }
        world.opened(number).run().exits(1);
        assert!(world.comment(number).body.contains("### ❌ FAIL"));
    }
}

#[test]
fn an_answer_that_is_half_of_its_json_is_no_verdict() {
    let (world, number) = worse();
    let asked = world.model.asked().len();
    let compare = "repos/compare-commits-with-basehead";
    world.github.fault(compare, 50, Fault::HalfJson);
    let run = world.opened(number).run().exits(3);
    no_verdict(&world, &run, asked);
    assert!(run.summary.contains("cannot be read"), "{}", run.summary);
}

#[test]
fn a_list_of_files_that_is_half_touches_every_agent() {
    let world = World::new();
    world.push_to_main().exits(0);
    let number = world.pull_request(&[("README.md", "# Words\n")]);
    world.github.fault("pulls/list-files", 50, Fault::HalfJson);
    let run = world.opened(number).run().exits(0);
    let agents = run.record()["changes"]["agents"].clone();
    assert_eq!(agents.as_array().unwrap().len(), 2, "{agents}");
}

#[test]
fn a_base_that_was_forced_away_leaves_the_floors_to_decide_and_is_told() {
    for (skill, code) in [(Skill::Halves(3), 0), (Skill::Misses(3), 1)] {
        let world = World::new();
        world.push_to_main().exits(0);
        world.teach(QA_NEW, skill);
        let number = world.pull_request_for(QA_FILE, QA_NEW);
        let gone = Fault::refusal(404, "Not Found");
        let compare = "repos/compare-commits-with-basehead";
        world.github.fault(compare, 50, gone);
        let run = world.opened(number).run().exits(code);

        let comment = world.comment(number).body;
        assert!(comment.contains("no common ancestor"), "{comment}");
        assert_eq!(run.output("baseline-commit"), "");
    }
}

#[test]
fn a_name_that_does_not_resolve_is_no_verdict() {
    // Longer than a label may be: no server is asked for it.
    let nobody = format!("{}.example", "a".repeat(64));
    let address = format!("http://{nobody}/v1");
    let world = World::configured(|config| {
        let (_, rest) = config.split_once("base_url: ").unwrap();
        let (old, _) = rest.split_once('\n').unwrap();
        config.replace(old, &address)
    });
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(3);
    no_verdict(&world, &run, 0);
    assert!(world.comment(number).body.contains("COULD NOT MEASURE"));

    let job = world.pushed_again(number).numbered(4712);
    let api = format!("https://{nobody}/api/v3");
    let run = job.variable("GITHUB_API_URL", &api).run().exits(3);
    no_verdict(&world, &run, 0);
    assert!(
        run.summary.contains("GitHub cannot be reached"),
        "{}",
        run.summary
    );
}
