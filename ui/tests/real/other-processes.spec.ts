// What any process of the home learns is shown in the window without a click: here the command line and the gateway.

import { chmod, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect, test, type RealPage } from "./support/real";

const key = "sk-sandbox-0123456789abcd";

/** Saves a key by the command line, and opens its panel. */
async function openKey(usher: RealPage): Promise<void> {
  await usher.openSignedIn();
  await usher.feed(key, "login", "--api-key-stdin");
  await usher.item("provider-openai").click();
  await expect(usher.modelRow).toContainText("gpt");
}

test("a limit that another process meets is shown, and goes when another one gets through", async ({
  usher,
  sandbox,
  page,
}) => {
  await usher.openSignedIn();
  const plan = usher.item("provider-chatgpt");
  await sandbox.set({ limits: { ada: { primary_used_percent: 100, primary_reset_after_s: 4320 } } });
  expect((await usher.run("test")).code).toBe(4);
  await expect(plan).toContainText("Limit reached");
  await expect(usher.usageRow).toContainText("100");
  await sandbox.set({ limits: { ada: { primary_used_percent: 20 } } });
  expect((await usher.run("test")).code).toBe(0);
  await expect(plan).not.toContainText("Limit reached");
  await expect(page.getByTestId("attention-next")).toBeHidden();
  // The sandbox counts what the test itself used, and headers have fractions.
  await expect(usher.usageRow).toContainText(/5-hour window 2[01]% used/);
});

test("a key that another process finds refused is not called connected", async ({ usher, sandbox }) => {
  await openKey(usher);
  const item = usher.item("provider-openai");
  await expect(item).toContainText("Connected");
  await sandbox.fault("platform.models", { kind: "refuse", code: "invalid_api_key", status: 401 });
  expect((await usher.run("models", "--provider", "openai", "--refresh")).code).toBe(3);
  await expect(item).toContainText("Key rejected");
  await expect(usher.notice).toContainText("OpenAI rejected this key");
  expect((await usher.run("models", "--provider", "openai", "--refresh")).code).toBe(0);
  await expect(item).toContainText("Connected");
});

test("a refused test in the window marks the key until another one is saved", async ({ usher, sandbox }) => {
  await openKey(usher);
  const item = usher.item("provider-openai");
  await sandbox.fault("platform.models", { kind: "refuse", code: "invalid_api_key", status: 401 });
  await usher.testRow.getByRole("button", { name: "Test" }).click();
  await expect(item).toContainText("Key rejected");
  expect((await usher.run("status")).document["provider_problems"]).toEqual([
    { provider: "openai", code: "invalid_key" },
  ]);
  await usher.feed(key, "login", "--api-key-stdin");
  await expect(item).toContainText("Connected");
});

test("a model list that the command line refreshed or added to arrives", async ({ usher, sandbox, page }) => {
  await usher.openSignedIn();
  const count = async () => Number(/(\d+) models/.exec(await usher.modelRow.innerText())?.[1]);
  await expect.poll(count).toBeGreaterThan(1);
  const before = await count();
  await sandbox.set({ removed_models: ["gpt-6.1-sol"] });
  expect((await usher.run("models", "--refresh")).code).toBe(0);
  await expect.poll(count).toBe(before - 1);
  await page.locator("#model").click();
  await expect(page.getByRole("option").filter({ hasText: "GPT-6.1-Sol" })).toHaveCount(0);
});

test("permissions and an older copy of the store are shown, and repaired after a yes", async ({
  usher,
  page,
}) => {
  await usher.openSignedIn();
  const store = path.join(usher.home, "secrets.usher");
  const old = await readFile(store);
  await chmod(path.join(usher.home, "secrets.key"), 0o644);
  await page.getByTestId("repair-open_to_others").click();
  const question = page.getByTestId("store-question");
  await expect(question).toContainText("secrets.key");
  await question.getByRole("button", { name: "Correct permissions" }).click();
  await expect(usher.notice).toBeHidden();

  expect((await usher.run("pass", "new", "later")).code).toBe(0);
  await writeFile(store, old);
  await page.getByTestId("repair-older_copy").click();
  await question.getByRole("button", { name: "Accept the copy" }).click();
  await expect(usher.notice).toBeHidden();
  expect((await usher.run("status")).document["store_findings"]).toEqual([]);
});

test("a key file that was changed while the window is open is shown, and written back after a yes", async ({
  usher,
  page,
}) => {
  await usher.openSignedIn();
  const file = path.join(usher.home, "secrets.key");
  const written = await readFile(file, "utf8");
  for (const change of [() => writeFile(file, "this is not a key"), () => rm(file)]) {
    await change();
    await page.getByTestId("repair-lost_key_file").click();
    const question = page.getByTestId("store-question");
    await expect(question).toContainText("secrets.key");
    await question.getByRole("button", { name: "Write the key back" }).click();
    await expect(usher.notice).toBeHidden();
    expect(await readFile(file, "utf8")).toBe(written);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await usher.run("status")).document["signed_in"]).toBe(true);
  }
});

test("a damaged store is set aside only after a yes", async ({ usher, page }) => {
  await usher.openSignedIn();
  const store = path.join(usher.home, "secrets.usher");
  await writeFile(store, "this is not a store");
  await expect(usher.notice).toContainText("The file with your sign-ins is damaged");
  await usher.button("Sign in with OpenAI").click();
  const question = page.getByTestId("store-question");
  await question.getByRole("button", { name: "Cancel" }).click();
  expect(await readFile(store, "utf8")).toBe("this is not a store");
  await page.getByTestId("attention-next").click();
  await question.getByRole("button", { name: "Start again" }).click();
  await expect(usher.notice).toBeHidden();
  await expect(readFile(store)).rejects.toThrow("ENOENT");
});
