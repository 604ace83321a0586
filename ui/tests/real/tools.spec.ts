// The page of the tools on the real core: a throw-away home with the settings of the Codex CLI.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect, test, type RealPage } from "./support/real";

const before = `# my settings
model = "gpt-5.5"   # mine

[model_providers.other]
name = "Other"
base_url = "https://example.com/v1"
`;

const settings = (usher: RealPage) => path.join(usher.home, ".codex", "config.toml");

const text = (usher: RealPage) => readFile(settings(usher), "utf8");

/** Signs in on a computer with the Codex CLI and opens the page. */
async function openTools(usher: RealPage): Promise<void> {
  await mkdir(path.dirname(settings(usher)));
  await writeFile(settings(usher), before);
  await usher.openSignedIn();
  await usher.item("go-tools").click();
  await expect(usher.tool("codex")).toContainText("Not connected");
}

async function connect(usher: RealPage): Promise<void> {
  await usher.button("Connect Codex CLI").click();
  await expect(usher.tool("codex").locator(".diff")).toContainText("model_providers.usher");
  await usher.tool("codex").locator(".btn-primary").click();
  await expect(usher.notice.filter({ hasText: "Codex CLI is connected." })).toBeVisible();
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
  // The gateway is off, which the page says, too.
  await expect(usher.button("Turn on")).toBeVisible();
  await usher.expectAccessibleInBothThemes();

  await usher.button("Undo").click();
  await expect(usher.notice).toContainText("~/.codex/config.toml is as it was before.");
  expect(await text(usher)).toBe(before);
  await expect(usher.tool("codex")).toContainText("Not connected");
});

test("a request with the pass of the tool is its last use", async ({ usher }) => {
  await openTools(usher);
  await connect(usher);
  await expect(usher.tool("codex")).toContainText("Connected just now");
  const { address } = await usher.serve().next("listening");
  const pass = await usher.printed("pass", "print", "codex");
  const response = await fetch(`${address}/v1/responses`, {
    method: "POST",
    headers: { authorization: `Bearer ${pass}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "", input: "count to 3", stream: true }),
  });
  expect(await response.text()).toContain("response.completed");
  await usher.button("Look again").click();
  await expect(usher.tool("codex")).toContainText("Connected, used just now");
});

test("what somebody changed since stays, and is named", async ({ usher }) => {
  await openTools(usher);
  await connect(usher);
  const connected = await text(usher);
  await writeFile(settings(usher), connected.replace('name = "Usher"', 'name = "Mine now"'));
  await usher.button("Disconnect Codex CLI").click();
  await expect(usher.notice).toContainText("model_providers.usher.name");
  expect(await text(usher)).toContain('name = "Mine now"');
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
