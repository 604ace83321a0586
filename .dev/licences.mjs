// Writes crates/licences/licences.json: what others wrote that is built into Usher's programs and their page, with the
// texts of its licences. `--check` writes nothing, and fails when the file is out of date.
//
// Of crates: those that `cargo metadata` has below the two programs, without those that only run while they are built. Of
// npm: the packages of which Vite puts a module into the page. The texts are the files that each package carries itself.
//
// Not cargo-about, the usual tool: it has to be compiled first, for minutes in each fresh clone, and asks a server for packages without a
// file. This needs what the build needs.

import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const file = join(root, "crates/licences/licences.json");
const programs = ["usher-cli", "usher-desktop"];
const targets = { linux: "x86_64-unknown-linux-gnu", macos: "aarch64-apple-darwin", windows: "x86_64-pc-windows-msvc" };
/** Names of files with a licence, or with what a licence asks to be kept. */
const licenceFile = /^(licen[cs]e|copying|notice|unlicense|copyright|patents)/i;
/** Larger ones are no licence. */
const maxBytes = 100_000;

/** Returns the packages of other people that are in the programs of one target. */
function packagesFor(target) {
  const args = ["metadata", "--locked", "--format-version", "1", "--filter-platform", target];
  const offline = process.env.CARGO_NET_OFFLINE === "true" || process.argv.includes("--offline") ? ["--offline"] : [];
  const options = { cwd: root, maxBuffer: 64 * 1024 * 1024, stdio: ["ignore", "pipe", "inherit"] };
  const data = JSON.parse(execFileSync("cargo", [...args, ...offline], options));
  const packages = new Map(data.packages.map((one) => [one.id, one]));
  const nodes = new Map(data.resolve.nodes.map((one) => [one.id, one]));
  const runsAtBuild = (id) => packages.get(id).targets.some(({ kind }) => kind.includes("proc-macro"));
  const open = data.packages.filter((one) => programs.includes(one.name) && one.source === null).map(({ id }) => id);
  const seen = new Set();
  while (open.length > 0) {
    const id = open.pop();
    if (seen.has(id) || runsAtBuild(id)) continue;
    seen.add(id);
    const isShipped = (dependency) => dependency.dep_kinds.some(({ kind }) => kind === null);
    open.push(...nodes.get(id).deps.filter(isShipped).map(({ pkg }) => pkg));
  }
  return [...seen].map((id) => packages.get(id)).filter((one) => one.source !== null);
}

/** Returns the crates of all targets, each with the targets that it is for. */
function crates() {
  const found = new Map();
  for (const [system, target] of Object.entries(targets)) {
    for (const one of packagesFor(target)) {
      const entry = found.get(one.id) ?? {
        kind: "crate",
        name: one.name,
        version: one.version,
        licence: one.license ?? "",
        authors: one.authors,
        folder: dirname(one.manifest_path),
        systems: [],
      };
      entry.systems.push(system);
      found.set(one.id, entry);
    }
  }
  return [...found.values()];
}

/** Returns the npm packages that are in the page, as its build sees them. */
async function npmPackages() {
  process.chdir(join(root, "ui"));
  const { build } = await import(new URL("../ui/node_modules/vite/dist/node/index.js", import.meta.url).href);
  const output = await build({ logLevel: "error", build: { write: false } });
  const chunks = [output].flat().flatMap((one) => one.output);
  const modules = chunks.flatMap((chunk) => (chunk.type === "chunk" ? Object.keys(chunk.modules) : []));
  return packagesOf(modules).map((folder) => {
    const { name, version, license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const authors = [typeof author === "string" ? author : (author?.name ?? "")].filter(Boolean);
    return { kind: "npm", name, version, licence: license, authors, folder, systems: Object.keys(targets) };
  });
}

function packagesOf(modules) {
  const folders = modules.map((id) => /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].toSorted();
}

/** Returns the texts that a package carries, or the standard text of its licence where it carries none. */
function textsOf(one, standard) {
  const files = readdirSync(one.folder).filter((name) => licenceFile.test(name)).toSorted();
  const texts = files
    .map((name) => join(one.folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path]))
    .filter((path) => statSync(path).isFile() && statSync(path).size <= maxBytes)
    .map((path) => tidy(readFileSync(path, "utf8")))
    .filter((text) => text !== "");
  return texts.length > 0 ? { texts, isStandard: false } : { texts: [standard(one)], isStandard: true };
}

const tidy = (text) => text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n").replace(/[ \t\f]+$/gm, "").replace(/^\n+|\s+$/g, "");

const mit = (holders) => tidy(readFileSync(join(root, "LICENSE-MIT"), "utf8")).replace(/^.*Copyright.*$/m, holders);

const bsd = (holders) => `${holders}

Redistribution and use in source and binary forms, with or without modification, are permitted provided that the following
conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following
   disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following
   disclaimer in the documentation and/or other materials provided with the distribution.

3. Neither the name of the copyright holder nor the names of its contributors may be used to endorse or promote products
   derived from this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING,
BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT
SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS
INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE
OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.`;

/** Returns a function that gives the standard text of a package's licence, with its authors. */
function standardTexts(all) {
  /** Licences whose text names nobody are taken from a package that has one of them alone. */
  const sample = (id) => {
    const from = all.find((one) => one.licence === id && readdirSync(one.folder).includes("LICENSE"));
    if (!from) throw new Error(`no package carries the text of ${id}`);
    return tidy(readFileSync(join(from.folder, "LICENSE"), "utf8"));
  };
  return (one) => {
    const holders = `Copyright (c) ${one.authors.map((author) => author.replace(/ *<.*>/, "")).join(", ") || `the authors of ${one.name}`}`;
    if (/\bMIT\b/.test(one.licence)) return mit(holders);
    if (/\bBSD-3-Clause\b/.test(one.licence)) return bsd(holders);
    return sample(one.licence);
  };
}

function encoded(all) {
  const standard = standardTexts(all);
  const withTexts = all.map((one) => ({ ...one, ...textsOf(one, standard) }));
  const texts = [...new Set(withTexts.flatMap((one) => one.texts))].toSorted();
  const places = new Map(texts.map((text, place) => [text, place]));
  const order = (one) => `${one.name.toLowerCase()} ${one.kind} ${one.version}`;
  const components = withTexts
    .toSorted((one, other) => (order(one) < order(other) ? -1 : 1))
    .map(({ kind, name, version, licence, systems, isStandard, texts: own }) => ({
      kind,
      name,
      version,
      licence: licence.replaceAll("/", " OR ").replace(/ +/g, " "),
      systems,
      standard_text: isStandard,
      texts: [...new Set(own.map((text) => places.get(text)))],
    }));
  // A line for each, so that a change can be read.
  const lines = (list) => list.map((one) => `    ${JSON.stringify(one)}`).join(",\n");
  return `{\n  "components": [\n${lines(components)}\n  ],\n  "texts": [\n${lines(texts)}\n  ]\n}\n`;
}

const content = encoded([...crates(), ...(await npmPackages())]);
if (!process.argv.includes("--check")) {
  writeFileSync(file, content);
} else if (readFileSync(file, "utf8") !== content) {
  console.error("crates/licences/licences.json is out of date; run `node .dev/licences.mjs`");
  process.exitCode = 1;
}
