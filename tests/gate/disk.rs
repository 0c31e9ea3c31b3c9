//! The runner's files, and a disk that takes no more: the verdict stands where there is one, and what could not be
//! written is named.

use crate::support::job::Job;
use crate::support::world::{QA_FILE, QA_NEW, Skill, World};

/// What a pull request comes to, whatever becomes of its files.
fn both_ways(
    prepare: impl for<'w> Fn(Job<'w>) -> Job<'w>,
    check: impl Fn(&World, u64, &crate::support::job::Run),
) {
    for (skill, code, word) in [(Skill::Perfect, 0, "PASS"), (Skill::Misses(3), 1, "FAIL")] {
        let world = World::new();
        world.push_to_main().exits(0);
        world.teach(QA_NEW, skill);
        let number = world.pull_request_for(QA_FILE, QA_NEW);
        let run = prepare(world.opened(number)).run().exits(code);
        let comment = world.comment(number).body;
        assert!(comment.contains(word), "{comment}");
        assert!(comment.contains("| **qa_agent** |"), "{comment}");
        check(&world, number, &run);
    }
}

#[test]
fn outputs_that_cannot_be_written_change_no_verdict() {
    both_ways(
        |job| job.unwritable("output"),
        |_, _, run| {
            let warnings = run.annotations("warning");
            assert_eq!(warnings.len(), 1, "{}", run.stdout);
            assert!(warnings[0].contains("GITHUB_OUTPUT"), "{}", warnings[0]);
            assert!(run.summary.contains("| **qa_agent** |"), "{}", run.summary);
        },
    );
}

#[test]
fn a_job_that_has_no_file_of_outputs_has_its_verdict_all_the_same() {
    both_ways(
        |job| job.without("GITHUB_OUTPUT").without("GITHUB_STEP_SUMMARY"),
        |_, _, run| {
            assert_eq!(run.annotations("warning"), Vec::<&str>::new());
            assert!(run.outputs.is_empty());
        },
    );
}

#[test]
fn a_summary_that_cannot_be_written_changes_no_verdict() {
    both_ways(
        |job| job.unwritable("summary"),
        |_, _, run| {
            let warnings = run.annotations("warning");
            assert_eq!(warnings.len(), 1, "{}", run.stdout);
            assert!(
                warnings[0].contains("GITHUB_STEP_SUMMARY"),
                "{}",
                warnings[0]
            );
            assert_ne!(run.output("outcome"), "");
        },
    );
}

#[test]
fn a_workspace_that_cannot_be_written_costs_a_warning() {
    both_ways(
        |job| job.file("tunegate-out", "a file, where a folder should be"),
        |_, _, run| {
            let warnings = run.annotations("warning");
            assert_eq!(warnings.len(), 1, "{}", run.stdout);
            assert!(warnings[0].contains("tunegate-out"), "{}", warnings[0]);
            for name in ["report-json", "report-markdown", "report-html"] {
                assert_eq!(run.output(name), "");
            }
            assert_ne!(run.output("outcome"), "");
            assert!(run.summary.contains("| **qa_agent** |"), "{}", run.summary);
        },
    );
}

#[test]
fn a_disk_that_is_full_before_the_answers_are_in_ends_a_job_without_a_verdict() {
    let world = World::new();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).on_a_small_disk(4).run().exits(3);
    assert_eq!(run.output("outcome"), "error");
    assert!(run.summary.contains("COULD NOT MEASURE"), "{}", run.summary);
    assert!(run.stdout.contains("journal.jsonl"), "{}", run.stdout);
    let comment = world.comment(number).body;
    assert!(comment.contains("COULD NOT MEASURE"), "{comment}");
    assert!(!run.files.contains_key("tunegate-out/run.json"));
}

#[test]
fn a_disk_that_is_full_when_the_reports_are_written_costs_a_warning() {
    both_ways(
        |job| job.on_a_small_disk(40),
        |_, _, run| {
            let warnings = run.annotations("warning");
            assert_eq!(warnings.len(), 1, "{}", run.stdout);
            assert!(warnings[0].contains("tunegate-out"), "{}", warnings[0]);
            let parts = run.files.keys().filter(|name| name.contains(".part"));
            assert_eq!(parts.count(), 0, "{:?}", run.files.keys());
        },
    );
}
