// What `words.js` finds and what it lets pass, in a repository of its own.
const assert = require("node:assert/strict");
const { execFileSync, spawnSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { test } = require("node:test");

/** Runs the check over one tracked file. */
function check(name, text) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "words-"));
  try {
    execFileSync("git", ["init", "--quiet"], { cwd: root });
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
    execFileSync("git", ["add", "."], { cwd: root });
    const { status, stdout, stderr } = spawnSync("node", [path.join(__dirname, "words.js"), root], { encoding: "utf8" });
    return { status, found: stderr.trim(), counts: stdout };
  } finally {
    fs.rmSync(root, { recursive: true });
  }
}

test("a banned word in a comment is refused with its place and what to write", () => {
  const { status, found, counts } = check("src/lib.rs", "//! One.\n\n// Two seats are left.\n");
  assert.equal(status, 1);
  assert.match(found, /^error: src\/lib\.rs:3: "seats": write limit and permit \(/);
  assert.match(counts, /^ +1 seats$/m);
});

test("a banned word inside of a name is refused", () => {
  for (const name of ["was_told_once", "TurnedAway", "wasToldOnce", "HTTPDoor", "CRAWL_PATIENCE", "turned_away"]) {
    assert.equal(check("a.rs", `let x = ${name};\n`).status, 1, name);
  }
});

test("words that only contain a banned one pass", () => {
  for (const text of ["let in_order = 1;", "Desktop", "indoors", "outstanding", "tellurium", "following", "season"]) {
    assert.equal(check("a.rs", `${text}\n`).status, 0, text);
  }
});

test("plain English in a string literal passes where a name does not", () => {
  assert.equal(check("a.rs", 'let text = "OpenAI said no";\n').status, 0);
  assert.equal(check("a.rs", "let said = 1;\n").status, 1);
});

test("golden data and generated files are not checked", () => {
  assert.equal(check("tests/golden/a.md", "told\n").status, 0);
  assert.equal(check("ui/src/ipc/bindings.ts", "// told\n").status, 0);
  assert.equal(check("a.json", '"told"\n').status, 0);
});
