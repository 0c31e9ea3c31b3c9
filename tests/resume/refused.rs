//! What is not resumed, and what is said about it.

use std::fs;
use std::process::Stdio;

use crate::folder::{Folder, Ran, UNWRITTEN, asked};
use crate::server::{Moment, Server};

/// A folder whose run of thirty cases was killed, and the answers that it holds.
fn killed(server: &Server) -> (Folder, usize) {
    let folder = Folder::new(server, 30);
    server.kill(folder.run("out", &[]), Moment::Asked(UNWRITTEN + 4));
    let kept = folder.answered("out").len();
    server.clear();
    (folder, kept)
}

#[test]
fn an_unfinished_journal_is_an_error_that_names_both_ways_on_and_what_is_at_stake() {
    let server = Server::start();
    let (folder, kept) = killed(&server);
    let before = folder.read("out/journal.jsonl");
    folder.ran("out", &[]).exits(2).tells(&[
        "out/journal.jsonl",
        "a run that did not end",
        &format!("it holds {kept} answers"),
        "`--resume`",
        "`--discard`",
    ]);
    assert_eq!(folder.read("out/journal.jsonl"), before);
    assert!(asked(&server).is_empty());

    folder.ran("out", &["--discard"]).exits(0);
    assert_eq!(asked(&server), (0..30).collect::<Vec<_>>());
    let both = ["--resume", "--discard"];
    folder.ran("out", &both).exits(2);
}

/// A file, what stands in it, what is put there, and what is said about that.
const DIFFERENCES: [(&str, &str, &str, &str); 10] = [
    (
        "tunegate.yaml",
        "ft:a",
        "ft:b",
        "qa_agent was asked as `ft:a`, now it is `ft:b`",
    ),
    (
        "tunegate.yaml",
        "Be brief",
        "Be long",
        "the system prompt of qa_agent changed",
    ),
    (
        "tunegate.yaml",
        "temperature: 0.5",
        "temperature: 0.7",
        "asked with temperature 0.5, now 0.7",
    ),
    (
        "tunegate.yaml",
        "temperature: 0.5",
        "max_tokens: 9",
        "asked with max_tokens unset, now 9; qa_agent was asked with temperature 0.5, now unset",
    ),
    (
        "tunegate.yaml",
        "provider: local",
        "provider: other",
        "asked through `local`, now through `other`",
    ),
    (
        "tunegate.yaml",
        "top_k: 1",
        "top_k: 2",
        "the address, headers or extra body of `local` changed",
    ),
    (
        "tunegate.yaml",
        "samples: 1",
        "samples: 2",
        "1 of each case were asked, now 2",
    ),
    (
        "tunegate.yaml",
        "qa_agent:",
        "qb_agent:",
        "qb_agent is not in it; qa_agent is asked in it and not now",
    ),
    (
        "cases.jsonl",
        "two colours, 29",
        "three colours, 29",
        "the suite of qa_agent changed",
    ),
    (
        "cases.jsonl",
        "\"blue\"",
        "\"green\"",
        "the suite of qa_agent changed",
    ),
];

#[test]
fn a_journal_of_another_plan_is_refused_with_the_difference_and_left_as_it_is() {
    let server = Server::start();
    let (folder, _) = killed(&server);
    let before = folder.read("out/journal.jsonl");
    let config = folder.read("tunegate.yaml");
    let cases = folder.read("cases.jsonl");
    for (file, from, to, told) in DIFFERENCES {
        folder.change(file, from, to);
        let ran = folder.ran("out", &["--resume"]).exits(2);
        ran.tells(&["cannot be resumed", "of another plan", told, "`--discard`"]);
        assert_eq!(folder.read("out/journal.jsonl"), before, "{told}");
        folder.write("tunegate.yaml", &config);
        folder.write("cases.jsonl", &cases);
    }
    assert!(asked(&server).is_empty());
    // What only says how fast, how long and for how much may differ.
    folder.change(
        "tunegate.yaml",
        "retry_delay: 1ms",
        "deadline: 5m, budget: {tokens: 9000}",
    );
    folder.ran("out", &["--resume"]).exits(0);
}

