import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import type { ToolConflictView, ToolFileOutcome } from "../ipc/bindings";
import { connectedTools, connectionOf, opencodeFile, toolOf, tools } from "../ipc/fake/fixtures/tools";
import { tools as texts } from "../text/tools/tools";
import { changeCounts, diffLines } from "./connect/diff";
import { absentTools, connectedCount, lettersOf, listedTools } from "./listed";
import { addressOf, firstShell, shellLines } from "./scriptLines";

// A Thursday, 16:28 in London.
const now = Date.UTC(2025, 10, 20, 16, 28) / 1000;
const hour = 3_600;

beforeAll(() => vi.stubEnv("TZ", "Europe/London"));
afterAll(() => vi.unstubAllEnvs());

describe("a diff", () => {
  it("has no headers, and keeps the indentation", () => {
    const lines = diffLines("--- a\n+++ b\n@@ -1,2 +1,3 @@\n x\n+  y\n-z\n");
    expect(lines).toEqual([
      { kind: "same", text: "x" },
      { kind: "added", text: "  y" },
      { kind: "removed", text: "z" },
    ]);
  });

  it("keeps lines that look like headers, and no line about the end of the file", () => {
    const lines = diffLines(
      "--- a\n+++ b\n@@ -1,2 +1,2 @@\n--- a rule\n+++ b\n\\ No newline at end of file\n",
    );
    expect(lines).toEqual([
      { kind: "removed", text: "-- a rule" },
      { kind: "added", text: "++ b" },
    ]);
  });

  it("says where lines are left out", () => {
    const lines = diffLines("--- a\n+++ b\n@@ -7 +7,2 @@\n x\n+y\n@@ -20 +21,2 @@\n x\n+y\n");
    expect(lines.map(({ kind }) => kind)).toEqual(["gap", "same", "added", "gap", "same", "added"]);
    expect(diffLines("--- (no file)\n+++ b\n@@ -0,0 +1 @@\n+x\n")).toEqual([{ kind: "added", text: "x" }]);
  });

  it("is empty when nothing changes", () => {
    expect(diffLines("")).toEqual([]);
    expect(diffLines("--- a\n+++ b\n")).toEqual([]);
  });

  it("counts a line that is replaced as changed", () => {
    const counts = (diff: string) => texts.preview.counts(changeCounts(diffLines(`@@ -1 +1 @@\n${diff}`)));
    expect(texts.preview.counts(changeCounts(diffLines(opencodeFile.diff)))).toBe("5 lines added, 1 changed");
    expect(counts("+a\n")).toBe("1 line added");
    expect(counts("-a\n-b\n")).toBe("2 lines removed");
    expect(counts("-a\n+b\n c\n-d\n")).toBe("1 line changed, 1 removed");
    expect(counts("")).toBe("No changes");
  });
});

describe("the list", () => {
  it("has the tools of this computer, and connected ones that are gone", () => {
    const gone = toolOf("llm", "llm", { found: false, connection: connectionOf("llm", now) });
    const ids = listedTools([...tools(), gone]).map(({ id }) => id);
    expect(ids).toEqual(["codex", "claude-code", "opencode", "pi", "goose", "llm"]);
    expect(absentTools([...tools(), gone])).toEqual(["aider"]);
    expect(connectedCount(connectedTools(now))).toBe(3);
  });

  it("distinguishes tools with the same initials", () => {
    expect(tools().map(lettersOf)).toEqual(["Cx", "Cc", "oc", "pi", "go", "ai", "Sc"]);
  });

  it("says when a tool sent its last request", () => {
    const state = (used: number | null, at = now - 24 * hour) =>
      texts.stateOf(toolOf("pi", "pi", { connection: connectionOf("pi", at, { last_used_at: used }) }), now);
    expect(state(now - 120)).toBe("Connected, used 2 minutes ago");
    expect(state(now - 20)).toBe("Connected, used 20 seconds ago");
    expect(state(now - 3)).toBe("Connected, used just now");
    // The clock of another program may be ahead.
    expect(state(now + 3)).toBe("Connected, used just now");
    expect(state(now - 2.5 * hour)).toMatch(/^Connected, used today at /);
    expect(state(now - 24 * hour)).toMatch(/^Connected, used yesterday at /);
    expect(state(now - 17 * 24 * hour)).toMatch(/^Connected, used on .*November/);
    expect(state(null)).toBe("Connected, not used yet");
    expect(state(null, now - 10)).toBe("Connected just now");
  });

  it("says what is not connected, and what has a sign-in of its own", () => {
    expect(texts.stateOf(toolOf("pi", "pi"), now)).toBe("Not connected");
    expect(texts.stateOf(toolOf("pi", "pi", { own_sign_in: true }), now)).toBe(
      "Not connected. Can also sign in to OpenAI by itself.",
    );
    expect(texts.stateOf(toolOf("goose", "goose", { automatic: false }), now)).toBe("By hand");
    const interrupted = connectionOf("pi", now, { interrupted: true });
    expect(texts.stateOf(toolOf("pi", "pi", { connection: interrupted }), now)).toContain("interrupted");
    const served = connectionOf("codex", now, { served_by: "Codex desktop app", suspended: true });
    expect(texts.stateOf(toolOf("codex", "Codex CLI", { connection: served }), now)).toBe(
      "Connected through Codex desktop app",
    );
    const suspended = connectionOf("pi", now, { suspended: true });
    expect(texts.stateOf(toolOf("pi", "pi", { connection: suspended }), now)).toContain("files are back");
  });
});

