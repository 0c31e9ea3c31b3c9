//! The release gate: what a pipeline hears of a model that it wants to ship, from what the gate stored.

use std::process::Output;

use serde_json::{Value, json};

use crate::support::job::Run;
use crate::support::laptop::Laptop;
use crate::support::model::Fault;
use crate::support::world::{CONFIG, QA_FILE, QA_NEW, QA_OLD, QA_SUITE, Skill, World};

/// A world in which main was measured and stored.
fn measured() -> World {
    let world = World::configured(|config| format!("{config}release: {{require_proven: false}}\n"));
    world.push_to_main().exits(0);
    world
}

/// `verify` in a clone that fetched what is stored, for the agent that is released.
fn verify(laptop: &Laptop<'_>, arguments: &[&str]) -> Output {
    let mut all = vec!["verify", "--agent", "qa_agent"];
    all.extend(arguments);
    laptop.command(&all)
}

fn said(output: &Output) -> (i32, String) {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let text = text + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap(), text)
}

#[track_caller]
fn refused(laptop: &Laptop<'_>, arguments: &[&str], word: &str) {
    let (code, text) = said(&verify(laptop, arguments));
    assert!(
        code == 1 && text.starts_with("NOT APPROVED") && text.contains(word),
        "{code} {text}"
    );
}

#[track_caller]
fn approved(laptop: &Laptop<'_>, arguments: &[&str]) -> String {
    let (code, text) = said(&verify(laptop, arguments));
    assert!(code == 0 && text.starts_with("APPROVED"), "{code} {text}");
    text
}

#[test]
fn what_the_gate_stored_approves_the_model_of_the_working_tree() {
    let world = measured();
    let laptop = Laptop::clone_of(&world);
    let text = approved(&laptop, &[]);
    let first = text.lines().next().unwrap();
    assert!(first.ends_with("(UNATTESTED)"), "{first}");
    assert!(text.contains(QA_OLD) && text.contains("sha256:"), "{text}");
    assert_eq!(approved(&laptop, &["--model", QA_OLD]), text);
}

#[test]
fn another_model_has_no_record() {
    let world = measured();
    let laptop = Laptop::clone_of(&world);
    refused(
        &laptop,
        &["--model", QA_NEW],
        "no stored record of qa_agent is of",
    );
    refused(&laptop, &["--model", QA_NEW], QA_OLD);
}

#[test]
fn every_agent_of_the_configuration_is_asked_for_where_none_is_named() {
    let world = measured();
    let laptop = Laptop::clone_of(&world);
    let (code, text) = said(&laptop.command(&["verify", "--json"]));
    assert_eq!(code, 0, "{text}");
    let told: Value = serde_json::from_str(&text).unwrap();
    let agents = told["agents"].as_array().unwrap();
    assert!(agents.len() > 1, "{told}");
    assert!(
        agents.iter().all(|agent| agent["approved"] == true),
        "{told}"
    );
    assert_eq!(told["attested"], false);
}

#[test]
fn an_edited_system_prompt_or_parameter_is_not_what_was_measured() {
    let world = measured();
    let laptop = Laptop::clone_of(&world);
    laptop.change(
        CONFIG,
        "{provider: acme}",
        "{provider: acme, temperature: 0.9}",
    );
    refused(&laptop, &[], "parameters are not those that were measured");
    let laptop = Laptop::clone_of(&world);
    laptop.change(
        CONFIG,
        "    suite: suites/qa_agent.yaml",
        "    suite: suites/qa_agent.yaml\n    system: {text: Be rude.}",
    );
    refused(
        &laptop,
        &[],
        "system prompt is not the one that was measured",
    );
}

#[test]
fn an_edited_suite_is_not_the_one_that_was_asked() {
    let world = measured();
    let laptop = Laptop::clone_of(&world);
    let more = format!(
        "{}  - id: more\n    prompt: Name it.\n    checks: [{{contains: It}}]\n",
        world.file("main", QA_SUITE)
    );
    laptop.write(QA_SUITE, &more);
    refused(&laptop, &[], "(cases: 1 added); measure again");
}

