// Keys, services and several accounts on the real core.

import { expect, test } from "./support/real";

const key = "sk-sandbox-0123456789abcd";

test("an OpenAI API key is saved, tested and forgotten", async ({ usher, sandbox }) => {
  await usher.open();
  await usher.button(/^Paste an API key/).click();
  await usher.key.fill(key);
  await usher.button("Save and test").click();
  await expect(usher.stage("answer")).toHaveAttribute("data-status", "passed");
  await expect(usher.page.getByTestId("row-key")).toContainText("abcd");
  await expect(usher.item("provider-openai")).toContainText("Connected");
  await expect(usher.model).toContainText("gpt-6.2-sol");
  expect((await usher.run("status")).document["provider"]).toBe("openai");
  expect((await sandbox.counts())["platform.responses"]).toBe(1);
  await usher.expectAccessibleInBothThemes();
  await usher.button("Disconnect").click();
  await usher.dialog.getByRole("button", { name: "Disconnect" }).click();
  await expect(usher.key).toBeVisible();
  expect((await usher.run("status", "--provider", "openai")).code).toBe(3);
});

test("a service: invalid address, valid address, test, off, removed", async ({ usher, sandbox, page }) => {
  await usher.open();
  await usher.button(/^Add an OpenAI-compatible endpoint/).click();
  await page.getByLabel("Name", { exact: true }).fill("Groq");
  await page.getByLabel("Base URL").fill("http://groq.example/v1");
  await usher.button("Save and test").click();
  await expect(page.getByLabel("Base URL")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Base URL").fill(`${sandbox.address.compatible}/chat-only`);
  await page.getByLabel("API key").fill(key);
  await usher.button("Save and test").click();
  await expect(usher.title).toHaveText("Groq");
  await expect(usher.stage("answer")).toHaveAttribute("data-status", "passed");
  await usher.chooseModel("qwen3-coder");
  const status = await usher.run("status", "--provider", "openai-compatible:groq");
  expect(status.document["model"]).toMatchObject({ id: "qwen3-coder" });
  await usher.expectAccessibleInBothThemes();
  await usher.waitForResponse("set_enabled", () => usher.enabled.click());
  await expect(usher.item("provider-openai-compatible:groq")).toContainText("Off");
  expect((await usher.run("test", "--provider", "openai-compatible:groq")).code).toBe(1);
  expect((await usher.run("providers", "remove", "openai-compatible:groq")).code).toBe(0);
  await expect(usher.item("provider-openai-compatible:groq")).toBeHidden();
});

test("two accounts of one e-mail address coexist", async ({ usher, page }) => {
  await usher.openSignedIn("ada");
  await usher.openSignedIn("ada-work");
  await usher.button("Accounts").click();
  await expect(usher.accounts).toHaveCount(2);
  const [personal, work] = [usher.accounts.nth(0), usher.accounts.nth(1)];
  await expect(personal).toContainText("Plus");
  await expect(work).toContainText("Business");
  for (const account of [personal, work]) await expect(account).toContainText("ada@example.com");
  await usher.expectAccessibleInBothThemes();
  await usher.waitForResponse("use_account", () => work.getByRole("radio").check({ force: true }));
  const status = await usher.run("status");
  expect(status.document["account"]).toMatchObject({ plan: "business" });
  // The window shows a name set by the command line.
  const { document } = await usher.run("accounts");
  const [, second] = document["accounts"] as { id: string }[];
  expect((await usher.run("accounts", "rename", second?.id ?? "", "Work")).code).toBe(0);
  await expect(work).toContainText("Work");
  await page.reload();
  await expect(usher.accountRow).toContainText("Business");
});
