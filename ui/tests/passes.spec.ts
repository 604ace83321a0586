// Passes on the in-memory core: made, narrowed, tried and revoked.

import { expectAccessible } from "./support/axe";
import { expect, test } from "./support/fake";
import { dialog, openGateway } from "./support/gateway";

test("a pass is narrowed to a provider, a model, a folder and a time", async ({ usher, page }) => {
  await openGateway(usher);
  await usher.button("New pass").click();
  await expect(page.getByLabel("Provider", { exact: true }).locator("option")).toHaveText([
    "OpenAI, Personal",
    "OpenAI API key",
    "Groq",
    "Ollama",
    "Any provider, whichever is in use",
  ]);
  await page.getByLabel("Name").fill("nightly");
  await expect(page.getByLabel("Models").locator("option")).toHaveCount(7);
  await page.getByLabel("Models").selectOption("gpt-6.2-sol");
  // A change event keeps the chosen scope, or the pass would allow more than intended.
  await page.evaluate(() =>
    window.fake?.change((scenario) => (scenario.passes = scenario.passes.slice(0, 1))),
  );
  await expect(usher.passes).toHaveCount(1);
  await expect(page.getByLabel("Models")).toHaveValue("gpt-6.2-sol");
  await expect(page.getByLabel("Only in this folder")).toBeHidden();
  await page.getByText("More", { exact: true }).click();
  await page.getByLabel("Only in this folder").fill("/home/ada/atlas");
  await expect(page.getByLabel("Expires").locator("option")).toHaveText(["Never", "In 7 days", "In 30 days"]);
  await page.getByLabel("Expires").selectOption("In 7 days");
  await usher.button("Create pass").click();
  await expect(dialog(usher, "created-pass")).toContainText("for OpenAI (Personal), GPT-6.2-Sol.");
  await expect(dialog(usher, "created-pass")).toContainText("usher pass print nightly");
  await usher.button("Done").click();
  await expect(usher.passes.last()).toContainText(
    "OpenAI (Personal), GPT-6.2-Sol, only in /home/ada/atlas, until 27 November",
  );
  const account = await usher.page.evaluate(() => window.fake?.scenario.overview.account?.id);
  const scope = { provider: "chatgpt", account, any_provider: false, pay_per_token: false };
  const expected = { name: "nightly", ...scope, model: "gpt-6.2-sol" };
  await expect
    .poll(() => usher.calls())
    .toContain(
      `make_pass ${JSON.stringify({ ...expected, folder: "/home/ada/atlas", leaves_percent: null, roles: {}, days: 7 })}`,
    );
});

