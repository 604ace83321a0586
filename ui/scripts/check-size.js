// Checks the gzipped JavaScript of the first paint against the goal of 60 kB, all of it
// against a limit of its own, and that no test code is in it.
//
// What is loaded after the first paint comes from the disk and delays nothing, so it does not count for the goal. The
// limit of all of it is there to notice a dependency that came in by mistake; a new panel adds 2 to 4 kB.

import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";

const limit = 60_000;
const limitOfAll = 130_000;
const folder = new URL("../dist/assets/", import.meta.url);

const read = (/** @type {string} */ file) => readFileSync(new URL(file, folder), "utf8");
const size = (/** @type {string[]} */ texts) =>
  texts.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0);

const names = readdirSync(folder).filter((file) => file.endsWith(".js"));
const page = readFileSync(new URL("../dist/index.html", import.meta.url), "utf8");
const beforePaint = readFileSync(new URL("../dist/before-paint.js", import.meta.url), "utf8");
// The entry and its static imports; deferred chunks are not named in the page.
const first = [beforePaint, ...names.filter((name) => page.includes(name)).map(read)];
const texts = [beforePaint, ...names.map(read)];

const [packed, all] = [size(first), size(texts)];
const kilo = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(1);
console.log(
  `size: ${kilo(packed)} kB of JavaScript gzipped for the first paint (goal ${limit / 1000}), ${kilo(all)} kB in all (limit ${limitOfAll / 1000})`,
);

const testCode = ["bridge=", "ada@example.com"].filter((mark) => texts.some((text) => text.includes(mark)));
if (testCode.length > 0) {
  console.error(`size: the shipped page contains test code (${testCode.join(", ")})`);
  process.exit(1);
}
if (packed > limit || all > limitOfAll) {
  console.error("size: more than the goal");
  process.exit(1);
}