#[test]
fn a_finished_journal_is_kept_beside_the_new_one() {
    let server = Server::start();
    let folder = Folder::new(&server, 2);
    for arguments in [&[][..], &["--discard"]] {
        folder.ran("out", &[]).exits(0);
        let first = folder.read("out/journal.jsonl");
        server.clear();
        folder.ran("out", arguments).exits(0);
        assert_eq!(asked(&server), [0, 1]);
        assert_eq!(folder.read("out/journal.previous.jsonl"), first);
        // Asked anew in the same second with the same latencies, it may read the same: what counts is that it is whole.
        assert_eq!(folder.answered("out").len(), 2);
    }
}

#[test]
fn a_finished_journal_of_another_plan_is_not_resumed_either() {
    let server = Server::start();
    let folder = Folder::new(&server, 2);
    folder.ran("out", &[]).exits(0);
    let before = folder.read("out/journal.jsonl");
    folder.change("tunegate.yaml", "ft:a", "ft:b");
    server.clear();
    let ran = folder.ran("out", &["--resume"]).exits(2);
    ran.tells(&["now it is `ft:b`", "without `--resume`"]);
    assert!(asked(&server).is_empty());
    assert_eq!(folder.read("out/journal.jsonl"), before);
}

#[test]
fn a_finished_journal_that_is_resumed_is_unfinished_until_that_ends_too() {
    let server = Server::start();
    let folder = Folder::new(&server, 40);
    folder.change("tunegate.yaml", "concurrency: 12", "concurrency: 2");
    server.fails_for(["1"]);
    folder.change(
        "tunegate.yaml",
        "retry_delay: 1ms",
        "retry_delay: 1ms, retries: 0",
    );
    folder.ran("out", &[]).exits(4);
    server.fails_for([]);
    server.kill(folder.run("out", &["--resume"]), Moment::Asked(13));
    folder.ran("out", &[]).exits(2).tells(&["did not end"]);
    folder.ran("out", &["--resume"]).exits(0);
    folder.ran("out", &[]).exits(0);
}

#[test]
fn without_a_journal_or_with_nothing_in_it_resuming_starts_afresh() {
    let server = Server::start();
    let folder = Folder::new(&server, 2);
    folder.ran("out", &["--resume"]).exits(0);
    assert_eq!(asked(&server), [0, 1]);

    // Killed before the first answer: nothing is lost, whatever was planned.
    server.answers(Some(0));
    server.kill(folder.run("none", &[]), Moment::Asked(1));
    server.answers(None);
    folder.change("tunegate.yaml", "ft:a", "ft:b");
    folder.ran("none", &[]).exits(0);
}

#[test]
fn a_line_that_cannot_be_read_is_named_and_nothing_is_decided() {
    let server = Server::start();
    let (folder, _) = killed(&server);
    let journal = folder.read("out/journal.jsonl");
    let third = journal.lines().nth(2).unwrap();
    let half: String = third.chars().take(third.len() / 2).collect();
    let plan = journal.lines().next().unwrap();
    for (broken, told) in [(half.as_str(), "cannot be read"), (plan, "a second plan")] {
        let journal = journal.replacen(third, broken, 1);
        folder.write("out/journal.jsonl", &journal);
        let ran = folder.ran("out", &["--resume"]).exits(2);
        ran.tells(&["line 3", "out/journal.jsonl", told, "`--discard`"]);
        assert_eq!(folder.read("out/journal.jsonl"), journal);
        assert!(!folder.path("out/run.json").exists());
    }
    assert!(asked(&server).is_empty());
}

