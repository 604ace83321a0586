// Signed in, on the real core: account, model, usage, on and off.

import type { Route } from "@playwright/test";

import { expect, test } from "./support/real";

test("a choice of model and effort is kept", async ({ usher, page }) => {
  await usher.openSignedIn();
  await usher.model.click();
  await expect(usher.options).toHaveCount(11);
  await expect(usher.activeOption).toContainText("GPT-6.2-Sol");
  await usher.modelSearch.fill("luna");
  await expect(usher.options).toHaveText([/GPT-6-Luna/, /GPT-5\.6-Luna/]);
  await usher.modelSearch.press("Enter");
  await expect(usher.model).toContainText("GPT-6-Luna");
  await usher.effort("High").check({ force: true });
  await expect
    .poll(async () => (await usher.run("status")).document["model"])
    .toMatchObject({ id: "gpt-6-luna", effort: "high" });
  await page.reload();
  await expect(usher.model).toContainText("GPT-6-Luna");
  await expect(usher.effort("High")).toBeChecked();
  // A model that supports the effort keeps it.
  await usher.chooseModel("GPT-6-Astra");
  await expect(usher.effort("High")).toBeChecked();
});

test("of two quick choices the last one wins", async ({ usher, page }) => {
  await usher.openSignedIn();
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const delay = async (route: Route) => {
    await held;
    await route.continue();
  };
  await page.route("**/call/choose", delay, { times: 1 });
  const choose = async (name: string) => {
    await usher.model.click();
    await usher.modelSearch.fill(name);
    await usher.modelSearch.press("Enter");
    await expect(usher.model).toContainText(name);
  };
  const done = (model: string) =>
    page.waitForResponse(
      (response) =>
        response.url().endsWith("/call/choose") && response.request().postDataJSON().model === model,
    );
  const both = Promise.all([done("gpt-6-luna"), done("gpt-6-astra")]);
  await choose("GPT-6-Luna");
  await choose("GPT-6-Astra");
  release();
  await both;
  expect((await usher.run("status")).document["model"]).toMatchObject({ id: "gpt-6-astra" });
  await expect(usher.model).toContainText("GPT-6-Astra");
});

test("a model that is no longer offered gives way to the default", async ({ usher, sandbox }) => {
  await usher.openSignedIn();
  await usher.chooseModel("GPT-6-Luna");
  await sandbox.set({ removed_models: ["gpt-6-luna"] });
  await usher.refreshModels.click();
  await expect(usher.modelRow).toContainText("10 models.");
  await expect(usher.model).toContainText("GPT-6.2-Sol");
});

test("without a network the list stays, with its age", async ({ usher, sandbox }) => {
  await usher.openSignedIn();
  await expect(usher.modelRow).toContainText("11 models.");
  await sandbox.end();
  await usher.refreshModels.click();
  await expect(usher.modelRow).toContainText(/Could not reach OpenAI\. List from today, /);
  await expect(usher.status).toContainText("Could not reach OpenAI.");
  await usher.chooseModel("GPT-6-Astra");
});

test("a refused refresh keeps the list and is worded differently", async ({ usher, sandbox }) => {
  await usher.openSignedIn();
  await expect(usher.modelRow).toContainText("11 models.");
  await sandbox.fault("models", { kind: "html_challenge" });
  await usher.refreshModels.click();
  await expect(usher.modelRow).toContainText(/OpenAI did not send a new list\. This one is from today, /);
  await usher.refreshModels.click();
  await expect(usher.modelRow).toContainText("Refreshed just now.");
});

test("no list yet, and loading fails", async ({ usher, sandbox }) => {
  await sandbox.fault("models", { kind: "malformed", body: "{" }, 0);
  await usher.openSignedIn();
  await expect(usher.modelRow).toContainText("OpenAI sent a response that Usher does not understand.");
  await sandbox.reset();
  await usher.refreshModels.click();
  await expect(usher.model).toContainText("GPT-6.2-Sol");
});

test("no models for this account", async ({ usher, sandbox }) => {
  await sandbox.set({ models: [] });
  await usher.openSignedIn();
  await expect(usher.modelRow).toContainText("OpenAI offers no models to this account.");
  await usher.button("Check your plan").click();
  await expect.poll(() => usher.opened()).toMatch(/^https:\/\/(chatgpt|openai)\.com\//);
});

test("usage is almost used up", async ({ usher, sandbox }) => {
  await sandbox.set({ limits: { ada: { primary_used_percent: 86 } } });
  await usher.openSignedIn();
  await expect(usher.usageRow).toContainText("86% used");
  await expect(usher.usageRow).toContainText("Almost used up. Resets");
  await expect(usher.status).toContainText("86% of the 5-hour window is used.");
  await expect(usher.notice).toBeHidden();
});

test("the limit is reached", async ({ usher, sandbox }) => {
  await sandbox.set({ limits: { ada: { primary_used_percent: 100, primary_reset_after_s: 4320 } } });
  await usher.openSignedIn();
  await expect(usher.notice).toContainText("The 5-hour limit of your plan is reached");
  await expect(usher.notice).toContainText(/Requests work again at .*, in 1\sh\s12\smin\./);
  await expect(usher.provider).toContainText("Limit reached");
  await usher.button("See your usage").click();
  await expect.poll(() => usher.opened()).toContain("usage");
});

test("unknown usage is hidden", async ({ usher, sandbox }) => {
  await sandbox.fault("usage", { kind: "status", status: 500 }, 0);
  await usher.openSignedIn();
  await expect(usher.modelRow).toContainText("11 models.");
  await sandbox.counted("usage");
  await expect(usher.usageRow).toBeHidden();
});

test("a free plan has one window", async ({ usher }) => {
  await usher.openSignedIn("fay");
  await expect(usher.accountRow).toContainText("Free");
  await expect(usher.meters).toHaveCount(1);
  await expect(usher.usageRow).toContainText("Weekly window");
});

test("an enterprise plan has credits", async ({ usher }) => {
  await usher.openSignedIn("eve");
  await expect(usher.accountRow).toContainText("Enterprise");
  await expect(usher.usageRow).toContainText("Credits: ");
  await usher.expectAccessibleInBothThemes();
});

test("an unknown plan is named as OpenAI names it", async ({ usher }) => {
  await usher.openSignedIn("uma");
  await expect(usher.accountRow).toContainText(/galaxy/i);
  await usher.expectAccessibleInBothThemes();
});

test("Enabled is kept", async ({ usher, page }) => {
  await usher.openSignedIn();
  await usher.waitForResponse("set_enabled", () => usher.enabled.click());
  await expect(usher.notice).toContainText("Switched off in Usher");
  await expect(usher.provider).toContainText("Off");
  await usher.start();
  await usher.open();
  await expect(usher.enabled).not.toBeChecked();
  await usher.waitForResponse("set_enabled", () => usher.enabled.click());
  await expect(usher.notice).toBeHidden();
  await page.reload();
  await expect(usher.enabled).toBeChecked();
});

test("changes by the command line are shown", async ({ usher }) => {
  await usher.openSignedIn();
  await expect(usher.model).toContainText("GPT-6.2-Sol");
  expect((await usher.run("use", "gpt-6-luna", "--effort", "high")).code).toBe(0);
  await expect(usher.model).toContainText("GPT-6-Luna");
  await expect(usher.effort("High")).toBeChecked();
  expect((await usher.run("logout", "--yes")).code).toBe(0);
  await expect(usher.title).toHaveText("Sign in to OpenAI once");
});
