// Refuses words that this code once used in place of the field's own terms.
//
// They were metaphors (a crowd with seats, a desk, a teller) or riddles (`told`, `unsaid`, `came_to`), and one word named
// several things. A reader knows what a limit, a permit and a response are; nobody knows what a seat is. A word counts
// in comments and names, also as a part of `snake_case` and `CamelCase`.
// Usage: node .dev/words.js [ROOT]; exits with 1 when there is one.
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

/**
 * [words, what to write, why, where]. A `|` separates forms; a space in a form also matches the separator of identifiers.
 * `code`: not in string literals, where it is plain English to people and models. `start`: where a comment begins.
 */
const banned = [
  ["told", "sent, reported or logged", "it does not name the recipient or the channel"],
  ["tells|tell|telling|tellings|teller|tellers", "report, send, emit or distinguish", "it has four meanings here", "code"],
  ["said|unsaid", "sent, reported or stated; redacted for what is hidden", "a server sends, a log reports", "code"],
  ["says which|says whether", "Returns …", "a function returns a value", "start"],
  ["whither|whence|hitherto|naught|aught", "a present-day word, such as route or so far", "nobody searches for it"],
  ["anew", "again", "it is the same thing in fewer readers' English"],
  ["patience|patiently", "timeout", "HTTP clients and tokio call it so"],
  ["owed|owe|owes|owing", "pending", "a request that is still to be made is pending, as in `PendingRevocation`"],
  ["trouble|troubles", "error, failure or problem", "the types are `Failure` and `ApiError`", "code"],
  ["elsewhere", "external, or the place by its name", "sign-ins of other programs are external credentials", "code"],
  ["crowd|crowds|seat|seats", "limit and permit", "tower and tokio call them so"],
  ["desk|desks|front desk", "host, handler or router", "`GatewayHost` is the port, `Router` the implementation"],
  ["door|doors|doorkeeper|doorway|knock|knocks|knocked", "endpoint, API or listener", "a server has endpoints"],
  ["gather|gathers|gathered|gatherer|gathering", "collect", "`ResponseCollector` and the standard library collect"],
  ["crossing|crossings|crossed", "translation, translated", "requests and streams are translated between dialects"],
  ["standing|standings", "summary or status", "`SignInSummary`, `VaultSummary`"],
  ["turned away|turns away|turn away", "rejected", "`OriginRejected`; HTTP servers reject"],
  ["let in|lets in|letting in", "authenticated, admitted or accepted", "it is authentication"],
  ["came of|comes of|come of", "outcome or result", "`RequestOutcome` is the type"],
  ["of a piece|of one piece", "in one piece, complete", "it is a riddle"],
].flatMap(([forms, instead, why, where]) => forms.split("|").map((form) => ({ form, instead, why, where })));

const IMPORT = "a field of `usher import --json`, which scripts read";
const STATUS = "a value of the gateway's status between window and page";
const LOGIND = "a property of a session in logind";

/** What may stay: [file, word, reason]. An entry that nothing needs is an error. */
const allowed = [
  ...["crates/app/src/view/providers/mod.rs", "crates/app/src/accounts/external_sign_ins.rs"].map((file) => [file, "trouble", IMPORT]),
  ["crates/cli/src/commands/accounts/import.rs", "trouble", IMPORT],
  ["ui/src/external-sign-ins/ExternalSignIns.svelte", "trouble", IMPORT],
  ["ui/src/ipc/fake/fixtures/providers.ts", "trouble", IMPORT],
  ["ui/src/text/tools/externalSignIns.ts", "trouble", IMPORT],
  ["crates/app/src/view/gateway/mod.rs", "elsewhere", STATUS],
  ["crates/app/src/gateway/process/controller.rs", "elsewhere", STATUS],
  ["crates/app/src/background/gateway.rs", "elsewhere", STATUS],
  ["crates/tray/src/state.rs", "elsewhere", STATUS],
  ["ui/src/panels/GatewayPanel.svelte", "elsewhere", STATUS],
  ["ui/src/text/gateway/gateway.ts", "elsewhere", STATUS],
  ["crates/desktop-session/src/screen_lock/logind.rs", "seat", LOGIND],
  ["tests/integration/background/logind.rs", "seat", LOGIND],
  ["tests/interop/clients/codex.test.js", "said", "part of a regular expression over a client's output"],
  ["tests/interop/clients/usher-run.test.js", "said", "part of a regular expression over a client's output"],
];

const root = path.resolve(process.argv[2] ?? path.join(__dirname, ".."));
const checked = /(\.(rs|ts|svelte|js|md|sh|toml)|^dev|^\.ci\/run)$/;
/** This file; generated files; recorded and golden data, which other programs wrote. */
const skipped = /^\.dev\/words(\.test)?\.js$|^ui\/src\/ipc\/bindings\.ts$|\/(golden|snapshots|traces)\//;

/** Literals that end on their line. Between backticks they are texts in JavaScript and values in Markdown, and names in comments. */
const strings = /"(?:[^"\\]|\\.)*"/g;
const templates = /`(?:[^`\\]|\\.)*`/g;

/** The words of a line, in lower case, between single spaces. `let in_order` is no "let in". */
function wordsOf(line) {
  const parts = line.replace(/\blet \(?(?=in_)/g, "").replace(/([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, "$1$3 $2").toLowerCase();
  return ` ${parts.replace(/[^a-z0-9]+/g, " ")} `;
}

/** The banned words of a line. */
function hitsOf(line, file) {
  const everything = wordsOf(line);
  const isQuoted = /\.(ts|svelte|js|md)$/.test(file) && !/^\s*(\/\/|\/?\*)/.test(line);
  const code = wordsOf((isQuoted ? line.replace(templates, "") : line).replace(strings, '""'));
  return banned.filter(({ form, where }) => {
    if (where === "start") return everything.startsWith(` ${form} `);
    return (where === "code" ? code : everything).includes(` ${form} `);
  });
}

const counts = new Map();
const problems = [];
const needed = new Set();
const tracked = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).split("\n");
for (const file of tracked.filter((name) => checked.test(name) && !skipped.test(name))) {
  if (!fs.existsSync(path.join(root, file))) continue;
  const lines = fs.readFileSync(path.join(root, file), "utf8").split("\n");
  lines.forEach((line, index) => {
    for (const { form, instead, why } of hitsOf(line, file)) {
      const exception = allowed.findIndex(([name, word]) => name === file && word === form);
      if (exception >= 0) needed.add(exception);
      else {
        counts.set(form, (counts.get(form) ?? 0) + 1);
        problems.push(`${file}:${index + 1}: "${form}": write ${instead} (${why})`);
      }
    }
  });
}
allowed.forEach(([file, word], index) => {
  if (!process.argv[2] && !needed.has(index)) problems.push(`.dev/words.js: ${file} no longer needs "${word}" in the list of what may stay`);
});
for (const problem of problems) console.error(`error: ${problem}`);
for (const [word, count] of [...counts].sort((a, b) => b[1] - a[1])) console.log(`${String(count).padStart(5)} ${word}`);
console.log(`${problems.length} words that must not come back`);
process.exitCode = problems.length > 0 ? 1 : 0;
