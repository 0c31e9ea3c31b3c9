//! A judge between the model server and the gate, that says what a story wants.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::laptop::Laptop;
use super::model::Asked;
use super::world::World;

/// Its model ID.
pub(crate) const JUDGE: &str = "acme-judge-2411";
/// The line of the configuration that makes it the judge.
pub(crate) const LINE: &str = "judge: {model: acme-judge-2411, dimensions: [quality, specificity]}";

/// The same with three votes on each answer.
pub(crate) const VOTES: &str =
    "judge: {model: acme-judge-2411, dimensions: [quality, specificity], votes: 3}";

/// A gate whose answers are graded by a judge that this line configures.
pub(crate) fn judged_by(line: &str) -> World {
    judged_with(line, |config| config)
}

/// The same with another configuration besides.
pub(crate) fn judged_with(line: &str, edit: impl FnOnce(String) -> String) -> World {
    let world = World::configured(|config| format!("{}{line}\n", edit(config)));
    world.model.knows(JUDGE);
    says(&world, |answer, _| grades(fair(answer), fair(answer)));
    world
}

pub(crate) fn judged() -> World {
    judged_by(LINE)
}

/// What a fair judge gives these answers.
pub(crate) fn fair(answer: &str) -> u8 {
    match answer {
        answer if answer.contains("lies on the") => 9,
        answer if answer.contains("It is") => 6,
        _ => 1,
    }
}

pub(crate) fn grades(quality: u8, specificity: u8) -> String {
    json!({
        "quality": {"why": "It reads well.", "points": quality},
        "specificity": {"why": "It names @everyone | things.", "points": specificity},
    })
    .to_string()
}

/// Lets the judge reply like this: it is given the answer, and how often it saw this answer before.
pub(crate) fn says(world: &World, reply: impl Fn(&str, usize) -> String + Send + 'static) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    world.model.plays(JUDGE, move |body| {
        let answer = graded(body);
        let turn = seen.entry(answer.clone()).or_default();
        *turn += 1;
        reply(&answer, *turn - 1)
    });
}

/// The answer that a judge is given: what stands between the last fences.
pub(crate) fn graded(body: &Value) -> String {
    let question = body["messages"][1]["content"].as_str().unwrap();
    let number = question.split(' ').nth(1).unwrap();
    let begin = format!("=== {number} BEGIN ANSWER TO BE GRADED ===\n");
    let end = format!("\n=== {number} END ANSWER TO BE GRADED ===");
    let (_, rest) = question.split_once(&begin).unwrap();
    rest.split_once(&end).unwrap().0.to_owned()
}

/// What the judge was asked.
pub(crate) fn asked(world: &World) -> Vec<Asked> {
    let asked = world.model.asked().into_iter();
    asked.filter(|one| one.body["model"] == JUDGE).collect()
}

pub(crate) fn agent(record: &Value) -> &Value {
    let agents = record["agents"].as_array().unwrap();
    agents.iter().find(|one| one["name"] == "qa_agent").unwrap()
}

pub(crate) fn samples(record: &Value) -> Vec<Value> {
    let cases = agent(record)["cases"].as_array().unwrap().iter();
    cases.map(|case| case["samples"][0].clone()).collect()
}

/// Runs on a laptop, whatever comes of it.
pub(crate) fn run(world: &World, arguments: &[&str]) -> (i32, String, Value) {
    let laptop = Laptop::new(world);
    let output = laptop.start("out", arguments).wait_with_output().unwrap();
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    let code = output.status.code().unwrap();
    (code, String::from_utf8(text).unwrap(), laptop.record("out"))
}

/// A record without what two executions never share.
pub(crate) fn timeless(record: &Value) -> Value {
    let mut record = record.clone();
    for key in ["created", "record_digest", "derived_from", "run"] {
        record[key] = Value::Null;
    }
    for agent in record["agents"].as_array_mut().unwrap() {
        agent["latency_ms"] = Value::Null;
        agent["measured"] = Value::Null;
        agent["counts"]["retries"] = json!(0);
        for case in agent["cases"].as_array_mut().into_iter().flatten() {
            for sample in case["samples"].as_array_mut().unwrap() {
                sample["latency_ms"] = Value::Null;
                sample["attempts"] = Value::Null;
            }
        }
    }
    record
}
