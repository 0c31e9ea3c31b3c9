//! A pull request moves a model ID; the reviewer reads whether it may merge.

use crate::support::world::{
    QA_FILE, QA_NEW, QA_OLD, SUPPORT_FILE, SUPPORT_NEW, SUPPORT_OLD, Skill, World, short,
};

#[test]
fn a_model_that_got_better_passes() {
    let world = World::new();
    world.teach(QA_OLD, Skill::Halves(2));
    world.push_to_main().exits(0);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);

    let comment = world.comment(number).body;
    assert_eq!(
        comment.lines().nth(2),
        Some(
            "### ✅ PASS (not proven): qa_agent got better, 9.00 → 10.00 (+1.00); a floor is not proven"
        )
    );
    assert_eq!(run.output("outcome"), "pass");
    assert_eq!(run.output("score"), "10");
    assert_eq!(run.output("baseline-score"), "9.5");
    assert_eq!(run.output("failed-agents"), "[]");
    assert_eq!(
        run.output("approved-agents"),
        r#"["qa_agent","support_agent"]"#
    );
    assert!(run.annotations("error").is_empty(), "{}", run.stdout);
}

#[test]
fn a_model_that_got_worse_fails_and_the_comment_names_its_worst_answers() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Misses(2));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(1);

    let comment = world.comment(number).body;
    let seen: Vec<&str> = comment
        .lines()
        .filter(|line| !line.starts_with("<!--"))
        .take_while(|line| !line.starts_with("<details><summary>Why"))
        .filter(|line| !line.is_empty())
        .collect();
    let before = run.output("baseline-commit");
    let seen = seen.join("\n").replace(short(before), "BASE");
    insta::assert_snapshot!(seen, @r#"
    ### ❌ FAIL: qa_agent fails prompts that it did not fail before, 10.00 → 8.00 (−2.00)
    **Do this:** do not merge; keep the old qa_agent model. Start with the answers below that lost most.
    **Blocking**
    1. qa_agent: 2 of 10 prompts newly fail (below 4.00): capital-of-austria, capital-of-czechia; none is allowed
    | agent | result | old → new | change (plausible range) |
    |---|---|---|---|
    | **qa_agent** | ❌ FAIL | 10.00 → **8.00** | ▼ 2.00 (−4.59 to +0.50) |
    | support_agent | – untouched | 10.00 (stored) | not asked |
    **What got worse in qa_agent:** 2 of 10 prompts worse, 0 better, 8 the same.
    <details><summary>1. <code>capital-of-austria: Name the capital of austria and the river on which it lies.</code> 10.00 → 0.00</summary>
    The new answer lost: quality −5.00: check not met: contains "Vienna"; quality −5.00: check not met: contains "Danube".
    </details>
    <details><summary>2. <code>capital-of-czechia: Name the capital of czechia and the river on which it lies.</code> 10.00 → 0.00</summary>
    The new answer lost: quality −5.00: check not met: contains "Prague"; quality −5.00: check not met: contains "Vltava".
    </details>
    - qa_agent: dropped 2.00 (plausible −4.59 to +0.50), more than the allowed 0.50, but that this is more than chance is not proven: 10 prompts can only show drops of about 3.62 or more; about 525 would show one of 0.50
    - qa_agent: 8.00, floor 8.00: met, not proven: plausible 5.41 to 9.31; this many prompts can only show gaps of about 3.62 or more
    - the mean over these agents is 9.00, floor 8.00: met, not proven: plausible 7.78 to 10.00; this many prompts can only show gaps of about 1.81 or more
    "#);
    assert_eq!(run.output("outcome"), "fail");
    assert_eq!(run.output("failed-agents"), r#"["qa_agent"]"#);
    assert_eq!(run.output("approved-agents"), r#"["support_agent"]"#);
    assert_eq!(run.annotations("error").len(), 1, "{}", run.stdout);
}

#[test]
fn the_step_summary_and_the_files_hold_what_the_comment_says() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Misses(2));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(1);

    let comment = world.comment(number).body;
    assert_eq!(run.summary.trim_end(), comment.trim_end());
    assert_eq!(
        run.files[run.output("report-markdown")].trim_end(),
        comment.trim_end()
    );
    assert_eq!(run.record()["verdict"]["outcome"], "fail");
    assert_eq!(run.output("report-json"), "tunegate-out/run.json");
    assert_eq!(run.output("report-html"), "tunegate-out/report.html");
    assert!(run.output("comment-url").contains(&format!("/{number}#")));
    let files: Vec<&String> = run.files.keys().collect();
    assert_eq!(
        files,
        [
            "tunegate-out/comment.md",
            "tunegate-out/findings.sarif",
            "tunegate-out/journal.jsonl",
            "tunegate-out/junit.xml",
            "tunegate-out/report.html",
            "tunegate-out/run.json",
            "tunegate-out/summary.txt"
        ]
    );
}

#[test]
fn only_the_agent_whose_model_moved_is_asked_with_the_key_of_its_provider() {
    let world = World::new();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(0);

    assert_eq!(world.asked(), [(QA_NEW.to_owned(), 10)]);
    let bearer = format!("Bearer {}", crate::support::world::KEY);
    for asked in world.model.asked() {
        assert_eq!(asked.authorization.as_deref(), Some(bearer.as_str()));
    }
}

#[test]
fn a_worse_agent_is_named_though_another_got_better() {
    let world = World::new();
    world.teach(SUPPORT_OLD, Skill::Halves(4));
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Halves(3));
    let number = world.pull_request(&[(QA_FILE, QA_NEW), (SUPPORT_FILE, SUPPORT_NEW)]);
    let run = world.opened(number).run().exits(1);

    assert_eq!(run.output("failed-agents"), r#"["qa_agent"]"#);
    assert_eq!(run.output("approved-agents"), r#"["support_agent"]"#);
    // The mean over both is better than before: it must not hide the one.
    assert_eq!(run.output("change"), "0.25");
    let comment = world.comment(number).body;
    assert!(
        comment.contains("### ❌ FAIL: qa_agent got worse, 10.00 → 8.50 (−1.50)"),
        "{comment}"
    );
}

#[test]
fn answers_are_shown_in_a_private_repository_and_nowhere_else() {
    for (private, shown) in [(false, false), (true, true)] {
        let world = World::new();
        if private {
            world.github.make_private();
        }
        world.push_to_main().exits(0);
        world.teach(QA_NEW, Skill::Misses(2));
        let number = world.pull_request_for(QA_FILE, QA_NEW);
        let run = world.opened(number).run().exits(1);

        let told = world.comment(number).body + &run.summary + &run.stdout;
        assert_eq!(told.contains("I have never heard of it"), shown, "{told}");
    }
}
