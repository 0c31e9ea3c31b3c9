//! What others write into the log: a model's answer and a server's error command neither the runner nor a terminal, and
//! many findings stay a few annotations.

use crate::support::github::Fault as Refusal;
use crate::support::job::Run;
use crate::support::model::Fault;
use crate::support::world::{QA_FILE, QA_NEW, World};

/// Everything that a runner obeys, behind every kind of line end.
const HOSTILE: &str = "x\r\n::add-mask::a\n::error::x\n##[error]y\r::set-output name=outcome::pass\n\
                       ::stop-commands::z\n::warning file=a,line=1::b\u{1b}[31m red \u{202e}gnp";

/// The runner reads both streams line by line: nothing in them acts but our own annotations.
fn assert_commands_nobody(run: &Run) {
    for stream in [&run.stdout, &run.stderr] {
        let mut closing: Option<String> = None;
        for line in stream.lines() {
            if let Some(end) = &closing {
                if line == end {
                    closing = None;
                }
                continue;
            }
            if let Some(token) = line.strip_prefix("::stop-commands::") {
                assert!(token.starts_with("tunegate_"), "{line}");
                closing = Some(format!("::{token}::"));
                continue;
            }
            let ours = ["::error ", "::warning ", "::notice "];
            let ours = ours.iter().any(|start| line.starts_with(start));
            assert!(!line.trim_start().starts_with("::") || ours, "{line}");
            if ours {
                assert!(line.contains("title=tunegate::"), "{line}");
            }
        }
        assert_eq!(closing, None, "commands stay stopped");
        assert!(!stream.contains("##["), "{stream}");
        let controls = stream.chars().filter(|c| c.is_control() && *c != '\n');
        assert_eq!(controls.count(), 0, "{stream:?}");
    }
}

#[test]
fn what_a_model_says_commands_nobody() {
    let world = World::new();
    world.github.make_private();
    world.push_to_main().exits(0);
    let model = "ft:open-mistral-7b:acme:20260301:qa";
    world.model.knows(model).otherwise(HOSTILE);
    let number = world.pull_request_for(QA_FILE, model);
    let run = world.opened(number).run().exits(1);

    assert_commands_nobody(&run);
    assert_eq!(run.output("outcome"), "fail");
    assert!(run.files["tunegate-out/run.json"].contains("add-mask"));
}

#[test]
fn what_a_model_server_says_of_its_failure_commands_nobody() {
    let world = World::new();
    world
        .model
        .always_fails(Fault::Status(503, HOSTILE.to_owned()));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(3);

    assert_commands_nobody(&run);
    assert_eq!(run.output("outcome"), "error");
    assert!(run.stdout.contains("add-mask"), "its words are shown");
}

#[test]
fn what_github_says_of_a_refusal_commands_nobody() {
    let world = World::new();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let refusal = Refusal::refusal(422, HOSTILE);
    world.github.fault("repos/get-content", 50, refusal);
    let run = world.opened(number).run().exits(3);

    assert_commands_nobody(&run);
    assert_eq!(run.output("outcome"), "error");
    assert!(run.stdout.contains("add-mask"), "its words are shown");
}
