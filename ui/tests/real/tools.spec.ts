// The page of the tools on the real core: a throw-away home with the settings of the Codex CLI.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { freePort, post, setPort } from "./support/gateway";
import { expect, test, type RealPage } from "./support/real";

const before = `# my settings
model = "gpt-5.5"   # mine

[model_providers.other]
name = "Other"
base_url = "https://example.com/v1"
`;

const settings = (usher: RealPage) => path.join(usher.home, ".codex", "config.toml");

const text = (usher: RealPage) => readFile(settings(usher), "utf8");

/** Signs in on a computer with the Codex CLI and opens the page. Returns the address of the gateway. */
async function openTools(usher: RealPage): Promise<string> {
  await mkdir(path.dirname(settings(usher)));
  await writeFile(settings(usher), before);
  const port = await freePort();
  await usher.openSignedIn();
  await setPort(usher, port);
  await usher.item("go-tools").click();
  await expect(usher.tool("codex")).toContainText("Not connected");
  return `http://127.0.0.1:${port}`;
}

const result = (usher: RealPage) => usher.page.getByTestId("tool-result");

async function connect(usher: RealPage): Promise<void> {
  await usher.button("Connect Codex CLI").click();
  await expect(usher.tool("codex").locator(".diff")).toContainText("model_providers.usher");
  await usher.tool("codex").locator(".btn-primary").click();
  await expect(result(usher)).toContainText("Codex CLI is connected.");
}

test("connects the Codex CLI as shown, and Undo gives the same bytes", async ({ usher }) => {
  await openTools(usher);
  await usher.button("Connect Codex CLI").click();
  const changes = usher.tool("codex").locator(".diff");
  await expect(changes).toContainText("[model_providers.usher");
  await expect(changes.locator(".removed")).toHaveCount(0);
  await usher.expectAccessibleInBothThemes();
  expect(await text(usher)).toBe(before);
  await usher.tool("codex").getByRole("button", { name: "Cancel" }).click();

  await connect(usher);
  const connected = await text(usher);
  expect(connected).toContain('model = "gpt-5.5"   # mine');
  expect(connected).toContain("pass");
  expect(connected).not.toContain("usher_pass_");
  // The gateway was off.
  await expect(usher.item("go-gateway")).toContainText("On");
  await usher.expectAccessibleInBothThemes();

  await usher.button("Undo").click();
  await expect(result(usher)).toContainText("~/.codex/config.toml is as it was before.");
  expect(await text(usher)).toBe(before);
  await expect(usher.tool("codex")).toContainText("Not connected");
});

test("a request with the pass of the tool is its last use, at once", async ({ usher }) => {
  const address = await openTools(usher);
  await connect(usher);
  await expect(usher.tool("codex")).toContainText("Connected just now");
  const pass = await usher.printed("pass", "print", "codex");
  const response = await post(address, pass, "count to 3");
  expect(await response.text()).toContain("response.completed");
  // Without a reload, and by the second.
  await expect(usher.tool("codex")).toContainText(/Connected, used (just now|\d+ seconds? ago)/);
  await expect(usher.tool("codex")).toContainText(/used \d+ seconds ago/);
});

test("what somebody changed since stays, and is named", async ({ usher }) => {
  await openTools(usher);
  await connect(usher);
  const connected = await text(usher);
  await writeFile(settings(usher), connected.replace('name = "Usher"', 'name = "Mine now"'));
  await usher.button("Disconnect Codex CLI").click();
  await expect(result(usher)).toContainText("model_providers.usher.name");
  expect(await text(usher)).toContain('name = "Mine now"');
});

test("Disconnect all gives the same bytes", async ({ usher }) => {
  const claude = path.join(usher.home, ".claude", "settings.json");
  await mkdir(path.dirname(claude));
  await writeFile(claude, '{ "theme": "dark" }');
  await openTools(usher);
  await connect(usher);
  await usher.button("Connect Claude Code").click();
  await usher.tool("claude-code").locator(".btn-primary").click();
  await expect(result(usher)).toContainText("Claude Code is connected.");
  expect(await readFile(claude, "utf8")).toContain("apiKeyHelper");

  await usher.button("Disconnect all").click();
  const question = usher.page.getByTestId("restore-tools");
  await expect(question).toContainText("Claude Code: ~/.claude/settings.json gets its earlier lines back.");
  await question.getByRole("button", { name: "Disconnect all" }).click();
  await expect(result(usher)).toContainText("All tools are disconnected.");
  expect(await text(usher)).toBe(before);
  expect(await readFile(claude, "utf8")).toBe('{ "theme": "dark" }');
});

test("a file with an error is not touched, and can be looked at again", async ({ usher }) => {
  await openTools(usher);
  const broken = `${before}\n[broken\n`;
  await writeFile(settings(usher), broken);
  await usher.button("Connect Codex CLI").click();
  await expect(usher.tool("codex")).toContainText("line ");
  await usher.expectAccessibleInBothThemes();
  expect(await text(usher)).toBe(broken);
  await writeFile(settings(usher), before);
  await usher.tool("codex").getByRole("button", { name: "Try again" }).click();
  await expect(usher.tool("codex").locator(".btn-primary")).toBeFocused();
});
