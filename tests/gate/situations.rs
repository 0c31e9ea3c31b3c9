//! Twelve situations as people read them: the comment as posted, the same record in a terminal, and its page.
//!
//! A change of words shows here as it will read. `INSTA_UPDATE=always cargo test --test gate situations` takes the new
//! words over; with `SITUATIONS_OUT` naming a folder, comments and pages are written there as well, whole and as they
//! are, for a browser. That nothing is posted where nothing is touched is told in `comment.rs`: each of these twelve
//! has something to say.

mod data;
mod shown;
mod team;

use data::{HELD_OUT, MORE, row, rows, with_more};
use shown::show;
use team::{TRAIN, Team, model_file, new, old};

use crate::support::model::Fault;
use crate::support::world::CONFIG;

#[test]
fn pass() {
    let team = Team::new();
    let lacking = [("checkout-e2e-test", 1), ("coverage-strategy", 2)];
    team.teach("qa_agent", &old("qa_agent"), &lacking);
    team.push_to_main().exits(0);
    let number = team.moves("qa_agent");
    let run = team.opened(number).run().exits(0);
    show("pass", &team, number, &run);
}

#[test]
fn pass_not_proven() {
    let team = Team::new();
    let agent = "legal_agent";
    let before = [
        ("privacy-policy-disclaimer", 2),
        ("ip-protection-terms", 3),
        ("healthcare-compliance-checklist", 2),
    ];
    team.teach(agent, &old(agent), &before);
    team.push_to_main().exits(0);
    let now = [
        ("liability-limit-review", 3),
        ("healthcare-compliance-checklist", 1),
    ];
    team.teach(agent, &new(agent), &now);
    let number = team.moves(agent);
    let run = team.opened(number).run().exits(0);
    show("pass-not-proven", &team, number, &run);
}

#[test]
fn fail_floor() {
    let team = Team::new();
    let agent = "content_agent";
    let before = [
        ("blog-ai-safety", 1),
        ("email-black-friday", 1),
        ("video-script-demo", 1),
        ("landing-page-saas", 3),
    ];
    team.teach(agent, &old(agent), &before);
    team.push_to_main().exits(0);
    let more = [
        ("whitepaper-outline", 3),
        ("press-release-funding", 3),
        ("social-strategy-q4", 2),
    ];
    team.teach(agent, &new(agent), &[&before[..], &more].concat());
    let number = team.moves(agent);
    let run = team.opened(number).run().exits(1);
    show("fail-floor", &team, number, &run);
}

#[test]
fn fail_regression() {
    let team = Team::new();
    team.push_to_main().exits(0);
    team.teach_the_worse_support_model();
    let copies = rows(&MORE) + &rows(&MORE[..2]);
    let agent = "support_agent";
    let number = team.pull_request(&[
        (&model_file(agent), &new(agent)),
        (TRAIN, &with_more(&copies)),
    ]);
    let run = team.opened(number).run().exits(1);
    show("fail-regression", &team, number, &run);
}

#[test]
fn drop_not_proven() {
    let team = Team::new();
    let agent = "analyst_agent";
    team.teach(agent, &old(agent), &[("retention-cohort-query", 3)]);
    team.push_to_main().exits(0);
    let lacking = [
        ("churn-rate-fixes", 2),
        ("product-market-fit-memo", 2),
        ("q3-revenue-forecast", 2),
    ];
    team.teach(agent, &new(agent), &lacking);
    let number = team.moves(agent);
    let run = team.opened(number).run().exits(0);
    show("drop-not-proven", &team, number, &run);
}

#[test]
fn could_not_measure() {
    let team = Team::new();
    let agent = "support_agent";
    team.push_to_main().exits(0);
    let down = Fault::Status(503, "upstream connect error".to_owned());
    let unanswered = ["upgrade-plan", "api-key-401", "slack-not-syncing"];
    let unanswered = unanswered.map(|case| team.prompt(agent, case));
    team.model.always_fails_for(&unanswered, &down);
    let number = team.moves(agent);
    let run = team.opened(number).run().exits(4);
    show("could-not-measure", &team, number, &run);
}

#[test]
fn not_retrained() {
    let team = Team::new();
    team.push_to_main().exits(0);
    let number = team.pull_request(&[(TRAIN, &with_more(&rows(&MORE)))]);
    let run = team.opened(number).run().exits(0);
    show("not-retrained", &team, number, &run);
}

#[test]
fn rules_changed() {
    let team = Team::new();
    team.push_to_main().exits(0);
    let config = team
        .config_with("floor: 8.0", "floor: 7.0")
        .replace("max_drop: 0.5", "max_drop: 0.4");
    let number = team.pull_request(&[(CONFIG, &config)]);
    let run = team.opened(number).run().exits(0);
    show("rules-changed", &team, number, &run);
}

#[test]
fn data_leaked() {
    let team = Team::new();
    team.push_to_main().exits(0);
    let of_suite = row(
        team.prompt("support_agent", "api-key-401"),
        "v2 wants the word Bearer before the key. Send `Authorization: Bearer` with your new key, and look at the scopes of the key if that changes nothing.",
    );
    let more = rows(&MORE) + &of_suite + &rows(&HELD_OUT[..1]);
    let number = team.pull_request(&[(TRAIN, &with_more(&more))]);
    let run = team.opened(number).run().exits(1);
    show("data-leaked", &team, number, &run);
}

#[test]
fn first_measurement() {
    let team = Team::new();
    let agent = "qa_agent";
    team.teach(agent, &new(agent), &[("checkout-e2e-test", 1)]);
    let number = team.moves(agent);
    let run = team.opened(number).run().exits(0);
    show("first-measurement", &team, number, &run);
}

#[test]
fn first_adoption() {
    let team = Team::without_a_gate();
    let lacking = [
        ("blog-ai-safety", 2),
        ("email-black-friday", 1),
        ("landing-page-saas", 3),
        ("newsletter-product-updates", 3),
        ("video-script-demo", 3),
        ("whitepaper-outline", 3),
    ];
    team.teach("content_agent", &old("content_agent"), &lacking);
    let gate = team.gate();
    let files: Vec<(&str, &str)> = gate.iter().map(|(path, text)| (&**path, &**text)).collect();
    let number = team.pull_request(&files);
    let run = team.opened(number).run().exits(0);
    show("first-adoption", &team, number, &run);
}

#[test]
fn accepted() {
    // The times of this GitHub are long past, so what is accepted holds for ten years.
    let team = Team::under(|config| config + "accept: {expires: 3650d}\n");
    let agent = "content_agent";
    team.push_to_main().exits(0);
    let lacking = [
        ("blog-ai-safety", 2),
        ("whitepaper-outline", 3),
        ("landing-page-saas", 3),
        ("newsletter-product-updates", 3),
        ("video-script-demo", 3),
        ("press-release-funding", 3),
        ("social-strategy-q4", 2),
    ];
    team.teach(agent, &new(agent), &lacking);
    team.github.give_role("mia", "maintain");
    let number = team.moves(agent);
    team.opened(number).run().exits(1);
    let words = "/tunegate accept content_agent Shorter drafts are wanted: editors cut the old ones by half.";
    team.github.seed_comment(number, "mia", words);
    let run = team.opened(number).run().exits(0);
    show("accepted", &team, number, &run);
}
