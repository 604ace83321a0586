// Models, efforts and tiers by role on the in-memory core, and what a pass leaves of the plan.

import { expectAccessible } from "./support/axe";
import { expect, test } from "./support/fake";
import { dialog, openGateway } from "./support/gateway";
import { shoot } from "./support/shoot";

for (const theme of ["light", "dark"] as const) {
  test(`the account's choices by role, ${theme}`, async ({ usher, page }) => {
    await usher.open({ state: "signed-in", theme });
    const tier = page.getByTestId("row-tier");
    await expect(tier.getByRole("radio", { name: "Standard" })).toBeChecked();
    await tier.getByRole("radio", { name: "Fast" }).check();
    await expect(tier.getByRole("radio", { name: "Fast" })).toBeChecked();
    const row = page.getByTestId("row-roles");
    await row.getByText("Models for Claude Code’s Opus, Sonnet and Haiku").click();
    await page.getByLabel("Model for Opus").selectOption("GPT-6.2-Astra");
    await page.getByLabel("Reasoning effort for Opus").selectOption("High");
    await page.getByLabel("Tier for Opus").selectOption("Fast");
    await page.getByLabel("Reasoning effort for Haiku").selectOption("Low");
    await expect(page.getByLabel("Model for Haiku")).toHaveValue("");
    await expect(page.getByLabel("Model for Background model")).toHaveCount(0);
    await expectAccessible(page);
    await shoot(page, `roles-${theme}`);
    const opus = { reset: true, model: "gpt-6.2-astra", effort: "high", tier: "fast" };
    const calls = await usher.calls();
    expect(calls).toContain(
      `choose_role chatgpt main ${JSON.stringify({ reset: false, model: null, effort: null, tier: "fast" })}`,
    );
    expect(calls).toContain(`choose_role chatgpt opus ${JSON.stringify(opus)}`);
    expect(calls).toContain(
      `choose_role chatgpt haiku ${JSON.stringify({ reset: true, model: null, effort: "low", tier: null })}`,
    );
    await page.getByLabel("Model for Opus").selectOption("Not set");
    await expect(page.getByLabel("Reasoning effort for Opus"), "the main model has it too").toHaveValue(
      "high",
    );
  });
}

test("a model without the fast tier has no tier to choose", async ({ usher, page }) => {
  await usher.open({ state: "signed-in" });
  await expect(page.getByTestId("row-tier")).toBeVisible();
  await page.evaluate(() =>
    window.fake?.change((scenario) => {
      if (!("models" in scenario.models)) return;
      const models = scenario.models.models.map((one) => ({
        ...one,
        capabilities: { ...one.capabilities, fast: false },
      }));
      scenario.models = { ...scenario.models, models, version: "2" };
      scenario.overview = { ...scenario.overview, models_version: "2" };
    }),
  );
  await expect(page.getByTestId("row-tier")).toBeHidden();
  await page.getByTestId("row-roles").locator("summary").click();
  await expect(page.getByLabel("Tier for Opus").locator("option")).toHaveText(["Not set", "Standard"]);
});

for (const theme of ["light", "dark"] as const) {
  test(`a new pass with choices of its own, ${theme}`, async ({ usher, page }) => {
    await openGateway(usher, "gateway", theme);
    await usher.button("New pass").click();
    await page.getByLabel("Name").fill("cheap");
    await page.getByText("More", { exact: true }).click();
    await page.getByText("Other models for this pass").click();
    await page.getByLabel("Model for Opus").selectOption("GPT-6-Luna");
    await page.getByLabel("Tier for Main model").selectOption("Standard");
    await expectAccessible(page);
    await shoot(page, `pass-roles-${theme}`);
    await usher.button("Create pass").click();
    const made = (await usher.calls()).find((call) => call.startsWith("make_pass")) ?? "";
    expect(JSON.parse(made.slice("make_pass ".length)).roles).toEqual({
      opus: { model: "gpt-6-luna", effort: null, tier: null },
      main: { model: null, effort: null, tier: "standard" },
    });
    await usher.button("Done").click();
    await expect(usher.passes.last()).toContainText("own choices (Opus, Main model)");
  });
}

for (const theme of ["light", "dark"] as const) {
  test(`what a pass leaves is changed, ${theme}`, async ({ usher, page }) => {
    await openGateway(usher, "gateway", theme);
    await usher.button("Change pi").click();
    const asked = dialog(usher, "change-pass");
    await expect(page.getByLabel("Leave for others")).toBeFocused();
    await page.getByLabel("Leave for others").selectOption("30");
    await expectAccessible(page);
    await shoot(page, `pass-change-${theme}`);
    await asked.getByRole("button", { name: "Save" }).click();
    await expect(asked).toBeHidden();
    await expect(usher.button("Change pi")).toBeFocused();
    await expect(usher.passes.nth(2)).toContainText("leaves 30% of the plan");
    expect(await usher.calls()).toContain("set_pass_reserve pass-pi 30");
    // A pass of a service has no plan, so there is nothing of it to leave.
    await expect(usher.button("Change scripts")).toHaveCount(0);
  });
}
