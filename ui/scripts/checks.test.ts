import { describe, expect, it } from "vitest";

import { breaches } from "./check-imports.js";
import { check } from "./check-styles.js";

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
    expect(breaches("models/a.ts", 'const x = await import("../ipc/fake");')).toHaveLength(1);
    expect(breaches("models/a.ts", 'import { t } from "../text";')).toEqual([]);
    expect(breaches("App.svelte", 'import Row from "./usage/UsageRow.svelte";')).toEqual([]);
  });
});
