#!/usr/bin/env python3
"""Holds a bill of materials (CycloneDX, JSON) against the schema of those who make the format, as cyclonedx-python-lib
carries it, and against what cargo says is in the binary.

Needs cargo, and cyclonedx-python-lib[json-validation] (PyPI).

    tests/third_party/sbom.py FILE
"""

import json
import pathlib
import subprocess
import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = pathlib.Path(__file__).resolve().parents[2]


def linked():
    """Name and version of every crate that is compiled for this machine, ours aside."""
    command = ["cargo", "tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"]
    lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    names = {(name, version.removeprefix("v")) for name, version, *_ in (line.split() for line in lines if line)}
    return {one for one in names if one[0] != "tunegate"}


def main():
    text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    bill = json.loads(text)
    version = SchemaVersion.from_version(bill["specVersion"])
    if wrong := JsonStrictValidator(version).validate_str(text):
        sys.exit(f"not CycloneDX {bill['specVersion']}: {wrong}")
    own = bill["metadata"]["component"]
    listed = {(one["name"], one["version"]) for one in bill["components"]}
    if missing := linked() - listed:
        sys.exit(f"in the binary but not in the bill: {sorted(missing)}")
    print(f"{own['name']} {own['version']}, CycloneDX {bill['specVersion']}: {len(listed)} components, of which {len(linked())} are linked here")


main()
