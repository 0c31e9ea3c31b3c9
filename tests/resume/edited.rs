//! Journals in which somebody changed something, by a slip of the hand or on purpose.

use std::fs;
use std::panic::AssertUnwindSafe;

use serde_json::Value;

use crate::edits::{Edits, edited};
use crate::folder::{Folder, UNWRITTEN};
use crate::server::{Moment, Server};

/// What the cases of a record say, but for their times.
fn cases(folder: &Folder, out: &str) -> Value {
    let record = folder.timeless(out);
    assert_eq!(record["verdict"]["outcome"], "pass");
    record["agents"][0]["cases"].clone()
}

#[test]
fn an_edited_journal_is_refused_as_it_is_or_comes_to_the_same_answers() {
    let server = Server::start();
    let folder = Folder::new(&server, 30);
    folder.ran("undisturbed", &[]).exits(0);
    let wanted = cases(&folder, "undisturbed");
    server.kill(folder.run("out", &[]), Moment::Asked(UNWRITTEN + 4));
    let journal = folder.read("out/journal.jsonl");
    let place = folder.path("out/journal.jsonl");
    let world = AssertUnwindSafe((folder, place));
    let check = bolero::check!().with_iterations(48).with_type::<Edits>();
    check.for_each(|(file, edits)| {
        let (folder, place) = &*world;
        // Many changes are refused at the first of them.
        let few = edits.iter().copied().take(2).collect();
        let now = edited(&[&journal], &(*file, few));
        fs::write(place, &now).unwrap();
        let ran = folder.ran("out", &["--resume"]);
        match ran.code() {
            0 => assert_eq!(cases(folder, "out"), wanted),
            code => {
                assert_eq!(code, 2, "{ran:?}");
                // Only a last line that has no end is gone.
                let kept = fs::read(place).unwrap();
                let rest = now.strip_prefix(kept.as_slice()).unwrap();
                assert!(!rest.contains(&b'\n'), "{ran:?}");
            }
        }
    });
}
