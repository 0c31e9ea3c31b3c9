#!/usr/bin/env python3
"""Imports every example that the published packages of other tools carry, and holds what comes out against our own reader.

    cargo build && tests/third_party/imports.py [TUNEGATE]

Needs npm and pip with a network. OpenAI's evals (PyPI) carry their whole registry; promptfoo (npm) carries the template
that its `init` fills. Fails where an import ends with another code than 0 or 2, panics, takes longer than three minutes, or
writes a suite that `tunegate check` refuses. Prints how much is exact, approximate and not translated, and what is lost
most often.
"""

import collections
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile

EVALS = "evals==3.0.1.post1"
PROMPTFOO = "promptfoo@0.121.20"
JINJA = "jinja2==3.1.6"

CONFIG = """version: 1
providers:
  recorded: {kind: replay, path: recordings}
defaults: {provider: recorded}
agents:
  qa: {model: {id: 'ft:open-mistral-7b:acme:20261001:qa'}, suite: SUITE}
"""

totals = collections.Counter()
lost = collections.Counter()
nearly = collections.Counter()
failed = []


def run(command, folder):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180, check=False)


def checked(gate, folder, suite):
    """What `check` says against a suite, if anything."""
    config = folder / "check.yaml"
    config.write_text(CONFIG.replace("SUITE", json.dumps(suite)))
    (folder / "recordings").mkdir(exist_ok=True)
    told = run([gate, "check", "--config", str(config)], folder)
    return None if told.returncode == 0 else told.stderr[:400]


def imported(gate, kind, root, path, work):
    """Imports one file; counts what it came to."""
    out = pathlib.Path(tempfile.mkdtemp(dir=work))
    name = path.relative_to(root)
    try:
        ended = run([gate, "import", str(name), "--out", str(out / "suite.yaml"), "--json"], root)
    except subprocess.TimeoutExpired:
        failed.append(f"{name}: takes longer than three minutes")
        return
    if ended.returncode not in (0, 2) or "panicked" in ended.stderr:
        failed.append(f"{name}: exit {ended.returncode}: {ended.stderr[:400]}")
        return
    told = json.loads(ended.stdout)
    totals[f"{kind}: files"] += 1
    totals[f"{kind}: files with exit {ended.returncode}"] += 1
    totals[f"{kind}: cases"] += told.get("cases", 0)
    for fidelity in ("exact", "approximate", "not_translated"):
        totals[f"{kind}: {fidelity}"] += told.get(fidelity, 0)
    for line in told.get("lines", []):
        if line["fidelity"] == "not-translated":
            lost[f"{kind}: {line['feature']}: {line['note'][:110]}"] += line["count"]
        if line["fidelity"] == "approximate":
            nearly[f"{kind}: {line['feature']}"] += line["count"]
    if ended.returncode == 2 and "lines" not in told:
        lost[f"{kind}: whole file: {told['error'][:110]}"] += 1
    if ended.returncode == 0:
        why = checked(gate, out, "suite.yaml")
        if why:
            failed.append(f"{name}: its suite is refused: {why}")


def evals(gate, work):
    """Every file of the registry of OpenAI's evals."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run([*command, "--no-binary", ":all:", EVALS], cwd=work, check=True)
    with tarfile.open(next(work.glob("evals-*.tar.gz"))) as archive:
        archive.extractall(work, filter="data")
    root = next(path for path in work.glob("evals-*") if path.is_dir())
    for path in sorted((root / "evals/registry/evals").glob("*.yaml")):
        imported(gate, "evals", root, path, work)


def promptfoo(gate, work):
    """What promptfoo's `init` writes for each of its choices."""
    subprocess.run(["npm", "pack", "--silent", PROMPTFOO], cwd=work, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(next(work.glob("promptfoo-*.tgz"))) as archive:
        archive.extractall(work, filter="data")
    library = work / "library"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--target", library, JINJA], check=True)
    sys.path.insert(0, str(library))
    import jinja2

    source = (work / "package/dist/src/main.js").read_text(encoding="utf-8")
    start = source.index("const CONFIG_TEMPLATE = `") + len("const CONFIG_TEMPLATE = `")
    template = source[start : source.index("`;", start)].replace("\\`", "`").replace("\\${", "${")
    environment = jinja2.Environment(keep_trailing_newline=True, autoescape=False)
    environment.filters["dump"] = json.dumps
    for kind in ("compare", "rag", "agent"):
        for language in ("python", "javascript", "not_sure"):
            folder = work / f"promptfoo-{kind}-{language}"
            folder.mkdir()
            prompts = ["Write a tweet about {{topic}}", "Answer {{inquiry}} with {{context}}"]
            text = environment.from_string(template).render(
                prompts=prompts, providers=["openai:gpt-5-mini"], type=kind, language=language
            )
            config = folder / "promptfooconfig.yaml"
            config.write_text(text)
            imported(gate, "promptfoo", folder, config, work)
            why = checked(gate, folder, "promptfooconfig.yaml")
            if why:
                failed.append(f"{folder.name}: refused where it is read in place: {why}")


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    gate = sys.argv[1] if len(sys.argv) > 1 else root / "target/debug/tunegate"
    gate = str(pathlib.Path(gate).resolve())
    with tempfile.TemporaryDirectory() as work:
        evals(gate, pathlib.Path(work))
        promptfoo(gate, pathlib.Path(work))
    for name, count in sorted(totals.items()):
        print(f"{count:9}  {name}")
    for title, counts in (("not translated, most often", lost), ("approximate, most often", nearly)):
        print(f"\n{title}")
        for name, count in counts.most_common(25):
            print(f"{count:9}  {name}")
    for why in failed:
        print(f"FAILED {why}")
    sys.exit(1 if failed else 0)


main()
