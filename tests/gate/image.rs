//! The container image is the binary and nothing else: same verdict, same words, same files.

use crate::support::job::Run;
use crate::support::world::{QA_FILE, QA_NEW, Skill, World};

/// What must not differ, without what names the run and its length.
fn seen(world: &World, number: u64, run: &Run) -> Vec<String> {
    let comment = world.comment(number).body;
    // One hidden line names the run, another says since when the failure stands: the second run has its own.
    let own = ["<!-- run ", "<!-- proposed "];
    let lines = comment
        .lines()
        .filter(|line| !own.iter().any(|start| line.starts_with(start)));
    let mut seen: Vec<String> = lines.map(str::to_owned).collect();
    // The word that ends a block of quoted text is another one each time.
    let log = run
        .stdout
        .lines()
        .filter(|line| !line.contains("::tunegate_"));
    seen.extend(log.map(str::to_owned));
    seen.push(run.stderr.clone());
    seen.extend(run.files.keys().cloned());
    let outputs = run
        .outputs
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    seen.extend(outputs);
    seen
}

#[test]
#[ignore = "needs an image: TUNEGATE_TEST_IMAGE=localhost/tunegate cargo test --test gate -- --ignored"]
fn the_image_gates_a_pull_request_as_the_binary_does() {
    let image = std::env::var("TUNEGATE_TEST_IMAGE");
    let image = image.unwrap_or_else(|_| panic!("set TUNEGATE_TEST_IMAGE to the image to test"));
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Misses(2));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let binary = world.opened(number).run().exits(1);
    let from_binary = seen(&world, number, &binary);
    let container = world.opened(number).in_image(&image).run().exits(1);
    assert_eq!(seen(&world, number, &container), from_binary);
    assert!(container.summary.contains("| **qa_agent** |"));
}
