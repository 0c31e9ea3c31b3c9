// What a person can do with the page in a browser, and what words of others cannot.
//
//   npm ci && node --test          with a release build of tunegate, and Chromium

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import puppeteer from "puppeteer-core";

import { HOSTILE, calibrated, compared, stored } from "./world.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const CASES = 10_000;

let browser;
let large;
let hostile;
let history;
let calibration;
let different;

before(async () => {
  browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  const filler = "The forecast of the station was checked against the last ten years. ".repeat(4);
  large = compared({
    count: CASES,
    prompt: (place) => `What is the weather in town ${place}?`,
    old: (place) => `Town ${place} is sunny all day. ${filler}`,
    now: (place) => `Town ${place} is ${place % 3 === 0 ? "rainy" : "sunny"} all week. ${filler}`,
  });
  hostile = compared({
    count: 12,
    prompt: (place) => `${HOSTILE} ${place}`,
    old: () => `sunny ${HOSTILE}`,
    now: (place) => (place < 6 ? HOSTILE : `sunny ${HOSTILE}`),
  });
  history = stored();
  calibration = calibrated();
  different = compared({
    count: 5,
    prompt: (place) => `What is the weather in town ${place}?`,
    old: () => "It is sunny, and it stays so until Friday evening at least.",
    now: () => "I am afraid that nobody here could tell you anything about that.",
  });
});

after(async () => {
  await browser?.close();
  large?.end();
  hostile?.end();
  history?.end();
  calibration?.end();
  different?.end();
});

/** Opens a page, lets `use` do what a person does, and sees to it that nothing was requested or complained of. */
async function opened({ page: path }, use, { width = 1200, features = [], media } = {}) {
  const page = await browser.newPage();
  const [requested, complaints] = [[], []];
  page.on("request", (request) => requested.push(request.url()));
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => complaints.push(dialog.message()));
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures(features);
  if (media) await page.emulateMediaType(media);
  await page.goto(`file://${path}`, { waitUntil: "load" });
  await use(page);
  assert.deepEqual(complaints, []);
  assert.deepEqual(requested, [`file://${path}`]);
  await page.close();
}

const texts = (page, selector) => page.$$eval(selector, (found) => found.map((one) => one.textContent));
const text = async (page, selector) => (await texts(page, selector)).join("\n");

/** What axe-core holds against a page. Its own script is let past the policy, as a browser's extension is. */
async function findings(path, settings) {
  const page = await browser.newPage();
  await page.setBypassCSP(true);
  await page.setViewport({ width: settings.width ?? 1200, height: 900 });
  await page.emulateMediaFeatures(settings.features ?? []);
  await page.goto(`file://${path}`, { waitUntil: "load" });
  const first = await page.$("button.case[aria-expanded]");
  await first?.click();
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  await page.close();
  return violations.map((one) => `${one.impact}: ${one.id}: ${one.nodes.map((node) => node.html).slice(0, 3).join(" | ")}`);
}

test("ten thousand cases are there in under two seconds", async () => {
  await opened(large, async (page) => {
    assert.equal(await text(page, "#list [aria-live]"), `${CASES} cases`);
    assert.equal((await page.$$("button.case[aria-expanded]")).length, 100);
    const entry = await page.evaluate(() => performance.getEntriesByType("navigation")[0].loadEventEnd);
    assert.ok(entry < 2000, `${entry} ms`);
  });
});

test("what got worse most stands first, and a click on a heading sorts otherwise", async () => {
  await opened(large, async (page) => {
    const row = "table.cases tbody tr:first-child";
    assert.match(await text(page, row), /case-00000.*−\d/s);
    await page.click("th[data-key=id] button");
    await page.click("th[data-key=id] button");
    assert.match(await text(page, row), /case-09999/);
    assert.equal(await page.$eval("th[data-key=id]", (one) => one.getAttribute("aria-sort")), "descending");
    assert.equal(await page.evaluate(() => document.activeElement.closest("th")?.dataset.key), "id");
  });
});

test("a search and a choice narrow the list, and pages walk through it", async () => {
  await opened(large, async (page) => {
    await page.select("select[name=which]", "worse");
    assert.match(await text(page, "#list [aria-live]"), /^3334 of 10000 cases$/);
    await page.click(".pages button:last-child");
    assert.match(await text(page, ".pages span"), /^101 to 200$/);
    await page.type("input[type=search]", "TOWN 9999");
    await page.waitForFunction(() => /^1 of/.test(document.querySelector("#list [aria-live]").textContent));
    assert.deepEqual(await texts(page, "button.case[aria-expanded]"), ["case-09999"]);
  });
});

