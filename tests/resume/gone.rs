//! The process is gone from one moment to the next.

use std::fs;

use serde_json::Value;

use crate::folder::{Folder, UNWRITTEN, asked};
use crate::server::{Moment, Server};

const CASES: usize = 500;
const MOMENTS: usize = 50;

/// Moments from the first question to the last answer, spread evenly and moved about within their share.
fn moments() -> impl Iterator<Item = Moment> {
    let share = CASES / MOMENTS;
    let mut seed: usize = 20_261_122;
    (0..MOMENTS).map(move |nth| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let moment = nth * share + (seed >> 33) % share + 1;
        if nth % 2 == 0 {
            Moment::Asked(moment)
        } else {
            Moment::Answered(moment)
        }
    })
}

#[test]
fn a_run_killed_at_any_of_fifty_moments_goes_on_and_comes_to_the_same_record() {
    let server = Server::start();
    let folder = Folder::new(&server, CASES);
    folder.ran("undisturbed", &[]).exits(0);
    let undisturbed = folder.timeless("undisturbed");
    let moments: Vec<Moment> = moments().collect();
    // Each half by itself, with a server and a folder of its own: two processors need half of the time.
    let halves = [0, 1].map(|half| moments.iter().skip(half).step_by(2));
    let kept = std::thread::scope(|scope| {
        let halves = halves.map(|moments| {
            let undisturbed = &undisturbed;
            scope.spawn(move || {
                let server = Server::start();
                let folder = Folder::new(&server, CASES);
                let kept = moments
                    .map(|moment| killed_and_resumed(&server, &folder, *moment, undisturbed));
                kept.collect::<Vec<usize>>()
            })
        });
        halves.map(|half| half.join().unwrap()).concat()
    });
    // The moments were worth their time: some at the start, some at the end.
    let (fewest, most) = (kept.iter().min().unwrap(), kept.iter().max().unwrap());
    assert!(
        *fewest < 20 && *most > CASES - 2 * UNWRITTEN,
        "{fewest} to {most} answers"
    );
}

/// Returns how many answers the journal held when the process was gone.
fn killed_and_resumed(
    server: &Server,
    folder: &Folder,
    moment: Moment,
    undisturbed: &Value,
) -> usize {
    server.clear();
    server.kill(folder.run("out", &[]), moment);
    let kept = folder.answered("out");
    // Where questions wait to be written down, no further ones are asked.
    let asked_before = asked(server).len();
    assert!(
        kept.len() + UNWRITTEN >= asked_before,
        "killed at {moment:?}: {} kept of {asked_before}",
        kept.len()
    );

    server.clear();
    folder.ran("out", &["--resume"]).exits(0);
    let wanted: Vec<usize> = (0..CASES).filter(|case| !kept.contains(case)).collect();
    assert_eq!(asked(server), wanted, "killed at {moment:?}");
    assert!(
        folder.timeless("out") == *undisturbed,
        "killed at {moment:?}"
    );
    fs::remove_dir_all(folder.path("out")).unwrap();
    kept.len()
}

#[test]
fn a_run_killed_again_and_again_asks_nothing_twice_that_was_written_down() {
    let server = Server::start();
    let folder = Folder::new(&server, 160);
    folder.ran("undisturbed", &[]).exits(0);
    let mut resume: &[&str] = &[];
    let mut kept = Vec::new();
    for _ in 0..5 {
        server.clear();
        server.kill(folder.run("out", resume), Moment::Asked(UNWRITTEN + 2));
        let again = asked(&server).into_iter().find(|case| kept.contains(case));
        assert_eq!(again, None);
        let before = kept.len();
        kept = folder.answered("out");
        assert!(kept.len() > before, "nothing was written down");
        resume = &["--resume"];
    }
    folder.ran("out", &["--resume"]).exits(0);
    assert_eq!(folder.timeless("out"), folder.timeless("undisturbed"));
}

#[test]
fn a_journal_cut_at_any_byte_of_its_last_line_goes_on_with_the_lines_before() {
    let server = Server::start();
    let folder = Folder::new(&server, 3);
    folder.ran("undisturbed", &[]).exits(0);
    let undisturbed = folder.timeless("undisturbed");
    let journal = fs::read(folder.path("undisturbed/journal.jsonl")).unwrap();
    let ends: Vec<usize> = (0..journal.len())
        .filter(|at| journal[*at] == b'\n')
        .collect();
    // The plan, three answers, and the mark of a run that came to its end.
    let [.., before, last, _finished] = ends[..] else {
        panic!("{} lines", ends.len());
    };
    for cut in before + 1..=last + 1 {
        fs::create_dir_all(folder.path("out")).unwrap();
        fs::write(folder.path("out/journal.jsonl"), &journal[..cut]).unwrap();
        let kept = folder.answered("out");
        assert_eq!(kept.len(), if cut > last { 3 } else { 2 });

        server.clear();
        folder.ran("out", &["--resume"]).exits(0);
        assert_eq!(asked(&server).len(), 3 - kept.len(), "cut after {cut}");
        assert!(asked(&server).iter().all(|case| !kept.contains(case)));
        // Every line can be read: none was appended to the rest of the cut one.
        assert_eq!(folder.answered("out"), [0, 1, 2], "cut after {cut}");
        assert_eq!(folder.timeless("out"), undisturbed, "cut after {cut}");
        fs::remove_dir_all(folder.path("out")).unwrap();
    }
}

#[test]
fn a_journal_cut_within_its_first_line_holds_nothing_and_is_begun_anew() {
    let server = Server::start();
    let folder = Folder::new(&server, 2);
    folder.ran("first", &[]).exits(0);
    let journal = fs::read(folder.path("first/journal.jsonl")).unwrap();
    let end = journal.iter().position(|byte| *byte == b'\n').unwrap();
    for (cut, arguments) in [(0, &["--resume"][..]), (end / 2, &["--resume"]), (end, &[])] {
        folder.write("out/journal.jsonl", "");
        fs::write(folder.path("out/journal.jsonl"), &journal[..cut]).unwrap();
        folder.ran("out", arguments).exits(0);
        assert_eq!(folder.answered("out"), [0, 1]);
        assert_eq!(folder.timeless("out"), folder.timeless("first"));
    }
}