#[test]
fn an_answer_keeps_its_points_only_if_it_still_earns_them() {
    let server = Server::start();
    let (folder, _) = killed(&server);
    let journal = folder.read("out/journal.jsonl");
    for (from, to) in [
        (r#""score":5,"#, r#""score":10,"#),
        (": red \u{2713}", ": red, blue \u{2713}"),
        (r#""pass":false"#, r#""pass":true"#),
        (r#""status":"scored""#, r#""status":"unscored""#),
        (r#""case":"case-1""#, r#""case":"case-99""#),
        (r#""index":0"#, r#""index":1"#),
        // The same sample in another spelling: it would stand in the record, under a digest that nobody else finds.
        (r#""look":1,"#, r#""look": 1,"#),
    ] {
        assert!(journal.contains(from), "no {from} in {journal}");
        folder.write("out/journal.jsonl", &journal.replacen(from, to, 1));
        let ran = folder.ran("out", &["--resume"]).exits(2);
        ran.tells(&[
            "is not as this version wrote it",
            "out/journal.jsonl",
            "line ",
        ]);
        assert!(!folder.path("out/run.json").exists(), "{from}");
    }
    assert!(asked(&server).is_empty());
}

#[test]
fn of_two_answers_to_one_question_the_first_stands_with_its_words() {
    let server = Server::start();
    let folder = Folder::new(&server, 2);
    folder.ran("out", &[]).exits(0);
    let undisturbed = folder.timeless("out");
    let journal = folder.read("out/journal.jsonl");
    let line = journal
        .lines()
        .find(|line| line.contains("\"case-0\""))
        .unwrap();
    // Its time is no part of what it scored.
    let twice = line.replacen(
        "\"finish_reason\":\"stop\"",
        "\"finish_reason\":\"other\"",
        1,
    );
    assert_ne!(line, twice);
    folder.write("out/journal.jsonl", &format!("{journal}{twice}\n"));
    folder.ran("out", &["--resume"]).exits(0);
    assert_eq!(folder.timeless("out"), undisturbed);
}

#[test]
fn a_second_run_in_the_same_folder_is_refused() {
    let server = Server::start();
    let folder = Folder::new(&server, 2);
    server.answers(Some(0));
    let mut first = folder
        .run("out", &[])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    server.wait_for_questions(2);
    for arguments in [&[][..], &["--resume"], &["--discard"]] {
        let second = folder.ran("out", arguments).exits(3);
        second.tells(&["out/journal.jsonl", "another run is writing it"]);
    }
    first.kill().unwrap();
    first.wait().unwrap();
}

#[test]
fn a_full_disk_ends_the_run_and_loses_no_answer_before() {
    let server = Server::start();
    let folder = Folder::new(&server, 60);
    folder.ran("undisturbed", &[]).exits(0);
    let ran = Ran::of(&folder.run_on_a_small_disk("out", 16).output().unwrap());
    ran.exits(3).tells(&[
        "cannot append to out/journal.jsonl",
        "room",
        "`tunegate run --resume`",
    ]);
    assert!(!folder.path("out/run.json").exists());
    let text = fs::read(folder.path("out/journal.jsonl")).unwrap();
    assert_eq!(text.last(), Some(&b'\n'), "a torn line stays");
    let kept = folder.answered("out");
    assert!(!kept.is_empty());

    server.clear();
    folder.ran("out", &["--resume"]).exits(0);
    assert!(asked(&server).iter().all(|case| !kept.contains(case)));
    assert_eq!(folder.timeless("out"), folder.timeless("undisturbed"));
}

#[test]
fn a_disk_that_is_full_when_the_record_is_written_shows_the_verdict_and_leaves_no_half() {
    let server = Server::start();
    let folder = Folder::new(&server, 60);
    folder.ran("undisturbed", &[]).exits(0);
    let size = |name: &str| {
        let path = folder.path(&format!("undisturbed/{name}"));
        usize::try_from(fs::metadata(path).unwrap().len()).unwrap()
    };
    let blocks = size("journal.jsonl") / 512 + 2;
    assert!(
        size("run.json") > blocks * 512,
        "the record is the longer one"
    );
    let mut command = folder.run_on_a_small_disk("out", blocks);
    let output = command.stdout(Stdio::piped()).output().unwrap();
    Ran::of(&output)
        .exits(3)
        .tells(&["cannot write out/run.json"]);
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains("PASS"), "{shown}");
    let left = fs::read_dir(folder.path("out")).unwrap();
    let left: Vec<String> = left
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(left.iter().all(|name| !name.contains(".part")), "{left:?}");
    assert!(!left.contains(&"run.json".to_owned()), "{left:?}");
    let kept = folder.answered("out");
    assert_eq!(kept.len(), folder.answered("undisturbed").len());
}