#[test]
fn a_rule_that_became_stricter_decides() {
    let world = World::configured(|config| format!("{config}release: {{require_proven: false}}\n"));
    world.teach(QA_OLD, Skill::Halves(1));
    world.push_to_main().exits(0);
    let laptop = Laptop::clone_of(&world);
    approved(&laptop, &[]);
    laptop.change(CONFIG, "floor: 8.0", "floor: 9.9");
    refused(&laptop, &[], "below its floor: 9.50, floor 9.90");
}

#[test]
fn a_stored_record_that_was_changed_is_not_passed_over() {
    let world = measured();
    let laptop = Laptop::clone_of(&world);
    let data = "tunegate-data";
    laptop.git(&["switch", "--quiet", data]);
    let path = laptop.git(&["ls-files", "v1/*/qa_agent/*.json"]);
    let path = path.trim();
    let record = std::fs::read_to_string(laptop.path(path)).unwrap();
    laptop.write(path, &record.replacen(QA_OLD, QA_NEW, 1));
    laptop.commit("forged");
    laptop.git(&["switch", "--quiet", "main"]);
    refused(&laptop, &[], "changed after it was written");
}

#[test]
fn a_folder_of_records_approves_and_refuses_like_the_branch() {
    let world = World::configured(|config| {
        format!(
            "{config}baseline: {{store: path, path: baselines}}\nrelease: {{require_proven: false}}\n"
        )
    });
    let laptop = Laptop::clone_of(&world);
    refused(&laptop, &[], "no record of qa_agent is stored");
    laptop.run(&[]);
    let accept = [
        "baseline",
        "accept",
        "out/run.json",
        "--reason",
        "The first",
    ];
    assert_eq!(said(&laptop.command(&accept)).0, 0);
    approved(&laptop, &[]);
    let path = laptop.git(&["ls-files", "--others", "baselines/v1/*/qa_agent/*.json"]);
    let record = std::fs::read_to_string(laptop.path(&path)).unwrap();
    laptop.write(&path, &record.replacen(QA_OLD, QA_NEW, 1));
    refused(&laptop, &[], "changed after it was written");
}

#[test]
fn without_the_branch_it_is_said_how_to_get_it() {
    let world = World::new();
    let laptop = Laptop::clone_of(&world);
    let (code, text) = said(&verify(&laptop, &[]));
    assert!(
        code == 3 && text.contains("git fetch origin tunegate-data"),
        "{code} {text}"
    );
}

#[test]
fn in_a_pipeline_the_records_are_read_from_the_forge() {
    let world = measured();
    let laptop = Laptop::clone_of(&world);
    laptop.git(&["branch", "--quiet", "-r", "-D", "origin/tunegate-data"]);
    let mut command = laptop.prepared(&["verify", "--agent", "qa_agent", "--model", QA_OLD]);
    let run = |command: &mut std::process::Command, url: &str| {
        command
            .env("GITHUB_REPOSITORY", "acme/assistants")
            .env("GITHUB_TOKEN", world.github.token())
            .env("TUNEGATE_RETRY_DELAY_MS", "1")
            .env("GITHUB_API_URL", url);
        said(&command.output().unwrap())
    };
    let (code, text) = run(&mut command, &world.github.api_url());
    assert!(code == 0 && text.starts_with("APPROVED"), "{code} {text}");
    let (code, text) = run(&mut command, "http://127.0.0.1:9");
    assert_eq!(code, 3, "{text}");
}

/// What `gh attestation verify --format json` prints about the files that `verify --statement` wrote.
fn attestation(laptop: &Laptop<'_>, edit: impl FnOnce(&mut Value)) -> String {
    let subject = std::fs::read(laptop.path("signed/qa_agent.model.json")).unwrap();
    let predicate = std::fs::read(laptop.path("signed/qa_agent.predicate.json")).unwrap();
    let predicate: Value = serde_json::from_slice(&predicate).unwrap();
    let workflow = "https://github.com/acme/assistants/.github/workflows/gate.yml@refs/heads/main";
    let mut found = json!([{"attestation": {}, "verificationResult": {
        "statement": {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": "qa_agent.model.json", "digest": {"sha256": sha256(&subject)}}],
            "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
            "predicate": predicate,
        },
        "signature": {"certificate": {
            "issuer": "https://token.actions.githubusercontent.com",
            "subjectAlternativeName": workflow,
            "buildSignerURI": workflow,
            "sourceRepositoryURI": "https://github.com/acme/assistants",
            "sourceRepositoryRef": "refs/heads/main",
        }},
    }}]);
    edit(&mut found[0]["verificationResult"]);
    laptop.write("gh.json", &found.to_string());
    "gh.json".to_owned()
}

