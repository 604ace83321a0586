// The page with every sign-in on the real core: two programs with one sign-in, and the way of one to a pass.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect, test, type RealPage } from "./support/real";

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token with these claims, without a signature. */
const token = (claims: object) => `${part({ alg: "none" })}.${part(claims)}.${part({})}`;

const claims = {
  exp: 4_102_444_800,
  email: "eve@example.com",
  "https://api.openai.com/auth": {
    chatgpt_account_id: "acct-eve",
    chatgpt_user_id: "user-eve",
    chatgpt_plan_type: "plus",
  },
};

async function put(usher: RealPage, file: string, content: object): Promise<void> {
  const target = path.join(usher.home, file);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, JSON.stringify(content));
}

test("two programs with the same sign-in are named, and one is moved to a pass", async ({ usher }) => {
  const access = token(claims);
  await put(usher, ".codex/auth.json", {
    auth_mode: "chatgpt",
    OPENAI_API_KEY: null,
    tokens: {
      id_token: token(claims),
      access_token: access,
      refresh_token: "rt-eve",
      account_id: "acct-eve",
    },
    last_refresh: "2026-11-19T10:00:00Z",
  });
  const opencode = {
    type: "oauth",
    refresh: "rt-eve",
    access,
    expires: 4_102_444_800_000,
    accountId: "acct-eve",
  };
  await put(usher, ".local/share/opencode/auth.json", { openai: opencode });
  const before = await readFile(path.join(usher.home, ".codex/auth.json"), "utf8");
  await usher.openSignedIn();
  await usher.item("go-tools").click();
  await usher.button("Sign-ins on this computer").click();
  await expect(usher.title).toBeFocused();
  await expect(usher.copies).toHaveCount(3);
  await expect(usher.page.locator(".head .tag")).toHaveText("Two programs renew the same sign-in");
  await expect(usher.copies.nth(0)).toContainText("Usher");
  await expect(usher.page.getByTestId("copy-codex")).toContainText("eve@example.com, Plus");
  await expect(usher.page.locator("body")).not.toContainText("rt-eve");
  await usher.expectAccessibleInBothThemes();

  await usher.button("Move to a pass: Codex CLI").click();
  await usher.tool("codex").getByLabel("Turn on the gateway, too.").uncheck();
  await usher.tool("codex").locator(".btn-primary").click();
  await expect(usher.page.getByTestId("tool-result")).toContainText("Codex CLI is connected.");
  await expect(usher.page.getByTestId("copy-codex")).toContainText("to end it, run codex logout.");
  expect(await readFile(path.join(usher.home, ".codex/config.toml"), "utf8")).toContain(
    'model_provider = "usher"',
  );
  // What it holds of its own stays.
  expect(await readFile(path.join(usher.home, ".codex/auth.json"), "utf8")).toBe(before);
});
