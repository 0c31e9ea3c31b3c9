// Regenerates github.json and events/*.json from the two pinned packages in package-lock.json.
//
//   node extract.mjs           write the files
//   node extract.mjs --check   write nothing, exit 1 if a committed file differs
//
// The extract is the published description, cut down: only the operations that the fake GitHub
// answers, only what those refer to, no prose. Nothing is added or reworded, so that a failing
// `--check` always means that GitHub's description, or our choice of operations, has moved.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const here = (name) => new URL(name, import.meta.url);

const REPO = "/repos/{owner}/{repo}";

/** Method and path of each operation, with the examples to keep where the first is not enough. */
const OPERATIONS = [
  ["get", REPO],
  ["get", `${REPO}/pulls`],
  ["get", `${REPO}/pulls/{pull_number}`],
  ["get", `${REPO}/pulls/{pull_number}/files`],
  ["get", `${REPO}/contents/{path}`, "all"],
  ["get", `${REPO}/git/trees/{tree_sha}`],
  ["get", `${REPO}/git/blobs/{file_sha}`],
  ["get", `${REPO}/git/commits/{commit_sha}`],
  ["get", `${REPO}/git/ref/{ref}`],
  ["post", `${REPO}/git/blobs`],
  ["post", `${REPO}/git/trees`],
  ["post", `${REPO}/git/commits`],
  ["post", `${REPO}/git/refs`],
  ["patch", `${REPO}/git/refs/{ref}`],
  ["get", `${REPO}/compare/{basehead}`],
  ["get", `${REPO}/commits`],
  ["get", `${REPO}/commits/{commit_sha}/pulls`],
  ["get", `${REPO}/collaborators/{username}/permission`],
  ["get", `${REPO}/issues/{issue_number}/comments`],
  ["post", `${REPO}/issues/{issue_number}/comments`],
  ["patch", `${REPO}/issues/comments/{comment_id}`],
  ["get", `${REPO}/issues`],
  ["post", `${REPO}/issues`],
  ["patch", `${REPO}/issues/{issue_number}`],
  ["post", `${REPO}/check-runs`],
  ["patch", `${REPO}/check-runs/{check_run_id}`],
  ["post", `${REPO}/statuses/{sha}`],
  ["get", "/user"],
];

/** Replies that the fake gives on purpose; a redirect or an outage is a fault, and faults may break the contract. */
const STATUSES = ["200", "201", "403", "404", "409", "422"];

/** Event, and the action of the example to take (the first that matches `where`). */
const EVENTS = [
  ["pull_request", "opened"],
  ["push", undefined, (example) => example.ref.startsWith("refs/heads/")],
  ["merge_group", "checks_requested"],
  ["workflow_dispatch", undefined],
  ["workflow_run", "completed"],
];

const PROSE = new Set(["description", "summary", "title", "externalDocs", "example", "tags", "x-github", "x-octokit"]);

/** Drops prose from a piece of the description, and leaves alone what only looks like it: a property named `title`, an example's value. */
function withoutProse(node) {
  if (Array.isArray(node)) return node.map(withoutProse);
  if (node === null || typeof node !== "object") return node;
  const kept = {};
  for (const [key, value] of Object.entries(node)) {
    if (PROSE.has(key)) continue;
    if (key === "properties") {
      kept[key] = Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, withoutProse(schema)]));
    } else if (key === "value" || key === "enum" || key === "default") {
      kept[key] = value;
    } else {
      kept[key] = withoutProse(value);
    }
  }
  return kept;
}

/** Keeps the JSON form of a reply or body: the other media types carry no schema that we could check. */
function jsonOnly(message, keep) {
  const json = message.content?.["application/json"];
  if (!json) return {};
  const examples = Object.entries(json.examples ?? {}).slice(0, keep === "all" ? undefined : 1);
  const content = { schema: json.schema };
  if (examples.length > 0) content.examples = Object.fromEntries(examples);
  return { content: { "application/json": content } };
}

function operation(found, keep, components) {
  const cut = { operationId: found.operationId, parameters: found.parameters ?? [], responses: {} };
  if (found.requestBody) {
    cut.requestBody = { required: found.requestBody.required === true, ...jsonOnly(found.requestBody, "none") };
    delete cut.requestBody.content["application/json"].examples;
  }
  for (const status of STATUSES) {
    const reply = found.responses[status];
    if (!reply) continue;
    const named = reply.$ref ? components.responses[reply.$ref.split("/").pop()] : reply;
    cut.responses[status] = jsonOnly(named, keep);
  }
  return withoutProse(cut);
}

/** Adds to `into` every component that `node` refers to, directly or through another one. */
function collect(node, all, into) {
  if (node === null || typeof node !== "object") return;
  if (typeof node.$ref === "string") {
    const [, , kind, name] = node.$ref.split("/");
    into[kind] ??= {};
    if (!(name in into[kind])) {
      into[kind][name] = withoutProse(all[kind][name]);
      collect(into[kind][name], all, into);
    }
  }
  for (const value of Object.values(node)) collect(value, all, into);
}

const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));

function contract() {
  const description = require("@octokit/openapi/generated/api.github.com.json");
  const paths = {};
  for (const [method, path, keep] of OPERATIONS) {
    const found = description.paths[path]?.[method];
    if (!found) throw new Error(`the description has no ${method.toUpperCase()} ${path}`);
    paths[path] ??= {};
    paths[path][method] = operation(found, keep, description.components);
  }
  const components = {};
  collect(paths, description.components, components);
  const kinds = Object.entries(components).map(([kind, named]) => [kind, sorted(named)]);
  return {
    openapi: description.openapi,
    info: { title: "extract of GitHub's REST API", version: description.info.version, license: { name: "MIT" } },
    paths,
    components: sorted(Object.fromEntries(kinds)),
  };
}

function* events() {
  const published = require("@octokit/webhooks-examples/api.github.com/index.json");
  for (const [event, action, where = () => true] of EVENTS) {
    const { examples } = published.find(({ name }) => name === event);
    const example = examples.find((one) => one.action === action && where(one));
    if (!example) throw new Error(`no example of ${event} ${action ?? ""}`);
    yield [`events/${event}${action ? `.${action}` : ""}.json`, example];
  }
}

// One space of indentation: diffs stay readable by line, and the file stays small.
const text = (value) => `${JSON.stringify(value, null, 1)}\n`;

const files = new Map([["github.json", text(contract())]]);
for (const [name, example] of events()) files.set(name, text(example));

if (process.argv.includes("--check")) {
  const read = (name) => {
    try {
      return readFileSync(here(name), "utf8");
    } catch {
      return undefined;
    }
  };
  const stale = [...files].filter(([name, content]) => read(name) !== content).map(([name]) => name);
  const extra = readdirSync(here("events/")).map((name) => `events/${name}`).filter((name) => !files.has(name));
  for (const name of [...stale, ...extra]) console.error(`tests/contract/${name} is not what extract.mjs writes`);
  if (stale.length + extra.length > 0) process.exit(1);
  console.log(`${files.size} files are current`);
} else {
  mkdirSync(here("events/"), { recursive: true });
  for (const [name, content] of files) writeFileSync(here(name), content);
  console.log(`wrote ${[...files.keys()].join(", ")}`);
}
