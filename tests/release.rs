//! What a release writes for strangers: an `action.yml` that names the image by its digest and differs in nothing else.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn repository_file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

fn pin(action: &Path, image: &str) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/release/pin.sh");
    let output = Command::new("sh")
        .arg(script)
        .arg(action)
        .arg(image)
        .output();
    output.unwrap_or_else(|why| panic!("sh: {why}"))
}

fn own_action() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml")
}

#[test]
fn a_released_action_names_its_image_by_digest_and_is_else_the_same() {
    let image = format!("ghcr.io/tunegate/tunegate@sha256:{DIGEST}");
    let output = pin(&own_action(), &image);
    assert!(output.status.success(), "{output:?}");
    let pinned = String::from_utf8(output.stdout).unwrap();
    let wanted = format!("  image: docker://{image}\n");
    assert!(pinned.ends_with(&wanted), "{pinned}");
    assert_eq!(
        pinned.replace(&wanted, "  image: Dockerfile\n"),
        repository_file("action.yml")
    );
}

#[test]
fn anything_but_an_image_of_ghcr_by_its_whole_digest_is_refused() {
    let upper = DIGEST.to_uppercase();
    let images = [
        String::new(),
        "ghcr.io/tunegate/tunegate".to_owned(),
        "ghcr.io/tunegate/tunegate:latest".to_owned(),
        format!("ghcr.io/tunegate/tunegate:v1@sha256:{DIGEST}"),
        format!("ghcr.io/tunegate/tunegate@sha256:{upper}"),
        format!("ghcr.io/tunegate/tunegate@sha256:{DIGEST}0"),
        format!("ghcr.io/tunegate/tunegate@sha512:{DIGEST}"),
        "ghcr.io/tunegate/tunegate@sha256:0123".to_owned(),
        format!("ghcr.io/tunegate/tunegate@sha256:{DIGEST}\n"),
        format!("ghcr.io/tunegate/tunegate\n@sha256:{DIGEST}"),
        format!("ghcr.io/tunegate/x|e id|@sha256:{DIGEST}"),
        format!("ghcr.io/Tunegate/tunegate@sha256:{DIGEST}"),
        format!("ghcr.io/@sha256:{DIGEST}"),
        format!("docker.io/tunegate/tunegate@sha256:{DIGEST}"),
        format!("docker://ghcr.io/tunegate/tunegate@sha256:{DIGEST}"),
        format!("ghcr.io/a@sha256:{DIGEST}@sha256:{DIGEST}"),
    ];
    for image in images {
        let output = pin(&own_action(), &image);
        assert!(!output.status.success(), "{image:?} was taken");
        assert!(output.stdout.is_empty(), "{image:?}: {output:?}");
        assert!(output.stderr.starts_with(b"pin: "), "{output:?}");
    }
}

#[test]
fn an_action_that_is_pinned_already_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("action.yml");
    let image = format!("ghcr.io/tunegate/tunegate@sha256:{DIGEST}");
    std::fs::write(&path, pin(&own_action(), &image).stdout).unwrap();
    let output = pin(&path, &image);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("pinned already"));
}

#[test]
fn the_wheel_is_built_by_one_version_of_maturin_everywhere() {
    let python = repository_file("pyproject.toml");
    let (_, rest) = python.split_once("requires = [\"").unwrap();
    let (wanted, _) = rest.split_once('"').unwrap();
    assert!(wanted.starts_with("maturin=="), "{wanted}");
    for file in [
        ".ci/run",
        ".github/release/requirements.txt",
        ".github/workflows/release.yml",
    ] {
        assert!(
            repository_file(file).contains(wanted),
            "{file}: no {wanted}"
        );
    }
}
