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

test("files are opened, and their paths copied", async ({ usher, page }) => {
  await usher.open({ state: "preferences" });
  const row = page.getByTestId("row-files");
  await usher.until(() => expect(row).toContainText("/home/ada/.config/usher/config.toml"));
  await expect(row.getByRole("listitem")).toHaveCount(4);
  await expect(row).toContainText("(not there yet)");
  await row.getByRole("button", { name: "Open: Settings" }).click();
  await row.getByRole("button", { name: "Open: Log" }).click();
  await expect.poll(() => usher.calls()).toContain("open_home_file settings");
  await expect.poll(() => usher.calls()).toContain("open_home_file logs");
  await row.getByRole("button", { name: "Copy path: Settings" }).click();
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toBe("/home/ada/.config/usher/config.toml");
});

test("a proxy is saved with its password, which is shown nowhere", async ({ usher, page }) => {
  await usher.open({ state: "preferences" });
  const row = page.getByTestId("row-network");
  const proxy = row.getByRole("combobox", { name: "Proxy" });
  await usher.until(() => expect(proxy).toHaveValue("system"));
  await proxy.selectOption("address");
  await row.getByLabel("Address of the proxy").fill("http://proxy.example:3128");
  await expect(row.getByLabel("Password of the proxy")).toBeHidden();
  await row.getByLabel("Address of the proxy").fill("http://ada@proxy.example:3128");
  await row.getByLabel("Password of the proxy").fill("sesame");
  await row.getByLabel("Hosts without the proxy").fill(".example");
  await page.keyboard.press("Enter");
  await expect.poll(() => usher.calls()).toContain("set_network http://ada@proxy.example:3128 .example");
  await expect(usher.status).toHaveText("The network settings were saved.");
  await expect(row.getByLabel("Password of the proxy")).toHaveValue("");
  await expect(row.getByLabel("Password of the proxy")).toHaveAttribute("placeholder", /Saved/);
  await row.getByRole("button", { name: "Check the connection" }).click();
  await expect(row.locator(".check").first()).toContainText("through proxy.example:3128");
  await proxy.selectOption("none");
  await expect.poll(() => usher.calls()).toContain("set_network none .example");
  await row.getByRole("button", { name: "Choose file" }).click();
  await expect(row).toContainText("Extra certificate authority: /etc/company/ca.pem");
  await row.getByRole("button", { name: "Remove" }).click();
  await expect(row).toContainText("Extra certificate authority: none");
});

test("an address that cannot be used says why and stays typed", async ({ usher, page }) => {
  await usher.open({ state: "preferences" });
  const row = page.getByTestId("row-network");
  await usher.until(() => expect(row).toBeVisible());
  await row.getByRole("combobox", { name: "Proxy" }).selectOption("address");
  await page.evaluate(() =>
    window.fake?.nextFailures.set("set_network ftp://x ", {
      code: "bad_usage",
      cause: "the proxy: it must be an address",
      retry_at: null,
    }),
  );
  await row.getByLabel("Address of the proxy").fill("ftp://x");
  await row.getByRole("button", { name: "Save" }).click();
  await expect(row.locator(".message")).toContainText("The proxy: it must be an address.");
  await expect(row.getByLabel("Address of the proxy")).toHaveValue("ftp://x");
});

test("a shorter time deletes counts after a yes only", async ({ usher, page }) => {
  await usher.open({ state: "preferences" });
  const row = page.getByTestId("row-counts");
  const chosen = (name: string) => row.getByRole("radio", { name });
  await usher.until(() => expect(chosen("90 days")).toBeChecked());
  await chosen("7 days").click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await expect(chosen("90 days")).toBeChecked();
  expect(await usher.calls()).not.toContain("set_activity_days 7");
  await chosen("7 days").click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(chosen("7 days")).toBeChecked();
  await expect(chosen("7 days")).toBeFocused();
  await chosen("30 days").click();
  await expect.poll(() => usher.calls()).toContain("set_activity_days 30");
  await expect(page.getByRole("dialog")).toBeHidden();
});

