//! Examples that stand before each question of an eval.

use serde_json::Value;

use super::rows;
use crate::import::chat::{self, Messages};
use crate::import::report::At;
use crate::import::sheet::Sheet;
use crate::yaml::Node;

/// Examples before a question.
const MOST_SHOTS: usize = 100;

/// Messages that stand before each row's last one.
pub(super) fn shots(sheet: &mut Sheet<'_>, at: &At, args: Option<&Node>) -> Vec<Messages> {
    let get = |key| args.and_then(|args| args.get(key));
    let count = get("num_few_shot")
        .map(Node::to_json)
        .and_then(|count| count.as_u64())
        .unwrap_or(0);
    let name = get("few_shot_jsonl").and_then(Node::as_text);
    let (Some(name), true) = (name, count > 0) else {
        return Vec::new();
    };
    let Some((_, text)) = rows(sheet, at, name) else {
        return Vec::new();
    };
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if count > MOST_SHOTS {
        let note = format!("at most {MOST_SHOTS} examples are put before a question");
        sheet.lost(at, "num_few_shot", &note);
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let mut shots = Vec::new();
    for line in lines.take(count.min(MOST_SHOTS)) {
        let row: Option<Value> = serde_json::from_str(line).ok();
        let sample = row.as_ref().and_then(|row| row.get("sample")?.as_array());
        match sample.and_then(|sample| chat::messages(sample).ok()) {
            Some(messages) => shots.push(messages),
            None => sheet.lost(at, "few_shot_jsonl", "a row has no messages at `sample`"),
        }
    }
    shots
}
