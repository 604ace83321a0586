// Preferences on the in-memory core.

import { expect, test } from "./support/fake";

test("allowed hosts and their providers are listed", async ({ usher, page }) => {
  await usher.open({ state: "preferences" });
  await usher.until(() => expect(usher.title).toHaveText("Preferences"));
  const hosts = page.getByRole("list", { name: "Allowed hosts" }).getByRole("listitem");
  await expect(hosts).toHaveText([
    /auth\.openai\.com\s*OpenAI/,
    /^\s*chatgpt\.com/,
    /api\.openai\.com\s*OpenAI API key/,
    /api\.groq\.com\s*Groq/,
    /http:\/\/localhost:11434\s*Ollama/,
  ]);
  await expect(page.getByText("Not made by OpenAI, and not endorsed by it.")).toBeVisible();
});

test("the glossary explains Usher's terms", async ({ usher, page }) => {
  await usher.open({ state: "preferences" });
  const words = page.getByTestId("words");
  await usher.until(() => expect(words).toBeVisible());
  const terms = words.locator("dt");
  await expect(terms.first()).toBeHidden();
  await words.getByText("What the words mean").click();
  await expect(terms.first()).toBeVisible();
  const all = [
    "ChatGPT plan",
    "API key",
    "Access token",
    "Code",
    "Account",
    "Gateway",
    "Pass",
    "Workspace",
    "Provider",
  ];
  await expect(terms).toHaveText(all);
});

test("checks show what is wrong and what to do", async ({ usher, page }) => {
  await usher.open({ state: "signed-in" });
  await usher.item("go-preferences").click();
  await usher.button("Run checks").click();
  await expect(page.locator('.check[data-verdict="bad"]')).toContainText("Set the date and time");
  await expect(page.locator('.check[data-verdict="note"]')).toContainText("Used by opencode.");
  await expect(page.locator("#checks-summary")).toHaveText("5 fine, 1 note, 1 needs attention");
  const fine = page.locator('.check[data-verdict="good"]');
  await expect(fine.first()).toBeHidden();
  await page.getByText("Show the 5 checks without problems").click();
  await expect(fine.first()).toContainText("Free.");
  await expect(usher.status).toHaveText("1 check needs attention.");
  await expect(usher.button("Run checks again")).toBeVisible();
  await page.evaluate(() =>
    window.fake?.nextFailures.set("doctor", { code: "store_locked", cause: "", retry_at: null }),
  );
  await usher.button("Run checks again").click();
  await expect(usher.alert).toContainText("The keyring is locked.");
});

test("diagnostics are saved, and closing the save dialog is not a failure", async ({ usher, page }) => {
  await usher.open({ state: "signed-in" });
  await usher.item("go-preferences").click();
  await page.evaluate(() =>
    window.fake?.nextFailures.set("export_diagnostics", { code: "cancelled", cause: "", retry_at: null }),
  );
  await usher.button("Export diagnostics").click();
  await expect(usher.button("Export diagnostics")).toBeVisible();
  await expect(page.locator(".message")).toBeHidden();
  await usher.button("Export diagnostics").click();
  await expect(page.locator(".message")).toContainText("usher-diagnostics-2025-11-20.txt");
  await usher.button("Show in folder").click();
  await expect.poll(() => usher.calls()).toContain("show_diagnostics");
});

test("the settings file is opened, and its path copied", async ({ usher, page }) => {
  await usher.open({ state: "preferences" });
  const row = page.getByTestId("row-settings-file");
  await usher.until(() => expect(row).toContainText("/home/ada/.config/usher/config.toml"));
  await row.getByRole("button", { name: "Open the file" }).click();
  await expect.poll(() => usher.calls()).toContain("open_settings_file");
  await row.getByRole("button", { name: "Copy path" }).click();
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toBe("/home/ada/.config/usher/config.toml");
});

test("the appearance is chosen, kept, and follows the system again", async ({ usher, page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await usher.open({ state: "preferences" });
  const theme = page.locator("html");
  await usher.until(() => expect(page.getByTestId("row-appearance")).toBeVisible());
  await page.getByRole("radio", { name: "Dark" }).check();
  await expect(theme).toHaveAttribute("data-theme", "dark");
  await usher.open({ state: "preferences" });
  await expect(theme).toHaveAttribute("data-theme", "dark");
  await usher.until(() => expect(page.getByRole("radio", { name: "Dark" })).toBeChecked());
  await page.getByRole("radio", { name: "As the system" }).check();
  await expect(theme).toHaveAttribute("data-theme", "light");
});

test("whether the gateway goes on without the window is chosen at once", async ({ usher, page }) => {
  await usher.open({ state: "preferences" });
  const row = page.getByTestId("row-staying");
  const keep = row.getByRole("switch", { name: "Keep running when the window is closed" });
  await usher.until(() => expect(keep).not.toBeChecked());
  await expect(row).toContainText("Usher asks when you close the window with the gateway on.");
  await keep.click();
  await expect(row).toContainText("It then runs in the background, while it is on.");
  await expect(keep).toBeChecked();
  await keep.click();
  await expect(row).toContainText("Closing the window stops it.");
  await expect(keep).not.toBeChecked();
  const login = row.getByRole("switch", { name: "Start at login" });
  await login.click();
  await expect(login).toBeChecked();
  const chosen = (await usher.calls()).filter((call) => call.startsWith("set_"));
  expect(chosen).toEqual(["set_keep_running true", "set_keep_running false", "set_start_at_login true"]);
  const cause = "x.desktop is there, and Usher did not write it";
  await page.evaluate((view) => window.fake?.nextFailures.set("set_start_at_login", view), {
    code: "bad_usage" as const,
    cause,
    retry_at: null,
  });
  await login.click();
  await expect(row).toContainText("x.desktop is there, and Usher did not write it.");
  await expect(login).toBeChecked();
});

test("passes are locked with the screen only where that is switched on", async ({ usher, page }) => {
  await usher.open({ state: "preferences" });
  const lock = page
    .getByTestId("row-staying")
    .getByRole("switch", { name: "Lock all passes with the screen" });
  await usher.until(() => expect(lock).not.toBeChecked());
  await lock.click();
  await expect(lock).toBeChecked();
  await expect.poll(() => usher.calls()).toContain("set_lock_with_screen true");
});

test("notifications are on, and are switched off at once", async ({ usher, page }) => {
  await usher.open({ state: "preferences" });
  const row = page.getByTestId("row-notifications");
  const limits = row.getByRole("switch", { name: "Notify me of limits and resets" });
  await usher.until(() => expect(limits).toBeChecked());
  await limits.click();
  await expect(limits).not.toBeChecked();
  await expect.poll(() => usher.calls()).toContain("set_notifications false");
  await page.evaluate((view) => window.fake?.nextFailures.set("set_notifications", view), {
    code: "settings_unusable" as const,
    cause: "in config.toml, `notifications` is not yours",
    retry_at: null,
  });
  await limits.click();
  await expect(row).toContainText("In config.toml, `notifications` is not yours.");
  await expect(limits).not.toBeChecked();
  await expect(page.getByTestId("row-staying")).not.toContainText("is not yours");
});
