// Finds files of one crate that import each other in circles, by their `crate::` and `super::` paths.
//
// A circle hides which file is the base of which: none of its files can be read, tested or moved alone.
// Usage: node .dev/circles.js [ROOT]; exits with 1 when there is a circle that is not allowed.
const fs = require("node:fs");
const path = require("node:path");

/** Circles that may stay, at most two: the files, sorted, joined by a space, and the reason. */
const allowed = new Map([]);

const root = path.resolve(process.argv[2] ?? path.join(__dirname, ".."));

function filesBelow(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(full) : full.endsWith(".rs") ? [full] : [];
  });
}

/** The module path of a file: `src/a/b.rs` and `src/a/b/mod.rs` are `a::b`; `lib.rs` and `main.rs` are "". */
function moduleOf(file, source) {
  const parts = path.relative(source, file).replace(/\.rs$/, "").split(path.sep);
  if (["mod", "lib", "main"].includes(parts.at(-1))) parts.pop();
  return parts.join("::");
}

/** Source text without comments, and without the tests at its end. */
function productCode(file) {
  const text = fs.readFileSync(file, "utf8").replace(/\/\/.*$/gm, "");
  const tests = text.search(/^#\[cfg\(test\)\]\s*mod \w+ \{/m);
  return tests < 0 ? text : text.slice(0, tests);
}

/** Splits `a, b::{c, d}` at its top level. */
function splitList(text) {
  const items = [""];
  let depth = 0;
  for (const char of text) {
    if (char === "{") depth++;
    if (char === "}") depth--;
    if (char === "," && depth === 0) items.push("");
    else items[items.length - 1] += char;
  }
  return items.map((item) => item.trim()).filter(Boolean);
}

/** Expands `a::{b, c::d}` into `a::b` and `a::c::d`. */
function expand(tree) {
  const open = tree.indexOf("{");
  if (open < 0) return [tree];
  const prefix = tree.slice(0, open);
  return splitList(tree.slice(open + 1, tree.lastIndexOf("}"))).flatMap((item) => expand(prefix + item));
}

/** Every path that starts with `crate::` or `super::`, in imports and in code. */
function pathsIn(code) {
  const imports = [...code.matchAll(/\buse\s+((?:crate|super)::[^;]*);/g)].flatMap((match) =>
    expand(match[1].replace(/\s+as\s+\w+/g, "").replace(/\s+/g, "")),
  );
  const rest = code.replace(/\buse\s+[^;]*;/g, "");
  return [...imports, ...[...rest.matchAll(/\b(?:crate|super)(?:::\w+)+/g)].map((match) => match[0])];
}

/** The file that a path leads to: the longest prefix of it that is a module. */
function resolve(used, from, modules) {
  const parts = used.split("::");
  let base = [];
  if (parts[0] === "crate") parts.shift();
  else {
    base = from.split("::").filter(Boolean);
    while (parts[0] === "super") {
      parts.shift();
      base.pop();
    }
  }
  const full = [...base, ...parts];
  while (full.length > 0 && !modules.has(full.join("::"))) full.pop();
  return full.join("::");
}

/** Strongly connected components of more than one module (Tarjan). */
function components(graph) {
  const index = new Map();
  const low = new Map();
  const stack = [];
  const found = [];
  const visit = (node) => {
    index.set(node, index.size);
    low.set(node, index.get(node));
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) {
        visit(next);
        low.set(node, Math.min(low.get(node), low.get(next)));
      } else if (stack.includes(next)) low.set(node, Math.min(low.get(node), index.get(next)));
    }
    if (low.get(node) !== index.get(node)) return;
    const members = stack.splice(stack.indexOf(node));
    if (members.length > 1) found.push(members);
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return found;
}

function circlesOf(source) {
  const modules = new Map(filesBelow(source).map((file) => [moduleOf(file, source), file]));
  const graph = new Map();
  for (const [module, file] of modules) {
    const targets = pathsIn(productCode(file)).map((used) => resolve(used, module, modules));
    graph.set(module, new Set(targets.filter((target) => target !== module && modules.has(target))));
  }
  return components(graph).map((members) => members.map((module) => path.relative(root, modules.get(module))).sort());
}

const crates = fs.readdirSync(path.join(root, "crates")).map((name) => path.join(root, "crates", name, "src"));
const sources = [...crates, path.join(root, "src-tauri", "src")].filter((folder) => fs.existsSync(folder));
const circles = sources.flatMap(circlesOf).filter((files) => !allowed.has(files.join(" ")));
for (const files of circles) console.log(`error: these files import each other in a circle:\n  ${files.join("\n  ")}`);
console.log(`${circles.length} circles, ${circles.flat().length} files in them`);
process.exitCode = circles.length > 0 ? 1 : 0;
