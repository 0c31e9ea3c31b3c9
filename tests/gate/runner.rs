//! A runner that is not ours, nektos/act, runs the README's workflow with our `action.yml` and our image: what a later
//! step reads, what the summary says, and when the job is red. `tests/third_party/act.sh` starts this.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::support::github::Event;
use crate::support::world::{KEY, KEY_VARIABLE, QA_FILE, QA_NEW, Skill, World};

/// Stands in the README for the commit that a reader chose.
const BLANK: &str = "tunegate/tunegate@COMMIT_SHA";
const RELEASE: &str = "tunegate/tunegate@0000000000000000000000000000000000000000";

/// The step of the gate, and after it a step that only sees what a runner hands on.
const STEP: &str = "      - uses: tunegate/tunegate@COMMIT_SHA\n";
const KEY_LINE: &str = "          ACME_MODEL_KEY: ${{ secrets.ACME_MODEL_KEY }}\n";
const LATER: &str = r#"
      - if: always()
        env:
          OUTCOME: ${{ steps.gate.outcome }} ${{ steps.gate.outputs.outcome }}
          FAILED: ${{ steps.gate.outputs.failed-agents }}
          REPORT: ${{ steps.gate.outputs.report-json }}
        run: |
          echo "later step: $OUTCOME $FAILED"
          test -w "$REPORT" && rm -r tunegate-out
"#;

fn variable(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: tests/third_party/act.sh sets it"))
}

fn repository_file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// A text that must be there, replaced: the workflow of the README may change, but not unseen.
fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "there is no `{from}` in\n{text}");
    text.replace(from, to)
}

/// The README's workflow, with the model key of the world.
fn workflow() -> String {
    let readme = repository_file("README.md");
    let (_, rest) = readme
        .split_once("```yaml .github/workflows/model-quality.yml\n")
        .unwrap_or_else(|| panic!("the README shows no workflow"));
    let (workflow, _) = rest.split_once("```").unwrap();
    let workflow = replaced(workflow, "MISTRAL_API_KEY", KEY_VARIABLE);
    let workflow = replaced(&workflow, STEP, &format!("{STEP}        id: gate\n"));
    let workflow = replaced(&workflow, KEY_LINE, &format!("{KEY_LINE}{LATER}"));
    replaced(&workflow, BLANK, RELEASE)
}

/// What act said of one event, and whether its exit code was 0.
struct Told {
    green: bool,
    log: String,
}

impl Told {
    #[track_caller]
    fn holds(&self, text: &str) -> &Self {
        assert!(self.log.contains(text), "no `{text}` in\n{}", self.log);
        self
    }

    /// act shows a summary after the step that wrote it.
    #[track_caller]
    fn sums_up(&self, text: &str) -> &Self {
        let summary = self
            .log
            .split_once("Summary - ")
            .map_or("", |(_, rest)| rest);
        assert!(
            summary.contains(text),
            "no summary with `{text}` in\n{}",
            self.log
        );
        self
    }
}

/// A folder with the workflow, and beside it the action as a release has it: with a built image.
struct Runner {
    folder: TempDir,
}

impl Runner {
    fn new() -> Self {
        let runner = Self {
            folder: TempDir::new().unwrap(),
        };
        let image = format!("image: docker://{}", variable("TUNEGATE_TEST_IMAGE"));
        let action = replaced(&repository_file("action.yml"), "image: Dockerfile", &image);
        runner.write("action/action.yml", &action);
        runner.write("repository/.github/workflows/gate.yml", &workflow());
        // act asks git where it is.
        let made = Command::new("git")
            .args(["init", "--quiet"])
            .arg(runner.path("repository"))
            .status();
        assert!(made.unwrap().success());
        runner
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn run(&self, world: &World, event: &Event) -> Told {
        let path = event.write(self.folder.path());
        let platform = format!("ubuntu-latest={}", variable("TUNEGATE_TEST_RUNNER"));
        let action = format!("{RELEASE}={}", self.path("action").display());
        let output = Command::new(variable("TUNEGATE_TEST_ACT"))
            .arg(event.name)
            .current_dir(self.path("repository"))
            .args([
                "--pull=false",
                "--rm",
                "--container-daemon-socket",
                "-",
                "--no-cache-server",
            ])
            .args(["--platform", &platform, "--local-repository", &action])
            .arg("--eventpath")
            .arg(path)
            .args([
                "--env",
                &format!("GITHUB_API_URL={}", world.github.api_url()),
            ])
            .args(["--env", "GITHUB_REPOSITORY=acme/assistants"])
            // Named only: act takes the values from its environment, and hides them in its log.
            .args(["--secret", "GITHUB_TOKEN", "--secret", KEY_VARIABLE])
            .env("GITHUB_TOKEN", world.github.token())
            .env(KEY_VARIABLE, KEY)
            .output()
            .unwrap();
        let told = Told {
            green: output.status.success(),
            log: String::from_utf8_lossy(&output.stdout).into_owned()
                + &String::from_utf8_lossy(&output.stderr),
        };
        for secret in [KEY, &world.github.token()] {
            assert!(!told.log.contains(secret), "{secret} in\n{}", told.log);
        }
        told
    }
}

#[test]
#[ignore = "needs podman, an image and act: tests/third_party/act.sh"]
fn a_runner_of_others_runs_the_workflow_of_the_readme() {
    let (world, runner) = (World::new(), Runner::new());
    let tip = world.github.repository().tip("main").unwrap();
    let pushed = runner.run(&world, &world.github.push_event("main", "", &tip));
    assert!(pushed.green, "{}", pushed.log);
    pushed.sums_up("| **qa_agent** |");
    assert!(
        world.github.repository().tip("tunegate-data").is_some(),
        "{}",
        pushed.log
    );

    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let opened = world.github.pull_request_event(number, "opened");
    let passed = runner.run(&world, &opened);
    assert!(passed.green, "{}", passed.log);
    passed.holds("later step: success pass []").sums_up("PASS");

    world.teach(QA_NEW, Skill::Misses(2));
    let failed = runner.run(&world, &opened);
    assert!(!failed.green, "{}", failed.log);
    failed
        .holds("later step: failure fail [\"qa_agent\"]")
        .sums_up("| **qa_agent** |")
        .holds("Job failed");
    assert!(world.comment(number).body.contains("FAIL"));
}
