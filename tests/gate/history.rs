//! What is stored, as a person reads it on a laptop.

use crate::support::laptop::Laptop;
use crate::support::world::{CONFIG, QA_FILE, QA_OLD, Skill, World};

fn read(laptop: &Laptop<'_>, arguments: &[&str]) -> (i32, String, String) {
    let output = laptop.command(&[&["baseline"], arguments].concat());
    (
        output.status.code().unwrap(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// Two records of one agent: a model that is right, and one that is half a point below.
fn two_records() -> World {
    let world = World::new();
    world.github.make_private();
    world.push_to_main().exits(0);
    let before = world.github.repository().tip("main").unwrap();
    world.teach("ft:b", Skill::Halves(1));
    world.commit("main", &[(QA_FILE, "ft:b\n")]);
    let later = world.push_to_main_from(&before);
    later.numbered(4712).run().exits(0);
    world
}

#[test]
fn the_trend_of_each_agent_is_a_line_a_record() {
    let world = two_records();
    let laptop = Laptop::clone_of(&world);
    let (code, told, wrong) = read(&laptop, &["history"]);
    assert_eq!((code, wrong.as_str()), (0, ""), "{told}");
    let lines: Vec<&str> = told.lines().collect();
    assert!(
        lines[0].starts_with("qa_agent  ") && lines[0].ends_with("  2 records"),
        "{told}"
    );
    assert!(
        lines[1].contains("10.00") && lines[1].contains(QA_OLD),
        "{told}"
    );
    assert!(
        lines[2].contains("9.50") && lines[2].contains("ft:b"),
        "{told}"
    );
    assert!(lines[2].contains("−0.50"), "{told}");
    assert!(told.contains("support_agent  █  1 record"), "{told}");
    assert!(told.contains("read from `origin/tunegate-data`"), "{told}");
}

#[test]
fn the_trend_can_be_had_as_a_page() {
    let world = two_records();
    let laptop = Laptop::clone_of(&world);
    let (code, told, wrong) = read(&laptop, &["history", "--html", "history.html"]);
    assert_eq!((code, wrong.as_str()), (0, ""), "{told}");
    assert_eq!(told, "Written: history.html\n");
    let page = std::fs::read_to_string(laptop.path("history.html")).unwrap();
    assert!(
        page.contains("<h2>qa_agent <span class=\"count\">2 records</span></h2>"),
        "{page}"
    );
    for cell in [">10.00</td>", ">9.50</td>", "−0.50", "ft:b"] {
        assert!(page.contains(cell), "{cell} in {page}");
    }
    assert!(!page.contains("<script"), "{page}");
    let nowhere = read(&laptop, &["history", "--html", "."]);
    assert_eq!(nowhere.0, 3, "{nowhere:?}");
}

#[test]
fn the_newest_record_says_what_is_kept() {
    let world = two_records();
    let laptop = Laptop::clone_of(&world);
    let (code, told, _) = read(&laptop, &["show", "--agent", "qa_agent"]);
    assert_eq!(code, 0);
    assert!(
        told.contains("9.50") && told.contains("10 prompts, answers kept, v1/"),
        "{told}"
    );
    assert!(!told.contains("support_agent"), "{told}");
    let (_, json, _) = read(&laptop, &["show", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["agents"][0]["steps"][1]["score"], 9.5);
}

#[test]
fn a_record_that_was_changed_is_named_and_the_others_are_shown() {
    let world = two_records();
    let path = world.github.files_on_branch("tunegate-data");
    let path = path
        .iter()
        .find(|path| path.contains("support_agent") && !path.contains(".answers."))
        .unwrap();
    let text = world
        .file("tunegate-data", path)
        .replace("\"score\":10", "\"score\":9");
    world.github.repository().commit_on(
        "tunegate-data",
        "Change it",
        &[crate::support::github::Change::Write(path, text.as_bytes())],
    );
    let laptop = Laptop::clone_of(&world);
    let (code, told, wrong) = read(&laptop, &["history"]);
    assert_eq!(code, 3, "{told}");
    assert!(
        wrong.contains("support_agent") && wrong.contains("changed after it was written"),
        "{wrong}"
    );
    assert!(told.contains("qa_agent"), "{told}");
}

#[test]
fn where_no_record_can_be_relied_on_nobody_says_that_none_is_stored() {
    let world = World::new();
    world.push_to_main().exits(0);
    for path in world.github.files_on_branch("tunegate-data") {
        let text = world.file("tunegate-data", &path);
        let text = text.replace("\"score\":10", "\"score\":9");
        world.commit("tunegate-data", &[(&path, &text)]);
    }
    let laptop = Laptop::clone_of(&world);
    let (code, told, wrong) = read(&laptop, &["show"]);
    assert_eq!(code, 3, "{told}");
    assert_eq!(wrong.matches("changed after it was written").count(), 2);
    assert!(!told.contains("no record is stored"), "{told}");
    assert!(
        told.contains("none of the stored records can be relied on")
            && told.contains("`origin/tunegate-data`"),
        "{told}"
    );
}

#[test]
fn an_agent_that_nobody_knows_is_named_with_those_that_there_are() {
    let world = two_records();
    // The gate has it no more, its records stay.
    let config = world.config_with(
        "  support_agent:\n    model: {file: models/support_agent.txt}\n    suite: suites/support_agent.yaml\n",
        "  third_agent:\n    model: {id: 'ft:third'}\n    suite: suites/support_agent.yaml\n",
    );
    world.commit("main", &[(CONFIG, &config)]);
    let laptop = Laptop::clone_of(&world);
    for what in ["show", "history"] {
        let (code, told, wrong) = read(&laptop, &[what, "--agent", "qa_agnet"]);
        assert_eq!((code, told.as_str()), (2, ""), "{wrong}");
        assert!(
            wrong.contains("there is no agent `qa_agnet`: did you mean qa_agent?")
                && wrong.contains("qa_agent, support_agent, third_agent"),
            "{wrong}"
        );
        let (code, told, wrong) = read(&laptop, &[what, "--agent", "third_agent"]);
        assert_eq!((code, wrong.as_str()), (0, ""));
        assert_eq!(told, "no record of third_agent is stored yet\n");
        let (code, told, _) = read(&laptop, &[what, "--agent", "support_agent"]);
        assert_eq!(code, 0, "{told}");
        assert!(told.contains("10.00"), "{told}");
    }
}

#[test]
fn where_nothing_is_stored_the_next_step_is_told() {
    let world = World::new();
    let laptop = Laptop::clone_of(&world);
    let (code, told, wrong) = read(&laptop, &["history"]);
    assert_eq!((code, told.as_str()), (3, ""));
    assert!(
        wrong.contains("git fetch origin tunegate-data:tunegate-data"),
        "{wrong}"
    );
}