test("a new pass comes with lines for each program, and one request tries it", async ({ usher, page }) => {
  await openGateway(usher, "pass-created");
  const made = dialog(usher, "created-pass");
  await usher.until(() =>
    expect(made.getByRole("tab")).toHaveText(["Claude Code", "Codex", "Shell", "Python"]),
  );
  const lines = made.getByRole("tabpanel").locator("pre");
  await expect(lines).toContainText("export ANTHROPIC_AUTH_TOKEN=$(usher pass print nightly)");
  await made.getByRole("tab", { name: "Claude Code" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(made.getByRole("tab", { name: "Codex" })).toBeFocused();
  await expect(lines).toContainText('wire_api = "responses"');
  await page.keyboard.press("End");
  await expect(lines).toContainText("from openai import OpenAI");
  await page.keyboard.press("ArrowLeft");
  await expect(lines).toContainText("OPENAI_BASE_URL=http://127.0.0.1:18740/v1");
  await expect(lines).toContainText("ANTHROPIC_API_KEY");
  await made.getByRole("button", { name: "Copy lines" }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(await lines.textContent());
  expect(copied).not.toContain("usher_pass_");

  await expect(page.getByTestId("tried")).toContainText("No request with this pass yet.");
  await made.getByRole("button", { name: "Try it" }).click();
  await usher.until(() =>
    expect(page.getByTestId("tried")).toContainText("It works: a request to GPT-6.2-Sol"),
  );
  await expect(usher.requests.first()).toContainText("nightly");
  await page.evaluate(() =>
    window.fake?.nextFailures.set("try_pass", {
      code: "offline",
      cause: "the gateway is off",
      retry_at: null,
    }),
  );
  await made.getByRole("button", { name: "Try it" }).click();
  await usher.until(() => expect(page.getByTestId("tried")).toContainText("Could not send the request."));
  await expectAccessible(page);
});

test("while the gateway is off, a new pass says so", async ({ usher, page }) => {
  await openGateway(usher, "gateway-off");
  await usher.button("New pass").click();
  await page.getByLabel("Name").fill("nightly");
  await usher.button("Create pass").click();
  await usher.until(() => expect(page.getByTestId("tried")).toContainText("The gateway is off."));
  await expect(usher.button("Try it")).toBeHidden();
});

test("another provider has other models, and any has all", async ({ usher, page }) => {
  await openGateway(usher);
  await usher.button("New pass").click();
  await page.getByLabel("Provider", { exact: true }).selectOption("Groq");
  await expect(page.getByLabel("Models").locator("option").nth(1)).toHaveText("openai/gpt-oss-120b");
  await page.getByLabel("Provider", { exact: true }).selectOption("Any provider, whichever is in use");
  await expect(page.getByLabel("Models").locator("option")).toHaveText(["All models"]);
});

test("a background pass leaves a share of a plan, which a service does not have", async ({ usher, page }) => {
  await openGateway(usher);
  await usher.button("New pass").click();
  await page.getByLabel("Name").fill("nightly");
  await page.getByText("More", { exact: true }).click();
  await page.getByLabel("Leave for others").selectOption("30% of the plan");
  await expectAccessible(page);
  await page.getByLabel("Provider", { exact: true }).selectOption("Groq");
  await expect(page.getByLabel("Leave for others")).toHaveCount(0);
  await page.getByLabel("Provider", { exact: true }).selectOption({ index: 0 });
  await usher.button("Create pass").click();
  await expect(dialog(usher, "created-pass")).toBeVisible();
  await usher.button("Done").click();
  await expect(usher.passes.filter({ hasText: "nightly" })).toContainText("leaves 30% of the plan");
});

test("a pass needs a free name, and a rejected form keeps its fields", async ({ usher, page }) => {
  await openGateway(usher);
  await usher.button("New pass").click();
  await usher.button("Create pass").click();
  await expect(page.getByText("Enter a name of up to 60 characters.").first()).toBeVisible();
  await expect(page.getByLabel("Name")).toBeFocused();
  await page.getByLabel("Name").fill(" pi ");
  await usher.button("Create pass").click();
  await expect(page.locator("#pass-name-error")).toContainText("A pass with this name already exists.");
  await page.getByLabel("Name").fill("other");
  await page.evaluate(() =>
    window.fake?.nextFailures.set("make_pass", { code: "store_locked", cause: "", retry_at: null }),
  );
  await usher.button("Create pass").click();
  await expect(dialog(usher, "new-pass").locator(".message.error")).toBeVisible();
  await usher.button("Create pass").click();
  await expect(dialog(usher, "created-pass")).toBeVisible();
});

test("a failed revocation is shown, and a successful one focuses the next pass", async ({ usher, page }) => {
  await openGateway(usher);
  await page.evaluate(() =>
    window.fake?.nextFailures.set("revoke_pass", { code: "store_locked", cause: "", retry_at: null }),
  );
  await usher.button("Revoke Claude Code").click();
  const asking = dialog(usher, "revoke-pass");
  await asking.getByRole("button", { name: "Revoke" }).click();
  await expect(asking).toContainText("Could not revoke the pass.");
  await asking.getByRole("button", { name: "Cancel" }).click();
  await expect(usher.button("Revoke Claude Code")).toBeFocused();
  await usher.button("Revoke Claude Code").click();
  await asking.getByRole("button", { name: "Revoke" }).click();
  await expect(usher.passes).toHaveCount(3);
  await expect(usher.button("Revoke pi")).toBeFocused();
});