describe("sentences", () => {
  it.each([
    "variable",
    "key",
    "project",
    "managed",
    "sign_in",
    "comments",
    "switcher",
    "version",
    "older_file",
    "loop",
  ] as const)("say what to do about a conflict of the kind %s", (kind) => {
    const conflict: ToolConflictView = { kind, subject: "SUBJECT", detail: "DETAIL" };
    const text = texts.preview.conflict(conflict, "Codex CLI");
    expect(text).toContain("SUBJECT");
    expect(text).toMatch(/\. (Unset|Remove|Ask|Sign out|Use|It needs|Create|Change).*\.$/);
  });

  it.each([
    ["answered", "It works: pi was answered through Usher in 1.5 seconds."],
    ["failed", "Its last line: no key"],
    ["bypassed", "not through Usher. Unset"],
    ["timed_out", "Run pi -p x in a terminal"],
  ] as const)("say how a trial ended: %s", (outcome, text) => {
    const view = { tool: "pi", command: "pi -p x", outcome, last_line: "no key", took_ms: 1_500 };
    expect(texts.connected.tried(view, "pi")).toContain(text);
  });

  it("say what became of a file, and name the keys that stay", () => {
    const file: ToolFileOutcome = { path: "~/a", changed: true, exact: true, removed: false, kept: [] };
    expect(texts.disconnected.outcome(file)).toBe("~/a is as it was before.");
    expect(texts.disconnected.outcome({ ...file, exact: false })).toContain("Your later changes stay.");
    expect(texts.disconnected.outcome({ ...file, removed: true })).toContain("was removed");
    expect(texts.disconnected.outcome({ ...file, changed: false })).toContain("needed no change");
    expect(texts.disconnected.kept(file)).toBeNull();
    expect(texts.disconnected.kept({ ...file, kept: ["a.b", "c"] })).toContain("in ~/a: a.b, c.");
  });
});

describe("lines for scripts", () => {
  const address = "http://127.0.0.1:18740";

  it("are those of each shell, for both APIs", () => {
    const [posix, fish, powershell] = shellLines(address).map(({ text }) => text.split("\n"));
    expect(posix).toEqual([
      "export OPENAI_BASE_URL=http://127.0.0.1:18740/v1",
      "export OPENAI_API_KEY=$(usher pass print scripts)",
      "export ANTHROPIC_BASE_URL=http://127.0.0.1:18740",
      "export ANTHROPIC_API_KEY=$(usher pass print scripts)",
    ]);
    expect(fish?.[0]).toBe("set -gx OPENAI_BASE_URL http://127.0.0.1:18740/v1");
    expect(fish?.[1]).toBe("set -gx OPENAI_API_KEY (usher pass print scripts)");
    expect(powershell?.[2]).toBe('$env:ANTHROPIC_BASE_URL = "http://127.0.0.1:18740"');
    expect(powershell?.[3]).toBe("$env:ANTHROPIC_API_KEY = usher pass print scripts");
  });

  it("begin with the shell of the computer", () => {
    expect(firstShell("windows")).toBe("PowerShell");
    expect(firstShell("linux")).toBe("bash, zsh");
    expect(firstShell(undefined)).toBe("bash, zsh");
  });

  it("have an address while the gateway is off, too", () => {
    expect(addressOf({ at: "off", port: 18_741 })).toBe("http://127.0.0.1:18741");
    expect(addressOf({ at: "on", address })).toBe(address);
  });
});
