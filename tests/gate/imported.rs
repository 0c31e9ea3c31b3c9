//! A suite of another tool, read in place: it decides from the base like one of ours, and what of it is lost is told.

use std::fmt::Write as _;

use crate::support::world::{
    QA_FILE, QA_NEW, QA_SUITE, SUPPORT_FILE, SUPPORT_NEW, Skill, World, prompt,
};

const PLACE: &str = "evals/promptfooconfig.yaml";
const TABLE: &str = "evals/tests.csv";
const PROMPTFOO: &str = "description: Capitals and rivers.
prompts: ['{{question}}']
providers: [openai:gpt-4o]
defaultTest:
  assert: [{type: javascript, value: 'output.length < 100'}]
tests: file://tests.csv
";

/// Tests of ten countries, each with what an answer has to hold.
fn table(expected: &str) -> String {
    let mut text = "question,__expected,__description\n".to_owned();
    for country in [
        "austria", "czechia", "egypt", "england", "france", "germany", "iraq", "italy", "poland",
        "portugal",
    ] {
        writeln!(text, "{},{expected},Capital of {country}", prompt(country)).unwrap();
    }
    text
}

/// A gate whose first agent is asked what a promptfoo configuration asks.
fn world() -> World {
    let world = World::configured(|config| config.replace(QA_SUITE, PLACE));
    world.commit(
        "main",
        &[(PLACE, PROMPTFOO), (TABLE, &table("contains: lies on"))],
    );
    world
}

#[test]
fn a_promptfoo_suite_of_the_base_decides_whatever_a_pull_request_makes_of_its_tests() {
    let world = world();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Misses(6));
    let number = world.pull_request(&[(QA_FILE, QA_NEW), (TABLE, &table("not-contains: xyz"))]);
    let run = world.opened(number).run().exits(1);

    let record = run.record();
    let agent = &record["agents"][0];
    assert_eq!(agent["cases"].as_array().unwrap().len(), 10);
    assert_eq!(agent["cases"][0]["id"], "capital-of-austria");
    assert_eq!(
        agent["score"], 4.0,
        "six of ten answers lack what the base's table asks for"
    );
    let told = record["notices"].to_string();
    for words in [
        "evals/promptfooconfig.yaml is read as a promptfoo configuration",
        "assert: javascript is not translated: nothing is run",
    ] {
        assert!(told.contains(words), "no {words} in {told}");
    }
    let comment = world.comment(number).body;
    assert!(comment.contains("10 cases changed"), "{comment}");
}

#[test]
fn a_file_that_a_promptfoo_suite_names_is_a_part_of_it() {
    let world = world();
    world.push_to_main().exits(0);
    let number = world.pull_request(&[(TABLE, &table("contains: lies"))]);
    let run = world.opened(number).run().exits(0);

    assert_eq!(run.record()["agents"][0]["name"], "qa_agent");
    let comment = world.comment(number).body;
    let cause = "suite (`evals/tests.csv`): 10 cases changed";
    assert!(comment.contains(cause), "{comment}");
}

#[test]
fn a_promptfoo_suite_that_a_pull_request_breaks_is_refused() {
    let world = world();
    let number = world.pull_request(&[(SUPPORT_FILE, SUPPORT_NEW), (PLACE, "prompts: [\n")]);
    let run = world.opened(number).run().exits(2);
    let told = run.annotations("error").join("\n");
    assert!(told.contains("evals/promptfooconfig.yaml"), "{told}");
}