fn sha256(bytes: &[u8]) -> String {
    let digest = tunegate::score::Digest::of(bytes).to_string();
    digest.trim_start_matches("sha256:").to_owned()
}

const SIGNER: &str = "acme/assistants/.github/workflows/gate.yml";

fn attested(laptop: &Laptop<'_>, edit: impl FnOnce(&mut Value)) -> (i32, String) {
    let file = attestation(laptop, edit);
    said(&verify(
        laptop,
        &["--attested", &file, "--signer-workflow", SIGNER],
    ))
}

#[test]
fn a_model_that_the_right_workflow_signed_is_attested() {
    let world = measured();
    let laptop = Laptop::clone_of(&world);
    let text = approved(&laptop, &["--statement", "signed"]);
    assert!(
        text.contains("written: signed/qa_agent.model.json"),
        "{text}"
    );
    let (code, text) = attested(&laptop, |_| {});
    assert_eq!(code, 0, "{text}");
    assert!(!text.contains("UNATTESTED"), "{text}");
    assert!(text.contains(&format!("attested by {SIGNER}")), "{text}");
}

const CERTIFICATE: &str = "/signature/certificate";

/// Where in what `gh` prints something else stands, under which key, what it is, and what is said of it.
const WRONG: [(&str, &str, &str, &str); 9] = [
    (
        CERTIFICATE,
        "issuer",
        "https://accounts.google.com",
        "not signed by a workflow",
    ),
    (
        CERTIFICATE,
        "subjectAlternativeName",
        "https://github.com/acme/assistants/.github/workflows/other.yml@refs/heads/main",
        "by the workflow acme/assistants/.github/workflows/other.yml",
    ),
    (
        CERTIFICATE,
        "sourceRepositoryURI",
        "https://github.com/mallory/models",
        "mallory/models",
    ),
    (
        CERTIFICATE,
        "sourceRepositoryRef",
        "refs/pull/7/merge",
        "refs/pull/7/merge",
    ),
    (
        CERTIFICATE,
        "sourceRepositoryRef",
        "refs/heads/evil",
        "no branch of",
    ),
    (
        "/statement",
        "predicateType",
        "https://slsa.dev/provenance/v1",
        "predicate type",
    ),
    (
        "/statement/subject/0/digest",
        "sha256",
        "00",
        "another model",
    ),
    (
        "/statement/predicate",
        "result",
        "FAILED",
        "its result is FAILED",
    ),
    (
        "/statement/predicate/configuration/0/digest",
        "sha256",
        "00",
        "another record",
    ),
];

#[test]
fn what_is_signed_by_others_or_about_something_else_is_refused() {
    let world = measured();
    let laptop = Laptop::clone_of(&world);
    approved(&laptop, &["--statement", "signed"]);
    for (place, key, value, word) in WRONG {
        let (code, text) = attested(&laptop, |found| {
            found.pointer_mut(place).unwrap()[key] = json!(value);
        });
        assert!(
            code == 1 && text.starts_with("NOT APPROVED") && text.contains(word),
            "{key}: {code} {text}"
        );
    }
    laptop.write("gh.json", "[]");
    let arguments = ["--attested", "gh.json", "--signer-workflow", SIGNER];
    refused(&laptop, &arguments, "holds no attestation");
    laptop.write("gh.json", "{");
    refused(
        &laptop,
        &arguments,
        "is not what `gh attestation verify --format json` prints",
    );
}

#[test]
fn where_an_attestation_is_required_a_model_without_one_does_not_ship() {
    let world = measured();
    let laptop = Laptop::clone_of(&world);
    laptop.change(
        CONFIG,
        "require_proven: false",
        "require_proven: false, require_attestation: true",
    );
    refused(&laptop, &[], "UNATTESTED");
    // To be signed, it has to be approved first.
    approved(&laptop, &["--statement", "signed"]);
    let (code, text) = attested(&laptop, |_| {});
    assert_eq!(code, 0, "{text}");
    let (code, text) = said(&laptop.command(&["verify"]));
    assert!(
        code == 1 && text.contains("require_attestation"),
        "{code} {text}"
    );
}

