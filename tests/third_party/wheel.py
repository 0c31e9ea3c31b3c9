#!/usr/bin/env python3
"""Builds the wheel, and does with it what a user does: into an empty virtual environment, without an index, then the
demonstration. What the wheel and the source distribution hold, and what they say of themselves, is held against Cargo.toml.

Needs Rust, and maturin and cyclonedx-python-lib[json-validation] (PyPI) in the folder that is named. What `cargo build
--release` left in the target folder is used. With a wheel named, that one is checked and none is built.

    tests/third_party/wheel.py FOLDER [WHEEL]
"""

import email
import pathlib
import subprocess
import sys
import tempfile
import tomllib
import venv
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["package"]
NAME, VERSION = PACKAGE["name"], PACKAGE["version"]
LICENCES = {"LICENSE-APACHE", "LICENSE-MIT"}
# The binary is compressed to a third; anything near this would be a second copy or debugging information.
MOST_BYTES = 12_000_000


def run(*command, cwd=None, env=None):
    ended = subprocess.run(list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {ended.returncode}\n{ended.stdout}{ended.stderr}")
    return ended


def expect(what, wanted, got):
    if wanted != got:
        sys.exit(f"{what}: {got!r}, not {wanted!r}")


def built(programs, out):
    """A wheel of the binary that is there already; a second build would take longer than all else here."""
    pinned = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    expect("maturin of pyproject.toml", [run(programs / "maturin", "--version").stdout.strip().replace(" ", "==")], pinned)
    # `linux`: for this machine. What PyPI takes is built by the release workflow, against an older C library or none.
    said = run(programs / "maturin", "build", "--release", "--locked", "--compatibility", "linux", "--out", out, cwd=ROOT)
    compiled = [line.strip() for line in said.stderr.splitlines() if line.strip().startswith("Compiling ")]
    print(f"compiled for the wheel: {', '.join(compiled) or 'nothing'}")
    (wheel,) = out.glob("*.whl")
    return wheel


def check_metadata(text):
    said = email.message_from_string(text)
    expect("name", [NAME], said.get_all("Name"))
    expect("version", [VERSION], said.get_all("Version"))
    expect("summary", [PACKAGE["description"]], said.get_all("Summary"))
    expect("licence", [PACKAGE["license"]], said.get_all("License-Expression"))
    expect("licences", LICENCES, set(said.get_all("License-File") or []))
    expect("dependencies", None, said.get_all("Requires-Dist"))
    # The page of a package has nothing beside it that a relative link could mean.
    for sign in ("](docs/", "](CONTRIBUTING", "](LICENSE"):
        if sign in said.get_payload():
            sys.exit(f"the description has the relative link {sign}")


def check_wheel(wheel):
    """Returns the bill of materials that the wheel carries."""
    about, data = f"{NAME}-{VERSION}.dist-info", f"{NAME}-{VERSION}.data/scripts/{NAME}"
    sbom = f"{about}/sboms/{NAME}.cyclonedx.json"
    wanted = {data, sbom, f"{about}/METADATA", f"{about}/RECORD", f"{about}/WHEEL"}
    with zipfile.ZipFile(wheel) as zipped:
        wanted |= {f"{about}/licenses/{name}" for name in LICENCES}
        expect("files of the wheel", sorted(wanted), sorted(zipped.namelist()))
        check_metadata(zipped.read(f"{about}/METADATA").decode())
        for name in LICENCES:
            expect(name, (ROOT / name).read_bytes(), zipped.read(f"{about}/licenses/{name}"))
        if wheel.stat().st_size > MOST_BYTES:
            sys.exit(f"{wheel.name} has {wheel.stat().st_size} bytes")
        return zipped.read(sbom)


def check_sdist(programs, out):
    """What a machine without a wheel would build from: complete as far as cargo's lock and the licences go."""
    run(programs / "maturin", "sdist", "--out", out, cwd=ROOT)
    (archive,) = out.glob("*.tar.gz")
    run("tar", "--extract", "--file", archive, "--directory", out)
    unpacked = out / f"{NAME}-{VERSION}"
    check_metadata((unpacked / "PKG-INFO").read_text(encoding="utf-8"))
    run("cargo", "tree", "--locked", cwd=unpacked)
    packed_files = {line for line in run("cargo", "package", "--list", "--allow-dirty", "--offline", cwd=ROOT).stdout.splitlines()}
    there = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    # Cargo adds what describes its own package.
    missing = packed_files - there - {".cargo_vcs_info.json", "Cargo.toml.orig"}
    expect("missing in the source distribution", set(), missing)


def check_use(wheel, folder):
    place = folder / "empty"
    venv.create(place, with_pip=True)
    run(place / "bin/pip", "install", "--quiet", "--no-index", "--disable-pip-version-check", wheel)
    alone = {"PATH": str(place / "bin"), "HOME": str(folder)}
    expect("version", f"{NAME} {VERSION}\n", run(place / "bin" / NAME, "--version", env=alone).stdout)
    run(NAME, "demo", "--quiet", "--out", folder / "demo", cwd=folder, env=alone | {"PATH": f"{place}/bin:/usr/bin:/bin"})
    for name in ("run.json", "comment.md", "report.html"):
        if not (folder / "demo" / name).is_file():
            sys.exit(f"the demonstration wrote no {name}")


def main():
    programs = pathlib.Path(sys.argv[1]).absolute()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        wheel = pathlib.Path(sys.argv[2]).absolute() if len(sys.argv) > 2 else built(programs, folder / "wheels")
        (folder / "sbom.json").write_bytes(check_wheel(wheel))
        print(run(programs / "python", ROOT / "tests/third_party/sbom.py", folder / "sbom.json").stdout, end="")
        check_sdist(programs, folder)
        check_use(wheel, folder)
        print(f"{wheel.name}: {wheel.stat().st_size} bytes, nothing found")


main()
