// From the first start to Claude Code answering, in the built window: how many clicks and how long. Then back.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { freePorts } from "./app.js";
import { startBrowser } from "./person.js";
import { inWindow } from "./window.js";

/** The program that `./dev test` installs for the tests of clients. */
const claudeCode = path.resolve(
  import.meta.dirname,
  "../../interop/clients/node_modules/@anthropic-ai/claude-code/cli-wrapper.cjs",
);
const installed = existsSync(claudeCode);
const original = '{\n  "theme" : "dark"\n}';
const tool = '[data-tool="claude-code"]';

let person;
before(async () => {
  person = await startBrowser();
});
after(() => person?.close());

/** A computer with Claude Code, where Usher starts for the first time. */
async function prepare(home) {
  const [port] = await freePorts(1);
  await mkdir(home, { recursive: true });
  await writeFile(path.join(home, "config.toml"), `[gateway]\nport = ${port}\n`);
  const folder = path.dirname(home);
  const script = installed
    ? `export CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1\nexec '${process.execPath}' '${claudeCode}' "$@"`
    : "exit 1";
  await writeFile(path.join(folder, "bin", "claude"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  await symlink(process.env.USHER_BIN, path.join(folder, "bin", "usher"));
  await mkdir(path.join(folder, ".claude"));
  await writeFile(path.join(folder, ".claude", "settings.json"), original);
}

const begun = { at: 0 };

test(
  "from the first start to Claude Code answering",
  inWindow(
    async ({ app, page }, t) => {
      const settings = path.join(app.folder, ".claude", "settings.json");
      let clicks = 0;
      const press = async (selector) => {
        await page.press(selector);
        clicks += 1;
      };
      await page.reads("#t-panel", /Sign in to OpenAI once/);
      const url = await app.opens(() => press("[data-testid=sign-in]"));
      clicks += (await person.allow(url, "Ada Plus")).clicks;
      await page.reads(".notice", /Signed in\s+Connect your tools/);
      await press("#connect-tools");
      await page.reads("#t-panel", /^Tools$/);
      await app.screenshot("tools-found");
      await press(`${tool} [data-connect]`);
      await page.reads(`${tool} .diff`, /apiKeyHelper/);
      await app.screenshot("tools-preview");
      assert.equal(await readFile(settings, "utf8"), original, "a preview changes nothing");
      await press(`${tool} [data-first]`);
      await page.reads("[data-testid=tool-result]", /Claude Code is connected\./);
      await page.reads("[data-testid=go-gateway]", /On/);
      await app.screenshot("tools-connected");
      const connected = Date.now();
      if (installed) {
        const { stdout } = await app.run("claude", "-p", "say hi");
        assert.equal(stdout.trim(), "ready");
        await page.reads(tool, /Connected, used (just now|\d+ seconds? ago)/);
        await app.screenshot("tools-used");
      }
      const seconds = (from, to) => ((to - from) / 1000).toFixed(1);
      t.diagnostic(`${clicks} clicks`);
      t.diagnostic(`${seconds(begun.at, connected)} s from the first start until Claude Code is connected`);
      if (installed) t.diagnostic(`${seconds(begun.at, Date.now())} s from the first start until Claude Code answered`);
      else t.diagnostic("Claude Code is not installed: ./dev test installs it");
      assert.ok(clicks <= 6, `${clicks} clicks`);
      assert.ok(Date.now() - begun.at < 60_000, "it takes longer than a minute");

      await page.press("#try-tool");
      const outcome = installed ? /It works: Claude Code was answered through Usher in/ : /Claude Code was not answered/;
      await page.reads("[data-testid=tool-trial]", outcome, 100_000);
      await app.screenshot("tools-tried");

      await page.press(`${tool} [data-disconnect]`);
      await page.reads("[data-testid=tool-result]", /settings\.json is as it was before\./);
      assert.equal(await readFile(settings, "utf8"), original);
      await app.screenshot("tools-disconnected");
    },
    {
      beforeStart: async (home) => {
        await prepare(home);
        begun.at = Date.now();
      },
    },
  ),
);
