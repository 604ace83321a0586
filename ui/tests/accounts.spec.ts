// Accounts and access tokens on the in-memory core.

import { business } from "../src/ipc/fake/scenarios/payer";
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
  await expect(usher.provider).toContainText("Work");
  await expect.poll(() => usher.calls()).toContain("use_account user-ada/acct-2");
  await page.getByRole("button", { name: "OpenAI", exact: true }).click();
  await expect(usher.page.getByTestId("row-account")).toContainText("ada@analytical.example");
  await expect(usher.button("Accounts")).toBeFocused();
});

test("a window that was reset since it was seen counts no more", async ({ usher, page }) => {
  await open(usher, "accounts", 3);
  const meters = item(usher, "Work").locator(".item-meters");
  await expect(meters).toContainText(/5-hour window: \d+% used/);
  await expect(meters).toContainText(/Weekly window: \d+% used/);
  await page.clock.fastForward(3 * 3_600_000);
  await expect(meters).toContainText("5-hour window: reset, no new figure yet");
  await expect(meters.locator("rect").first()).toHaveAttribute("width", "0");
  await expect(meters).toContainText(/Weekly window: \d+% used/);
});

for (const [button, call] of [
  ["Renew", "set_renew_unused true"],
  ["Do not renew", "set_renew_unused false"],
] as const) {
  test(`whether unused accounts are renewed is asked once: ${button}`, async ({ usher, page }) => {
    await open(usher, "accounts-unused", 3);
    await expect(usher.notice).toContainText("Club: last renewed 23 days ago.");
    await usher.button(button).click();
    await expect.poll(() => usher.calls()).toContain(call);
    await expect(usher.notice).toHaveCount(0);
    await page.getByRole("button", { name: "OpenAI", exact: true }).click();
    await usher.button("Accounts").click();
    await usher.until(() => expect(usher.accounts).toHaveCount(3));
    await expect(usher.notice).toHaveCount(0);
  });
}

test("accounts with one e-mail address are distinguished", async ({ usher, page }) => {
  await open(usher, "accounts-same-email", 3);
  const names = await page
    .getByRole("radio")
    .evaluateAll((all) => all.map((one) => (one as HTMLInputElement).labels?.[0]?.innerText));
  expect(new Set(names).size).toBe(3);
  await expect(item(usher, "Business").first()).toContainText("ada@example.com");
  await expect(item(usher, "Enterprise").first()).toContainText("Access token, cannot be renewed.");
  await expect(usher.provider).toContainText("Personal");
  await page.getByRole("radio", { name: /^Business/ }).check();
  await expect(usher.provider).toContainText("Business");

  // The confirmation and the notice name the disconnected account.
  await usher.button("Disconnect Business").click();
  const who = "ada@example.com (Business)";
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
  await expect(usher.button("Rename Business")).toBeFocused();
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
  await expect.poll(() => usher.calls()).toContain("disconnect user-ada/acct-2");
  for (const name of ["Club", "Personal"]) {
    await usher.button(`Disconnect ${name}`).click();
    await usher.dialog.getByRole("button", { name: "Disconnect" }).click();
  }
  await expect(usher.title).toHaveText("Sign in to OpenAI once");
  await expect(page.locator("#disconnected")).toBeFocused();
});

