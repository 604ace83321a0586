import { parseAst } from "vite";
import { describe, expect, it } from "vitest";

import { breaches } from "./check-imports.js";
import { mistakes, strangers } from "./check-messages.js";
import { check } from "./check-styles.js";
import { inlined } from "./inline.js";
import { messagesOf, type Messages } from "./messages.js";

const whys = (file: string, text: string) => check(file, text).map((stray: { why: string }) => stray.why);

describe("check-styles", () => {
  it("finds raw colours, sizes, times and physical sides", () => {
    expect(whys("a.css", "p { color: #fff; }")).toEqual(["raw colour"]);
    expect(whys("a.css", "p { background: rgb(0 0 0 / 1); }")).toEqual(["raw colour"]);
    expect(whys("a.css", "p { padding: 5px; }")).toEqual(["raw size or time"]);
    expect(whys("a.css", "p { transition: opacity 120ms; }")).toEqual(["raw size or time"]);
    expect(whys("a.css", "p { margin-left: var(--space-4); }")).toEqual(["physical side"]);
    expect(whys("a.css", "p { text-align: left; }")).toEqual(["physical side"]);
    expect(whys("a.svelte", "<style>\np { inset: 2rem; }\n</style>")).toEqual(["raw size or time"]);
    expect(whys("a.svelte", '<p style="color: red">x</p>')).toEqual(["style attribute"]);
  });

  it("lets tokens, zero, percent, windows and conditions pass", () => {
    expect(whys("a.css", "p { padding: var(--space-4) 0; width: 100%; }")).toEqual([]);
    expect(whys("a.css", "p { max-height: calc(100vh - var(--space-64)); }")).toEqual([]);
    expect(whys("a.css", "@media (max-width: 840px) {\n}")).toEqual([]);
    expect(whys("a.css", "/* 5px #fff */")).toEqual([]);
    expect(whys("styles/tokens.css", ":root { --a: 5px; }")).toEqual([]);
  });
});

describe("check-imports", () => {
  it("keeps Tauri in one file and features apart", () => {
    expect(breaches("models/a.ts", 'import { invoke } from "@tauri-apps/api/core";')).toHaveLength(1);
    expect(breaches("ipc/tauri.ts", 'import { invoke } from "@tauri-apps/api/core";')).toEqual([]);
    expect(breaches("models/A.svelte", 'import { x } from "../usage/windows";')).toHaveLength(1);
    expect(breaches("text/a.ts", 'import { x } from "../components/accessibility/focus";')).toHaveLength(1);
    expect(breaches("models/a.ts", 'import * as m from "#messages";')).toHaveLength(1);
    expect(breaches("text/a.ts", 'import * as m from "#messages";')).toEqual([]);
    expect(breaches("models/a.ts", 'const x = await import("../ipc/fake");')).toHaveLength(1);
    expect(breaches("models/a.ts", 'import { t } from "../text";')).toEqual([]);
    expect(breaches("App.svelte", 'import Row from "./usage/UsageRow.svelte";')).toEqual([]);
  });
});

const counted = (match: Record<string, string>): Messages[string] => [
  { declarations: ["input count"], selectors: ["plural"], match },
];

describe("check-messages", () => {
  const english: Messages = {
    greeting: "Hello {name}",
    found: counted({ "plural=one": "{number} file", "plural=other": "{number} files" }),
  };

  it("finds messages, parameters and plural forms that differ", () => {
    expect(mistakes("de", { ...english, extra: "x" }, english)).toEqual([
      "messages/de.json: extra is not in English",
    ]);
    const { found } = english as { found: Messages[string] };
    expect(mistakes("de", { found }, english)).toEqual(["messages/de.json: greeting is missing"]);
    expect(mistakes("de", { found, greeting: "Hallo {nam}" }, english)).toHaveLength(1);
    expect(mistakes("de", { ...english, found: "{number} Dateien" }, english)).toHaveLength(1);
    expect(mistakes("ja", english, english)).toEqual([
      "messages/ja.json: found has the forms one, other instead of other",
    ]);
    expect(mistakes("de", english, english)).toEqual([]);
    for (const [language, greeting] of [
      ["de", "“Hallo”, {name}"],
      ["fr", "Bonjour {name}!"],
      ["ja", "{name}さん、元気ですか?"],
      ["zh-Hans", "你好,{name}"],
    ] as const) {
      expect(mistakes(language, { ...english, greeting }, english).join()).toContain("punctuation");
    }
  });

  it("finds messages that no text uses", () => {
    expect(strangers(english, "m.greeting({ name })")).toEqual(["messages/en.json: no text uses found"]);
  });
});

describe("messages in a build", () => {
  const messages: Messages = {
    title: "A `tick`",
    named: "Hello {name}, {greeting}",
    found: counted({ "plural=one": "one in {place}", "plural=other": "{number} in {place}" }),
  };
  const built = (code: string) => inlined(code, parseAst(code), messages);

  it("become their text, also within each other", () => {
    expect(built("const t = { title: m.title() };")).toBe("const t = { title: `A \\`tick\\`` };");
    expect(built("x(m.named({ name, greeting: m.named({ name: a.b, greeting: 1 }) }));")).toBe(
      "x(`Hello ${name}, ${`Hello ${a.b}, ${1}`}`);",
    );
    expect(built("m.found({ count: n, place })")).toContain(
      "$plural(n, { one: `one in ${place}`, other: `${$count(n)} in ${place}` })",
    );
  });

  it("fail it when something is missing", () => {
    expect(() => built("m.titel()")).toThrow("no message titel");
    expect(() => built("m.named({ name })")).toThrow("named is not given greeting");
  });

  it("are accented, longer and in brackets in the pseudo-locale", () => {
    const { models_remove: remove, list_separator: separator } = messagesOf("en-XA");
    expect(remove).toBe("[Réémóóvéé {id}]");
    expect(separator).toBe(", ");
  });
});
