// Checks the gzipped JavaScript of the first paint against the goal of 60 kB, all of it
// against a limit of its own, and that no test code is in it: of the page of each language.
//
// What is loaded after the first paint comes from the disk and delays nothing, so it does not count for the goal. The
// limit of all of it is there to notice a dependency that came in by mistake; a new panel adds 2 to 4 kB.

import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { languages } from "./messages.js";

const limit = 60_000;
const limitOfAll = 162_000;
/** How much more the text of a language may take than English; characters outside of ASCII take two or three bytes. */
const moreOfAll = 12_000;
const folder = new URL("../dist/assets/", import.meta.url);

const read = (/** @type {string} */ file) => readFileSync(new URL(file, folder), "utf8");
const size = (/** @type {string[]} */ texts) =>
  texts.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0);

const names = readdirSync(folder).filter((file) => file.endsWith(".js"));
const sources = new Map(names.map((name) => [name, read(name)]));
const beforePaint = readFileSync(new URL("../dist/before-paint.js", import.meta.url), "utf8");
const kilo = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(1);

/** Adds the files that the text names, and those that they name. @param {string} text @param {Set<string>} found */
function collect(text, found) {
  for (const [name, source] of sources) {
    if (found.has(name) || !text.includes(name)) continue;
    found.add(name);
    collect(source, found);
  }
  return found;
}

for (const language of languages) {
  const isFirst = language === languages[0];
  const file = isFirst ? "index.html" : `${language}/index.html`;
  const page = readFileSync(new URL(`../dist/${file}`, import.meta.url), "utf8");
  // The entry and its static imports; deferred chunks are not named in the page.
  const first = [beforePaint, ...names.filter((name) => page.includes(name)).map(read)];
  const texts = [beforePaint, ...[...collect(page, new Set())].map(read)];

  const [packed, all] = [size(first), size(texts)];
  const goalOfAll = limitOfAll + (isFirst ? 0 : moreOfAll);
  console.log(
    `size: ${language}: ${kilo(packed)} kB of JavaScript gzipped for the first paint (goal ${limit / 1000}), ${kilo(all)} kB in all (limit ${goalOfAll / 1000})`,
  );

  const testCode = ["bridge=", "ada@example.com"].filter((mark) => texts.some((text) => text.includes(mark)));
  if (testCode.length > 0) {
    console.error(`size: the shipped page contains test code (${testCode.join(", ")})`);
    process.exitCode = 1;
  }
  if (packed > limit || all > goalOfAll) {
    console.error("size: more than the goal");
    process.exitCode = 1;
  }
}
