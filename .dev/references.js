// Checks that references point to something: sections that code and documents cite, links between documents, their pictures,
// and that no picture is without a document.
//
// `protocol §8.2`, `protocol correction 14`, `siwc §7.3`, `contract §3` and `clients §2.1` are the only forms, so that one
// search finds all citations of a section. Usage: node .dev/references.js [ROOT]; exits with 1 when a reference leads nowhere.
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const root = path.resolve(process.argv[2] ?? path.join(__dirname, ".."));
const documents = {
  protocol: "docs/protocol/openai-codex.md",
  siwc: "docs/protocol/sign-in-with-chatgpt.md",
  clients: "docs/protocol/clients.md",
  contract: "docs/contract.md",
};
const textFile = /\.(rs|ts|svelte|js|py|sh|md|toml|yml)$/;
/** Forms that look like a citation and cannot be checked. */
const refused = /\b(contract|protocol),? section\b|\bprotocol, (correction|§)|`?\b(clients|features|openai-codex|sign-in-with-chatgpt|build-notes)\.md\b`?(?!\))/;

/** Numbers of a document's headings, and of the list of corrections. */
function sections(file) {
  const text = fs.readFileSync(path.join(root, file), "utf8");
  const numbers = [...text.matchAll(/^#{2,3} (\d+(?:\.\d+)?)[. ]/gm)].map((match) => match[1]);
  const list = text.split(/^### Corrections.*$/m)[1]?.split(/^## /m)[0] ?? "";
  return { numbers: new Set(numbers), corrections: new Set([...list.matchAll(/^(\d+)\. /gm)].map((match) => match[1])) };
}

const known = Object.fromEntries(Object.entries(documents).map(([name, file]) => [name, sections(file)]));
const problems = [];

function checkCitations(file, line, number) {
  for (const [, name, section] of line.matchAll(/\b(protocol|siwc|clients|contract) §(\d+(?:\.\d+)?)/g)) {
    if (!known[name].numbers.has(section)) problems.push(`${file}:${number}: ${documents[name]} has no section ${section}`);
  }
  for (const [, correction] of line.matchAll(/\bprotocol correction (\d+)/g)) {
    if (!known.protocol.corrections.has(correction)) problems.push(`${file}:${number}: there is no correction ${correction}`);
  }
  if (!file.startsWith("docs/") && refused.test(line)) {
    problems.push(`${file}:${number}: write \`protocol §N\`, \`siwc §N\`, \`contract §N\` or \`clients §N\`: ${line.trim()}`);
  }
}

/** The anchors that GitHub gives to the headings of a document. */
function anchors(file) {
  const text = fs.readFileSync(path.join(root, file), "utf8").replaceAll(/^```[^]*?^```/gm, "");
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading.toLowerCase());
  return headings.map((heading) => heading.replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"));
}

const shown = new Set();

function checkLinks(file, line, number) {
  const targets = [...line.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(([, link, picture]) => link ?? picture);
  for (const target of targets.filter((one) => !/^[a-z]+:/.test(one))) {
    const [name, anchor] = target.split("#");
    const linked = name === "" ? file : path.join(path.dirname(file), name);
    if (!fs.existsSync(path.join(root, linked))) problems.push(`${file}:${number}: ${target} does not exist`);
    else if (anchor && linked.endsWith(".md") && !anchors(linked).includes(anchor)) {
      problems.push(`${file}:${number}: ${linked} has no heading #${anchor}`);
    }
    shown.add(linked);
  }
}

const tracked = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).split("\n");
for (const file of tracked.filter((name) => textFile.test(name) && name !== ".dev/references.js")) {
  if (!fs.existsSync(path.join(root, file))) continue;
  fs.readFileSync(path.join(root, file), "utf8")
    .split("\n")
    .forEach((line, index) => {
      checkCitations(file, line, index + 1);
      if (file.endsWith(".md")) checkLinks(file, line, index + 1);
    });
}
for (const picture of tracked.filter((name) => name.startsWith("docs/pictures/") && !shown.has(name))) {
  problems.push(`${picture} is in no document`);
}
for (const problem of problems) console.error(`error: ${problem}`);
console.log(problems.length === 0 ? "all references lead somewhere" : `${problems.length} references lead nowhere`);
process.exit(problems.length === 0 ? 0 : 1);