test("adding an account asks how, and returns to the list on cancel", async ({ usher, page }) => {
  await open(usher, "accounts", 3);
  await usher.button("Add account").click();
  await expect(usher.button("Sign in with OpenAI")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(usher.button("Add account")).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(usher.title).toHaveText("Continue with ChatGPT");
  await usher.cancel.click();
  await expect(usher.title).toHaveText("Accounts");
  await usher.button("Add account").click();
  await usher.button("Sign in with OpenAI").click();
  await expect(usher.title).toHaveText("Sign in with OpenAI");
  await usher.button("Use a code instead").click();
  await usher.cancel.click();
  await expect(usher.title).toHaveText("Accounts");
  await usher.button("Sign in again: Club").click();
  await usher.cancel.click();
  await expect(usher.title).toHaveText("Accounts");
  expect((await usher.calls()).filter((call) => call.startsWith("sign_in"))).toEqual([
    "sign_in browser plan_usage",
    "sign_in browser add",
    "sign_in device add",
    "sign_in browser again",
  ]);
});

test("an added account stays in the list, and asks for its name", async ({ usher, page }) => {
  await open(usher, "accounts", 3);
  await usher.button("Add account").click();
  await usher.button("Sign in with OpenAI").click();
  await expect(usher.title).toHaveText("Sign in with OpenAI");
  await page.evaluate((added) => window.fake?.arrive(added), business);
  await expect(usher.title).toHaveText("Accounts");
  await expect(usher.notice).toContainText("In use: Personal.");
  const field = page.getByLabel("What do you call this account?");
  await expect(field).toHaveValue("Business");
  await expect(field).toBeFocused();
  await field.fill("n".repeat(61));
  await expect(usher.accounts.last()).toContainText("60 characters at most: 1 too many.");
  await page.keyboard.press("Enter");
  await expect(field).toHaveAttribute("aria-invalid", "true");
  await field.fill("Office");
  await page.keyboard.press("Enter");
  await expect(usher.button("Rename Office")).toBeFocused();
  await expect.poll(() => usher.calls()).toContain("rename_account user-ada/acct-9 Office");
  await usher.button("Use Office").click();
  await expect(usher.provider).toContainText("Office");
  await expect(usher.notice).toHaveCount(0);
});

test("signing in again as another account switches nothing before a choice", async ({ usher }) => {
  for (const choice of ["use", "add"] as const) {
    await usher.open({ state: "expired" });
    await usher.button("Sign in again").first().click();
    await usher.allowAs(business);
    await expect(usher.notice).toContainText("You signed in as Business, ada@example.com.");
    await expect(usher.notice).toContainText("Personal is still signed out.");
    await expect(usher.button("Sign in to Personal")).toBeFocused();
    await usher.button(choice === "use" ? "Use Business" : "Add as another account").click();
    await expect(usher.title).toHaveText("Accounts");
    await expect(usher.provider).toContainText(choice === "use" ? "Business" : "Sign-in expired");
    const calls = await usher.calls();
    expect(calls).toContain("answer_other_account add");
    expect(calls.includes("use_account user-ada/acct-9")).toBe(choice === "use");
  }
});

test("signing in again as another account can start over", async ({ usher }) => {
  await usher.open({ state: "expired" });
  await usher.button("Sign in again").first().click();
  await usher.allowAs(business);
  await usher.button("Sign in to Personal").click();
  await expect(usher.title).toHaveText("Sign in with OpenAI");
  const calls = (await usher.calls()).filter((call) => /sign_in/.test(call));
  expect(calls).toEqual(["sign_in browser again", "cancel_sign_in", "sign_in browser again"]);
});

test("accounts show how much of their plans is used, and one account no arrows", async ({ usher }) => {
  await open(usher, "accounts", 3);
  await expect(usher.accounts.first()).toContainText("5-hour window");
  await expect(usher.accounts.first().locator(".meter")).toHaveCount(2);
  await usher.open({ state: "signed-in" });
  await usher.button("Accounts").click();
  await expect(usher.accounts).toHaveCount(1);
  await expect(usher.page.locator("[data-move]")).toHaveCount(0);
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
  await expect(page.getByLabel("What do you call this account?")).toHaveValue("Business");
  await usher.button("Save").click();
  await expect(usher.page.getByTestId("row-account")).toContainText("Business");
  await expect(page.locator("body")).not.toContainText("at-sample");
});

test("a pending revocation names its account", async ({ usher }) => {
  await open(usher, "accounts-same-email", 3);
  await usher.page.evaluate(() =>
    window.fake?.change((scenario) => {
      scenario.disconnect = {
        route: "codex_client",
        revoked: "pending",
        passes: [],
        erased: true,
        passes_refused: true,
        email: "ada@example.com",
      };
    }),
  );
  await usher.button("Disconnect Business").click();
  await usher.dialog.getByRole("button", { name: "Disconnect" }).click();
  const who = "ada@example.com (Business)";
  await expect(usher.notice).toContainText(`The sign-in for ${who} is deleted from this computer.`);
  await usher.button("Try again").click();
  await expect(usher.notice).toContainText(`OpenAI has ended the sign-in for ${who}, and`);
});

test("another account is used instead only where it was ticked", async ({ usher, page }) => {
  await usher.open({ state: "gateway-accounts" });
  // The scenario opens this panel by itself.
  await usher.until(() => expect(usher.title).toHaveText("Gateway"));
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
  await expect.poll(() => usher.calls()).toContain("disconnect next user-ada/acct-2");
});