test("a case opens with both answers side by side, and what differs marked", async () => {
  await opened(large, async (page) => {
    await page.focus("button.case[aria-expanded]");
    await page.keyboard.press("Enter");
    assert.deepEqual(await texts(page, ".detail .sides del"), [" sunny", " day"]);
    assert.deepEqual(await texts(page, ".detail .sides ins"), [" rainy", " week"]);
    const [before, now] = await texts(page, ".detail .sides pre");
    assert.match(before, /^Town 0 is sunny all day\. The forecast/);
    assert.match(now, /^Town 0 is rainy all week\. The forecast/);
    assert.match(await text(page, ".detail ul"), /contains "sunny"/);
    await page.keyboard.press("Enter");
    assert.equal((await page.$$(".detail")).length, 0);
  });
});

test("answers that have little in common are not marked", async () => {
  await opened(different, async (page) => {
    await page.click("button.case[aria-expanded]");
    assert.equal((await page.$$(".detail .sides pre")).length, 2);
    assert.equal((await page.$$(".detail del, .detail ins")).length, 0);
    assert.match(await text(page, ".detail"), /Most of it differs/);
  });
});

test("the worst answers lead to their case", async () => {
  await opened(large, async (page) => {
    await page.type("input[type=search]", "nothing has this in it");
    await page.waitForFunction(() => /^0 of/.test(document.querySelector("#list [aria-live]").textContent));
    const id = await page.$eval(".extremes > div:last-child button", (one) => one.textContent);
    await page.click(".extremes > div:last-child button");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), id);
    assert.equal((await page.$$(".detail")).length, 1);
  });
});

test("words of others act nowhere and are shown as they are", async () => {
  await opened(hostile, async (page) => {
    for (const button of await page.$$("button.case[aria-expanded]")) await button.click();
    assert.equal((await page.$$(".detail")).length, 12);
    assert.equal(await page.evaluate(() => window.hostile), undefined);
    const shown = await text(page, ".detail pre");
    assert.match(shown, /<img src=x onerror='window\.hostile = 1'>/);
    assert.match(shown, /<\/script><script>window\.hostile = 1<\/script>/);
    assert.equal((await page.$$("main img, main iframe, main a, script:not([id])")).length, 1, "our own script alone");
  });
});

for (const [name, settings] of Object.entries({
  "in the light": { features: [{ name: "prefers-color-scheme", value: "light" }] },
  "in the dark": { features: [{ name: "prefers-color-scheme", value: "dark" }] },
  "on a phone": { width: 360 },
})) {
  test(`nobody is kept out ${name}`, async () => {
    assert.deepEqual(await findings(hostile.page, settings), []);
    assert.deepEqual(await findings(history.page, settings), []);
    assert.deepEqual(await findings(calibration.page, settings), []);
  });
}

test("a history draws its records, marks where the score moved and lets words of others act nowhere", async () => {
  await opened(history, async (page) => {
    assert.equal((await page.$$("svg.trend circle")).length, 2);
    // Both may be made in one second, and then their order is not known.
    assert.match(await text(page, "td.down, td.up"), /^(▼ −|▲ \+)5\.00, more than noise$/);
    assert.match(await text(page, "td.long"), /accepted by hand: .*<img src=x/s);
    assert.equal((await page.$$("main img, main a, script")).length, 0);
    const [inside, outside] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    assert.ok(inside <= outside, `${inside} > ${outside}`);
  }, { width: 360 });
});

test("the page of a calibration draws what it says, fits on a phone and lets words of others act nowhere", async () => {
  await opened(calibration, async (page) => {
    assert.ok((await page.$$("svg")).length >= 1, "a plot");
    assert.match(await text(page, "main"), /\d/);
    assert.equal((await page.$$("main img, main iframe, main a[href^='javascript']")).length, 0);
    const [inside, outside] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    assert.ok(inside <= outside, `${inside} > ${outside}`);
  }, { width: 360 });
});

test("the dark page is dark", async () => {
  const features = [{ name: "prefers-color-scheme", value: "dark" }];
  await opened(large, async (page) => {
    const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const [red, green, blue] = paper.match(/\d+/g).map(Number);
    assert.ok(red + green + blue < 120, paper);
  }, { features });
});

test("a phone needs no sideways scrolling", async () => {
  await opened(hostile, async (page) => {
    await page.click("button.case[aria-expanded]");
    const [inside, outside] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    assert.ok(inside <= outside, `${inside} > ${outside}`);
  }, { width: 360 });
});

test("on paper the filters are gone and the verdict is there", async () => {
  await opened(large, async (page) => {
    const shown = (selector) => page.$eval(selector, (one) => getComputedStyle(one).display !== "none");
    assert.equal(await shown(".filters"), false);
    assert.equal(await shown("h1"), true);
  }, { media: "print" });
});