/// The record of a pull request's run, as a file.
fn record_of(run: &Run, laptop: &Laptop<'_>, edit: impl FnOnce(&mut Value)) {
    let mut record: Value = serde_json::from_str(&run.files["tunegate-out/run.json"]).unwrap();
    edit(&mut record);
    laptop.write("run.json", &record.to_string());
}

#[test]
fn the_record_of_a_pull_request_approves_where_it_is_the_repositorys_own() {
    let world = measured();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);
    let laptop = Laptop::clone_of(&world);
    record_of(&run, &laptop, |_| {});
    let arguments = ["--record", "run.json", "--model", QA_NEW];
    approved(&laptop, &arguments);
    let mut command = laptop.prepared(&["verify", "--agent", "qa_agent", "--record", "run.json"]);
    command.env("GITHUB_REPOSITORY", "acme/other");
    let (code, text) = said(&command.output().unwrap());
    assert!(
        code == 1 && text.contains("from the fork acme/assistants"),
        "{code} {text}"
    );
}

/// The same record with other content, sealed anew: by somebody who can write files.
fn forged(run: &Run, edit: impl FnOnce(&mut tunegate::record::RunRecord)) -> Vec<u8> {
    let text = run.files["tunegate-out/run.json"].as_bytes();
    let mut record = tunegate::record::unseal(text).unwrap();
    edit(&mut record);
    record.seal().unwrap()
}

#[test]
fn the_record_of_a_fork_approves_nothing() {
    let world = measured();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);
    let laptop = Laptop::clone_of(&world);
    let arguments = ["--record", "run.json", "--model", QA_NEW];
    for (repository, word) in [
        (
            Some("mallory/assistants"),
            "from the fork mallory/assistants",
        ),
        (None, "from a fork that is gone"),
    ] {
        let bytes = forged(&run, |record| {
            record.source.head_repo = repository.map(str::to_owned);
        });
        std::fs::write(laptop.path("run.json"), bytes).unwrap();
        refused(&laptop, &arguments, word);
    }
}

#[test]
fn rules_that_are_not_those_of_their_digest_approve_nothing() {
    let world = measured();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);
    let laptop = Laptop::clone_of(&world);
    let arguments = ["--record", "run.json", "--model", QA_NEW];
    let bytes = forged(&run, |record| record.policy.max_drop = 9.0);
    std::fs::write(laptop.path("run.json"), bytes).unwrap();
    refused(
        &laptop,
        &arguments,
        "`policy_digest` is not that of its `policy`",
    );
    let bytes = forged(&run, |record| record.gate_id = "other".to_owned());
    std::fs::write(laptop.path("run.json"), bytes).unwrap();
    refused(&laptop, &arguments, "of the gate `other`");
}

#[test]
fn a_run_without_its_answers_approves_nothing() {
    let world = World::configured(|config| {
        config.replace("retry_delay: 1ms", "retry_delay: 1ms, retries: 0")
    });
    world.push_to_main().exits(0);
    world
        .model
        .always_fails_for(&["austria", "egypt"], &Fault::BadGateway);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(4);
    let laptop = Laptop::clone_of(&world);
    record_of(&run, &laptop, |_| {});
    let arguments = ["--record", "run.json", "--model", QA_NEW];
    refused(&laptop, &arguments, "2 of 10 answers are missing");
}

#[test]
fn a_record_of_another_model_than_the_checkouts_needs_the_model_to_be_named() {
    let world = measured();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);
    let laptop = Laptop::clone_of(&world);
    record_of(&run, &laptop, |_| {});
    refused(&laptop, &["--record", "run.json"], "is the model here");
    approved(&laptop, &["--record", "run.json", "--model", QA_NEW]);
}

#[test]
fn a_record_is_believed_as_it_was_written_or_not_at_all() {
    let world = measured();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);
    let laptop = Laptop::clone_of(&world);
    record_of(&run, &laptop, |record| {
        record["policy"]["floor"] = json!(1.0);
    });
    let arguments = ["--record", "run.json", "--model", QA_NEW];
    refused(&laptop, &arguments, "changed after it was written");
}
