//! Whatever stands in a file, an event or a reply, reading it ends: with what it says, or with a reason. Nothing panics,
//! nothing runs out of stack or time, and a reason names a place that is there.
//!
//! `cargo test` tries each target for about a second; CONTRIBUTING.md says how to go on for as long as you like.
#![cfg(test)]

#[path = "../hostile"]
mod hostile {
    pub(crate) mod markdown;
    #[expect(dead_code, reason = "a part of it is asked here")]
    pub(crate) mod records;
}

mod answers;
mod edits;
mod files;
mod texts;

/// A good text with its changes, as far as they leave it text.
fn edited_text(texts: &[&str], edits: &edits::Edits) -> String {
    String::from_utf8_lossy(&edits::edited(texts, edits)).into_owned()
}
