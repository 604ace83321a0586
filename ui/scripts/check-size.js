// All JavaScript of the shipped page, gzipped, against the goal of 60 kB; and what must not be in it.

import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";

const limit = 60_000;
const folder = new URL("../dist/assets/", import.meta.url);

const scripts = readdirSync(folder).filter((file) => file.endsWith(".js"));
const texts = scripts.map((file) => readFileSync(new URL(file, folder), "utf8"));
texts.push(readFileSync(new URL("../dist/before-paint.js", import.meta.url), "utf8"));

const raw = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
const packed = texts.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0);
console.log(
  `size: ${(raw / 1000).toFixed(1)} kB of JavaScript, ${(packed / 1000).toFixed(1)} kB gzipped (goal ${limit / 1000})`,
);

const strangers = ["bridge=", "ada@example.com"].filter((mark) => texts.some((text) => text.includes(mark)));
if (strangers.length > 0) {
  console.error(`size: the shipped page holds test code (${strangers.join(", ")})`);
  process.exit(1);
}
if (packed > limit) {
  console.error("size: more than the goal");
  process.exit(1);
}
