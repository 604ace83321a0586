// Accounts and access tokens on the in-memory core.

import { expect, test, type FakePage } from "./support/fake";

const item = (usher: FakePage, name: string) =>
  usher.accounts.filter({ has: usher.page.getByText(name, { exact: true }) });

async function open(usher: FakePage, state: string, count: number): Promise<void> {
  await usher.open({ state });
  await usher.until(() => expect(usher.accounts).toHaveCount(count));
}

test("choosing an account uses it at once", async ({ usher, page }) => {
  await open(usher, "accounts", 3);
  await page.getByRole("radio", { name: /^Work/ }).check();
  await expect(item(usher, "Work")).toContainText("In use.");
  await expect(item(usher, "Personal")).not.toContainText("In use.");
  await expect(usher.status).toHaveText("Work is in use.");
  await expect(usher.provider).toContainText("ada@analytical.example");
  expect(await usher.calls()).toContain("use_account user-ada/acct-2");
  await page.getByRole("button", { name: "OpenAI", exact: true }).click();
  await expect(usher.page.getByTestId("row-account")).toContainText("Analytical Ltd");
  await expect(usher.button("Accounts")).toBeFocused();
});

test("accounts with one e-mail address are distinguished", async ({ usher, page }) => {
  await open(usher, "accounts-same-email", 3);
  const names = await page
    .getByRole("radio")
    .evaluateAll((all) => all.map((one) => (one as HTMLInputElement).labels?.[0]?.innerText));
  expect(new Set(names).size).toBe(3);
  await expect(item(usher, "Analytical Ltd")).toContainText("Business");
  await expect(item(usher, "Enterprise, acct-4")).toContainText("Access token, cannot be renewed.");
  await expect(usher.provider).toContainText("Personal workspace, ada@example.com");
  await page.getByRole("radio", { name: /^Analytical Ltd/ }).check();
  await expect(usher.provider).toContainText("Analytical Ltd, ada@example.com");

  // The confirmation and the notice name the disconnected account.
  await usher.button("Disconnect Analytical Ltd").click();
  const who = "ada@example.com (Analytical Ltd)";
  await expect(usher.dialog.getByRole("heading")).toHaveText(`Disconnect ${who}?`);
  await usher.dialog.getByRole("button", { name: "Disconnect" }).click();
  await expect(usher.notice.first()).toContainText(`OpenAI has ended the sign-in for ${who}, and`);
  // No other account is used until one is chosen.
  await page.getByRole("button", { name: "OpenAI", exact: true }).click();
  await expect(usher.notice.filter({ hasText: "No account is in use" })).toBeVisible();
  await usher.button("Choose an account").click();
  await page.getByRole("radio").first().check();
  await page.getByRole("button", { name: "OpenAI", exact: true }).click();
  await usher.disconnect.click();
  await expect(usher.dialog.getByRole("heading")).toContainText(/Disconnect ada@example\.com.*\?/);
  await usher.cancel.click();
});

test("rename in place: Esc restores, Enter saves", async ({ usher, page }) => {
  await open(usher, "accounts", 3);
  await usher.button("Rename Work").click();
  const field = page.getByLabel("Name of this account");
  await expect(field).toBeFocused();
  await field.fill("Elsewhere");
  await page.keyboard.press("Escape");
  await expect(usher.button("Rename Work")).toBeFocused();
  await page.keyboard.press("Enter");
  await field.fill("Office");
  await page.keyboard.press("Enter");
  await expect(usher.button("Rename Office")).toBeFocused();
  await expect(usher.status).toHaveText("The account is now called Office.");
  await page.keyboard.press("Enter");
  await field.fill("");
  await page.keyboard.press("Enter");
  await expect(usher.button("Rename Analytical Ltd")).toBeFocused();
});