test("names are hidden at once", async ({ usher, page }) => {
  await usher.open({ state: "preferences" });
  const hide = page.getByRole("switch", { name: "Hide names and e-mail addresses" });
  await usher.until(() => expect(hide).not.toBeChecked());
  await hide.click();
  await expect(hide).toBeChecked();
  await expect.poll(() => usher.calls()).toContain("set_hide_personal_data true");
});

test("settings are exported, imported after a look, reset and put back", async ({ usher, page }) => {
  await usher.open({ state: "preferences" });
  const row = page.getByTestId("row-transfer");
  await usher.until(() => expect(row).toBeVisible());
  await row.getByRole("button", { name: "Export settings" }).click();
  await expect(row).toContainText("usher-settings.toml");
  await row.getByRole("button", { name: "Import settings" }).click();
  await expect(page.getByRole("dialog")).toContainText("providers.openai-compatible:groq.base_url");
  await expect(page.getByRole("dialog")).toContainText("was 18740");
  await expect(page.getByRole("dialog")).toContainText("Not used from this file");
  await page.keyboard.press("Escape");
  expect(await usher.calls()).not.toContain("import_settings");
  await row.getByRole("button", { name: "Import settings" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Import" }).click();
  await expect(row).toContainText("The settings were imported.");
  await row.getByRole("button", { name: "Reset settings" }).click();
  await page.getByRole("dialog").getByLabel("Also disconnect all accounts").check();
  await page.getByRole("dialog").getByRole("button", { name: "Reset" }).click();
  await expect(row).toContainText("config.before-reset-1795953600.toml");
  await expect(row.getByRole("button", { name: "Undo" })).toBeFocused();
  await row.getByRole("button", { name: "Undo" }).click();
  await expect(usher.status).toHaveText("The old settings are back.");
  const calls = await usher.calls();
  expect(calls).toContain("reset_settings true");
  expect(calls.at(-1)).toContain("undo_reset /home/ada/.config/usher/config.before-reset-1795953600.toml");
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

test("sign-ins are moved to another computer after a look, with a passphrase typed twice", async ({
  usher,
  page,
}) => {
  await usher.open({ state: "preferences" });
  const row = page.getByTestId("row-move");
  await usher.until(() => expect(row).toBeVisible());
  await row.getByRole("button", { name: "Move to another computer" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).not.toContainText("Leave this computer");
  await dialog.getByLabel("Also move sign-ins and keys").check();
  await expect(dialog).toContainText("Personal · ada@example.com");
  await expect(dialog).toContainText("Continue with ChatGPT belongs to this computer");
  const [first, again] = [dialog.getByLabel("New passphrase"), dialog.getByLabel("The same again")];
  await first.fill("short");
  await dialog.getByRole("button", { name: "Save file" }).click();
  await expect(dialog).toContainText("A passphrase needs at least 12 characters.");
  await expect(first).toBeFocused();
  await first.fill("seven lanterns");
  await again.fill("seven lantern");
  await dialog.getByRole("button", { name: "Save file" }).click();
  await expect(dialog).toContainText("The two passphrases differ.");
  await expect(again).toBeFocused();
  await again.fill("seven lanterns");
  await dialog.getByRole("button", { name: "Save file" }).click();
  await expect(row).toContainText("usher-transfer.json");
  await expect(row.getByRole("button", { name: "Move to another computer" })).toBeFocused();
  const calls = await usher.calls();
  expect(calls).toContain("send_transfer true");
  expect(calls.join(" ")).not.toContain("lanterns");
});

test("a transfer file is taken over after a look", async ({ usher, page }) => {
  await usher.open({ state: "transfer-open" });
  const dialog = page.getByRole("dialog");
  await usher.until(() => expect(dialog).toBeVisible());
  await page.evaluate(() =>
    window.fake?.nextFailures.set("open_transfer", { code: "passphrase_wrong", cause: "", retry_at: null }),
  );
  await dialog.locator("#transfer-passphrase").fill("seven lanterns");
  await dialog.getByRole("button", { name: "Open", exact: true }).click();
  await expect(dialog).toContainText("The passphrase is wrong.");
  await dialog.getByRole("button", { name: "Open", exact: true }).click();
  await expect(dialog).toContainText("Take this over?");
  await expect(dialog).toContainText("Personal · ada@example.com");
  await expect(dialog).toContainText("gateway.port");
  await dialog.getByLabel("Take over the settings").uncheck();
  await expect(dialog).not.toContainText("gateway.port");
  await dialog.getByRole("button", { name: "Take over" }).click();
  await expect(page.getByTestId("row-move")).toContainText("This computer uses it now.");
  expect(await usher.calls()).toContain("take_transfer false");
});

test("sign-ins arrive where the settings cannot be taken over", async ({ usher, page }) => {
  await usher.open({ state: "transfer-open" });
  const dialog = page.getByRole("dialog");
  await usher.until(() => expect(dialog).toBeVisible());
  await page.evaluate(() => {
    const cause = "config.toml, line 1, column 11: string values must be quoted";
    if (window.fake) window.fake.settingsFailure = { code: "settings_unusable", cause, retry_at: null };
  });
  await dialog.locator("#transfer-passphrase").fill("seven lanterns");
  await dialog.getByRole("button", { name: "Open", exact: true }).click();
  await expect(dialog).toContainText("The settings are not taken over: config.toml, line 1, column 11");
  await expect(dialog.getByRole("checkbox")).toHaveCount(0);
  await dialog.getByRole("button", { name: "Take over" }).click();
  await expect(page.getByTestId("row-move")).toContainText("This computer uses it now.");
  expect(await usher.calls()).toContain("take_transfer false");
});

test("an interrupted move is taken back, by a person's word where its file is gone", async ({
  usher,
  page,
}) => {
  await usher.open({ state: "transfer-interrupted" });
  const row = page.getByTestId("row-move");
  await usher.until(() => expect(row).toContainText("was interrupted"));
  await page.evaluate(() =>
    window.fake?.nextFailures.set("cancel_transfer", {
      code: "transfer_unusable",
      cause: "",
      retry_at: null,
    }),
  );
  await row.getByRole("button", { name: "Take back" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Nobody has it" }).click();
  await expect(row).toContainText("The sign-ins are in use here again.");
  await expect(row.getByRole("button", { name: "Move to another computer" })).toBeFocused();
  expect(await usher.calls()).toContain("cancel_transfer true");
});

test("an update is asked about, waits for the last answer, and can be cancelled", async ({ usher, page }) => {
  await usher.open({ state: "preferences-update" });
  await usher.until(() => expect(page.getByTestId("update-found")).toHaveText("Version 0.2.0 is available."));
  await page.getByText("What is new in 0.2.0").click();
  await expect(page.getByText("<b>Not bold</b>")).toBeVisible();
  await usher.button("Install and restart…").click();
  const question = page.getByTestId("update-question");
  await expect(question).toContainText("Install Usher 0.2.0?");
  await expect(question).toContainText("Usher waits until the last one has ended");
  await question.getByRole("button", { name: "Install", exact: true }).click();
  await expect(page.getByTestId("update-progress")).toContainText("2 are running.");
  await usher.button("Cancel the update").click();
  await expect(page.getByTestId("row-version")).toContainText("Cancelled. Nothing was changed.");
  await page.evaluate(() =>
    window.fake?.nextFailures.set("check_for_updates", {
      code: "update_failed",
      cause: "the signature is wrong",
      retry_at: null,
    }),
  );
  await usher.button("Check for updates").click();
  await expect(page.getByTestId("row-version")).toContainText("The signature is wrong.");
});

test("a copy of a package manager says so and offers nothing", async ({ usher, page }) => {
  await usher.open({ state: "preferences" });
  const row = page.getByTestId("row-version");
  await usher.until(() => expect(row).toContainText("Updates come with your package manager."));
  await expect(row.getByRole("button")).toHaveText(["Licences"]);
});
