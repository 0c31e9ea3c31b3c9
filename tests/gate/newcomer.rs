//! The first quarter of an hour, as `docs/getting-started.md` has it: its commands are run one after the other in a
//! repository that has no gate yet, and what it says they print is what they print.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::model::{FakeModel, Fault};

const PAGE: &str = include_str!("../../docs/getting-started.md");

/// The address on the page; the server of the test stands in its place.
const ADDRESS: &str = "http://10.0.0.7:8000/v1";
const OLD: &str = "acme/support-8b-2026-10";
const NEW: &str = "acme/support-8b-2026-11";
const KEY: &str = "ACME_MODEL_KEY";

const QUESTIONS: [(&str, &str); 12] = [
    (
        "My order is late. Where is it?",
        "Open Orders, choose the order and read the tracking line. If it has not moved for three days, write to us with the order number and we send it again.",
    ),
    (
        "How do I send a jacket back?",
        "Open Orders, choose the jacket, press Return and print the label. Bring the parcel to any post office within 30 days; the money is back within 5 days.",
    ),
    (
        "Can I change my delivery address?",
        "Yes, until the parcel leaves the warehouse. Open Orders, choose the order, press Change address and save. Afterwards only the carrier can change it.",
    ),
    (
        "I was charged twice for one order.",
        "I am sorry about that. One of the two charges is a reservation that ends within 3 days. If both stay, send us the order number and we refund the second one.",
    ),
    (
        "How do I reset my password?",
        "Press Forgot password on the sign-in page and enter your mail address. The link in the mail is valid for one hour; then choose a new password.",
    ),
    (
        "Do you ship to Norway?",
        "Yes. Shipping to Norway takes 4 to 6 days and costs 12 euros. Customs duties are shown before you pay.",
    ),
    (
        "My voucher is not accepted.",
        "Check its date and the least order value on its back. A voucher counts once, and not together with a sale. If all of that is right, send us a picture.",
    ),
    (
        "Which size should I order?",
        "Measure your chest and compare it with the size table on the product page. Between two sizes, take the larger one for jackets and the smaller one for shirts.",
    ),
    (
        "Can I pick my order up in a store?",
        "Yes. Choose Pick up in store when you pay. We write to you when it is there, usually after 2 days, and keep it for 10 days.",
    ),
    (
        "The zip of my bag broke after a week.",
        "That should not happen. Send us a picture and the order number; we repair the bag within two weeks or send you a new one.",
    ),
    (
        "How do I cancel my order?",
        "Open Orders, choose the order and press Cancel, as long as it says In preparation. Later, refuse the parcel or send it back for free.",
    ),
    (
        "How do I delete my account?",
        "Open Settings, then Privacy, and press Delete account. We keep invoices for as long as the law demands and delete everything else within 30 days.",
    ),
];

/// A repository with a model, its data and the code that asks it.
fn repository(address: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let row = |question: &str, answer: &str| {
        json!({"messages": [
            {"role": "system", "content": "You help customers of a shop for outdoor clothes."},
            {"role": "user", "content": question},
            {"role": "assistant", "content": answer},
        ]})
    };
    let validation: Vec<Value> = QUESTIONS
        .iter()
        .map(|(question, answer)| row(question, answer))
        .collect();
    let training: Vec<Value> = (1..=24)
        .map(|shelf| {
            row(
                &format!("What is in box {shelf}?"),
                &format!("Box {shelf} holds {} tents.", 2 * shelf),
            )
        })
        .collect();
    write("models/support_agent.txt", &format!("{OLD}\n"));
    write("data/support_agent/val.jsonl", &lines(&validation));
    write("data/support_agent/train.jsonl", &lines(&training));
    let code = format!(
        "import os\nfrom openai import OpenAI\n\nclient = OpenAI(base_url=\"{address}\", api_key=os.environ[\"{KEY}\"])\n"
    );
    write("src/client.py", &code);
    shell(
        folder.path(),
        "git init --quiet --initial-branch main && git add --all && git commit --quiet --message First",
    );
    folder
}

fn lines(rows: &[Value]) -> String {
    rows.iter().fold(String::new(), |mut text, row| {
        writeln!(text, "{row}").unwrap();
        text
    })
}

/// What a script of the page prints, on both streams.
fn shell(folder: &Path, script: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_tunegate")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .args(["-e", "-c", script])
        .current_dir(folder)
        .env_clear()
        .env("PATH", path)
        .env(KEY, "sk-newcomer")
        .envs([
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
        ])
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "Ada")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "ada@example.org")))
        .output()
        .unwrap();
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8(told).unwrap();
    assert!(output.status.success(), "{script}\n{told}");
    told
}

/// The scripts of the page, each with the lines that it is said to print.
fn steps() -> Vec<(String, Vec<String>)> {
    let mut steps: Vec<(String, Vec<String>)> = Vec::new();
    let mut rest = PAGE;
    while let Some((_, after)) = rest.split_once("\n```") {
        let (kind, text) = after.split_once('\n').unwrap();
        let (text, after) = text.split_once("```\n").unwrap();
        match kind {
            "sh" => steps.push((text.to_owned(), Vec::new())),
            "text" => steps
                .last_mut()
                .unwrap()
                .1
                .extend(text.lines().map(str::to_owned)),
            other => panic!("a block of `{other}`"),
        }
        rest = after;
    }
    steps
}