test("buttons reorder accounts and keep the focus", async ({ usher, page }) => {
  await open(usher, "accounts", 3);
  await expect(usher.button("Move Personal up")).toHaveAttribute("aria-disabled", "true");
  await usher.button("Move Club up").click();
  await expect(usher.accounts.nth(1)).toContainText("Club");
  await expect(usher.button("Move Club up")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(usher.accounts.nth(0)).toContainText("Club");
  await expect(usher.button("Move Club up")).toBeFocused();
  const moves = (await usher.calls()).filter((call) => call.startsWith("move_account"));
  await page.keyboard.press("Enter");
  expect((await usher.calls()).filter((call) => call.startsWith("move_account"))).toEqual(moves);
});

test("disconnecting focuses the next account, and the last one leads to first run", async ({
  usher,
  page,
}) => {
  await open(usher, "accounts", 3);
  await usher.button("Disconnect Work").click();
  await expect(usher.dialog).toContainText("Your OpenAI account and plan do not change.");
  await page.keyboard.press("Escape");
  await expect(usher.button("Disconnect Work")).toBeFocused();
  await page.keyboard.press("Enter");
  await usher.dialog.getByRole("button", { name: "Disconnect" }).click();
  await expect(usher.accounts).toHaveCount(2);
  await expect(page.getByRole("radio", { name: /^Club/ })).toBeFocused();
  expect(await usher.calls()).toContain("disconnect user-ada/acct-2");
  for (const name of ["Club", "Personal"]) {
    await usher.button(`Disconnect ${name}`).click();
    await usher.dialog.getByRole("button", { name: "Disconnect" }).click();
  }
  await expect(usher.title).toHaveText("Sign in to OpenAI once");
  await expect(page.locator("#disconnected")).toBeFocused();
});

test("adding an account returns to the list on cancel", async ({ usher }) => {
  await open(usher, "accounts", 3);
  await usher.button("Add account").click();
  await expect(usher.title).toHaveText("Sign in with OpenAI");
  await usher.button("Use a code instead").click();
  await usher.cancel.click();
  await expect(usher.title).toHaveText("Accounts");
  await usher.button("Sign in again: Club").click();
  await usher.allow();
  await expect(usher.title).toHaveText("OpenAI");
  expect((await usher.calls()).filter((call) => call.startsWith("sign_in"))).toEqual([
    "sign_in browser add",
    "sign_in device add",
    "sign_in browser add",
  ]);
});

test("an access token is pasted", async ({ usher, page }) => {
  await usher.open({ state: "first-run" });
  await usher.button(/^Paste an access token.*Business and Enterprise only/).click();
  const field = page.getByLabel("Access token", { exact: true });
  await expect(field).toBeFocused();
  await expect(field).toHaveAttribute("type", "password");
  await field.fill("sk-proj-1");
  await field.press("Enter");
  await expect(page.locator("#access-token-error")).toContainText("Access tokens begin with at-.");
  await expect(field).toBeFocused();
  await field.fill("at-sample");
  await field.press("Enter");
  await expect(usher.title).toHaveText("OpenAI");
  await expect(usher.page.getByTestId("row-account")).toContainText("Analytical Ltd");
  await expect(page.locator("body")).not.toContainText("at-sample");
});

test("a pending revocation names its account", async ({ usher }) => {
  await open(usher, "accounts-same-email", 3);
  await usher.page.evaluate(() =>
    window.fake?.change((scenario) => {
      scenario.disconnect = {
        revoked: "pending",
        passes: [],
        erased: true,
        passes_refused: true,
        email: "ada@example.com",
      };
    }),
  );
  await usher.button("Disconnect Analytical Ltd").click();
  await usher.dialog.getByRole("button", { name: "Disconnect" }).click();
  const who = "ada@example.com (Analytical Ltd)";
  await expect(usher.notice).toContainText(`The sign-in for ${who} is deleted from this computer.`);
  await usher.button("Try again").click();
  await expect(usher.notice).toContainText(`OpenAI has ended the sign-in for ${who}, and`);
});

test("another account is used instead only where it was ticked", async ({ usher, page }) => {
  await usher.open({ state: "gateway-accounts" });
  await usher.item("provider-chatgpt").click();
  await page.locator("#disconnect").click();
  const dialog = page.getByTestId("disconnect-dialog");
  await expect(dialog).toContainText("scripts: refused");
  const instead = dialog.getByRole("checkbox", { name: "Use ada@analytical.example (Work) instead" });
  await expect(instead).not.toBeChecked();
  await instead.check();
  await expect(dialog).toContainText("scripts: uses OpenAI, Work, ada@analytical.example");
  await expect(dialog).toContainText("Claude Code: refused");
  await dialog.getByRole("button", { name: "Disconnect" }).click();
  await expect(page.locator("#disconnected")).toBeFocused();
  await expect(page.getByText("Claude Code: refused.")).toContainText("scripts: uses OpenAI, Work");
  expect(await usher.calls()).toContain("disconnect next user-ada/acct-2");
});
