// A repository whose models answer from recordings, run by the real binary: what it writes is opened in a browser.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BINARY = process.env.TUNEGATE ?? new URL("../../target/release/tunegate", import.meta.url).pathname;

/** Words of others that try to leave the place where they are shown, or to act there. */
export const HOSTILE = [
  "</script><script>window.hostile = 1</script>",
  "<img src=x onerror='window.hostile = 1'>",
  "<!--<script>",
  "\"><svg onload=window.hostile=1>",
  "javascript:window.hostile=1",
  "https://evil.example/?q=1",
  "{{ 7 * 7 }} ${7 * 7}",
  "\u2028\u202e\u0007\u{1f600}",
].join(" ");

/** A page of `count` cases, to which two models answered. */
export function compared({ count, prompt, old, now }) {
  const folder = repository({ count, prompt, answers: { old, now } });
  for (const model of ["old", "now"]) measured(folder, model);
  tunegate(folder, ["compare", "old/run.json", "now/run.json", "--out", "compared"]);
  return { page: join(folder, "compared", "report.html"), end: () => rmSync(folder, { recursive: true }) };
}

/** The page of two stored records, the second much below the first. */
export function stored() {
  const answers = { good: () => "sunny", bad: (place) => (place % 2 === 0 ? "rainy" : "sunny") };
  const folder = repository({ count: 20, prompt: (place) => `${HOSTILE} ${place}`, answers });
  const git = (...args) => execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], { cwd: folder });
  git("init", "--quiet");
  for (const model of ["good", "bad"]) {
    writeFileSync(join(folder, "model.txt"), `${model}\n`);
    git("add", "--all");
    git("commit", "--quiet", "--message", model);
    measured(folder, model);
    tunegate(folder, ["baseline", "accept", `${model}/run.json`, "--reason", HOSTILE]);
  }
  tunegate(folder, ["baseline", "history", "--html", "history.html"]);
  return { page: join(folder, "history.html"), end: () => rmSync(folder, { recursive: true }) };
}

/** The page of agreement with people: ratings and preferences, of agents and dimensions with odd names. */
export function calibrated() {
  const folder = mkdtempSync(join(tmpdir(), "tunegate-page-"));
  const steps = (count) => Array.from({ length: count }, (_, step) => `${step + 1}. Open page ${step} and press Save.`).join("\n");
  const labels = [];
  for (let place = 0; place < 30; place += 1) {
    const prompt = `${HOSTILE} How do I save page ${place}?`;
    const rating = 1 + (place % 5);
    labels.push({ prompt, answer: `${steps(rating)} ${HOSTILE}`, rating, scale: [1, 5], agent: HOSTILE.slice(0, 40) });
    labels.push({ prompt, a: steps(1 + (place % 3)), b: steps(4), prefer: "b", dimension: "specificity" });
  }
  writeFileSync(join(folder, "labels.jsonl"), labels.map((label) => JSON.stringify(label)).join("\n"));
  tunegate(folder, ["calibrate", "labels.jsonl", "--out", "calibration"]);
  return { page: join(folder, "calibration", "calibration.html"), end: () => rmSync(folder, { recursive: true }) };
}

/** A repository with one agent, and models named after the answers that they have recorded. */
function repository({ count, prompt, answers }) {
  const folder = mkdtempSync(join(tmpdir(), "tunegate-page-"));
  const lines = [];
  const recorded = [];
  for (let place = 0; place < count; place += 1) {
    const id = `case-${String(place).padStart(5, "0")}`;
    lines.push({ id, prompt: prompt(place), checks: [{ contains: "sunny" }] });
    for (const [model, answer] of Object.entries(answers)) {
      recorded.push({ agent: "weather", case: id, sample: 0, model, answer: answer(place) });
    }
  }
  const jsonl = (values) => values.map((value) => JSON.stringify(value)).join("\n") + "\n";
  const write = (name, text) => writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, "recordings"));
  write("recordings/weather.jsonl", jsonl(recorded));
  write("weather.jsonl", jsonl(lines));
  write("tunegate.yaml", `version: 1
providers:
  recorded: {kind: replay, path: recordings/}
defaults: {provider: recorded}
agents:
  weather: {model: {file: model.txt}, suite: weather.yaml}
gate: {floor: 8.0, max_drop: 0.5}
baseline: {store: path}
`);
  write("weather.yaml", "scoring: {profile: checks}\ncases_from: weather.jsonl\n");
  return folder;
}

function measured(folder, model) {
  writeFileSync(join(folder, "model.txt"), `${model}\n`);
  tunegate(folder, ["run", "--all", "--quiet", "--out", model]);
}

/** Its exit code is a verdict here, which decides nothing. */
function tunegate(folder, args) {
  try {
    execFileSync(BINARY, args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"], maxBuffer: 1 << 26 });
  } catch (error) {
    if (error.status !== 1) throw new Error(`tunegate ${args.join(" ")}: exit ${error.status}: ${error.stderr}`);
  }
}