#[test]
fn the_first_quarter_of_an_hour_goes_as_the_page_says() {
    let model = FakeModel::start();
    model.knows(OLD).knows(NEW);
    for (question, answer) in QUESTIONS {
        model.answers(OLD, question, answer);
    }
    model.otherwise("It depends on various factors. Please contact our team for more information.");
    let folder = repository(&model.base_url());
    let steps = steps();
    assert!(steps.len() >= 5, "{steps:?}");
    for (script, said) in steps {
        // The page ends with a model that is worse: that this is exit 1 is what it shows.
        let worse = "tunegate run --since main";
        let script = script.replace(worse, &format!("{worse} || test $? -eq 1"));
        let told = shell(folder.path(), &script).replace(&model.base_url(), ADDRESS);
        for line in said {
            assert!(
                told.contains(&line),
                "{script}\nprints no {line:?}:\n{told}"
            );
        }
    }
    model.verify();
}

/// A repository of a team that has nothing yet, and what its model server says to a question.
fn measured(model: &FakeModel, arguments: &str) -> (TempDir, String) {
    let folder = repository(&model.base_url());
    let told = shell(folder.path(), &format!("tunegate {arguments}"));
    (folder, told)
}

#[test]
fn floors_are_part_of_a_configuration_that_is_written_with_them() {
    let model = FakeModel::start();
    model
        .knows(OLD)
        .otherwise("Open Orders, choose the order and press Cancel; it takes one minute.");
    let (folder, told) = measured(&model, "init --measure");
    assert!(
        told.contains("written into tunegate.yaml: support_agent "),
        "{told}"
    );
    assert_eq!(model.asked().len(), 12);
    let config = fs::read_to_string(folder.path().join("tunegate.yaml")).unwrap();
    assert!(
        config.contains("  floors:") && config.contains("      support_agent: "),
        "{config}"
    );
    shell(folder.path(), "tunegate check");
}

#[test]
fn a_model_that_cannot_be_measured_leaves_what_was_written() {
    let model = FakeModel::start();
    model
        .knows(OLD)
        .always_fails(Fault::Status(401, String::new()));
    let folder = repository(&model.base_url());
    let told = shell(folder.path(), "tunegate init --measure || test $? -eq 3");
    assert!(
        told.contains("refused the key in `ACME_MODEL_KEY`"),
        "{told}"
    );
    let config = fs::read_to_string(folder.path().join("tunegate.yaml")).unwrap();
    assert!(config.contains("No floor yet"), "{config}");
    let fresh = repository(&model.base_url());
    let json = shell(
        fresh.path(),
        "tunegate init --measure --json 2>&- || test $? -eq 3",
    );
    let told: Value = serde_json::from_str(&json).unwrap();
    assert!(
        told["error"].as_str().unwrap().contains("refused the key"),
        "{told}"
    );
    assert!(
        told["written"]
            .as_array()
            .unwrap()
            .contains(&json!("tunegate.yaml")),
        "{told}"
    );
}

#[test]
fn a_measurement_that_ended_early_proposes_no_floor() {
    let model = FakeModel::start();
    model.knows(OLD);
    let (folder, _) = measured(&model, "init");
    let config = folder.path().join("tunegate.yaml");
    let short = fs::read_to_string(&config).unwrap() + "run: {deadline: 1ms}\n";
    fs::write(&config, short).unwrap();
    let told = shell(folder.path(), "tunegate init --measure || test $? -eq 3");
    assert!(told.contains("no floor can be proposed"), "{told}");
    assert!(!told.contains("Floors from today"), "{told}");
}

#[test]
fn drafts_alone_are_asked_and_shown_and_decide_nothing() {
    let model = FakeModel::start();
    model.knows(OLD);
    let (folder, _) = measured(&model, "init");
    let told = shell(folder.path(), "tunegate run");
    assert!(
        told.contains(
            "PASS (not proven): support_agent was asked drafts only, which decide nothing"
        ),
        "{told}"
    );
    assert!(told.contains("  drafts only  not compared"), "{told}");
    assert_eq!(model.asked().len(), 12);
}

#[test]
fn a_ping_tells_of_each_agent_whether_it_can_be_asked() {
    let model = FakeModel::start();
    model.knows(OLD);
    let (folder, _) = measured(&model, "init");
    let told = shell(folder.path(), "tunegate check --ping --json");
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["ping"][0]["answers"], true, "{told}");
    assert_eq!(model.asked().len(), 1);
    assert!(model.asked()[0].body["messages"].to_string().len() < 300);
    let silent = |fault: Option<Fault>, script: &str, why: &str| {
        if let Some(fault) = fault {
            model.always_fails(fault);
        }
        let told = shell(folder.path(), &format!("{script} || test $? -eq 3"));
        assert!(
            told.contains("support_agent  DOES NOT ANSWER: ") && told.contains(why),
            "{told}"
        );
    };
    silent(
        None,
        "unset ACME_MODEL_KEY; tunegate check --ping",
        "needs its key in the variable `ACME_MODEL_KEY`",
    );
    silent(
        Some(Fault::Status(401, String::new())),
        "tunegate check --ping",
        "refused the key in `ACME_MODEL_KEY`",
    );
    silent(
        Some(Fault::Status(500, String::new())),
        "tunegate check --ping",
        "500",
    );
}
