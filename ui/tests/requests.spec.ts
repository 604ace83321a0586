// Requests of the gateway on the in-memory core.

import { expectAccessible } from "./support/axe";
import { expect, test } from "./support/fake";
import { notify, openGateway } from "./support/gateway";
import { showTheme } from "./support/settled";

test("requests are shown as they start and end, without further calls", async ({ usher }) => {
  await openGateway(usher);
  await expect(usher.requests).toHaveCount(7);
  const callsBefore = (await usher.calls()).length;
  await notify(usher, {});
  await expect(usher.requests.first()).toContainText("pi");
  await expect(usher.requests.first()).toContainText("Answering");
  await expect(usher.requests.first().getByRole("rowheader")).toHaveText(/^\d\d:\d\d:\d\d$/);
  await notify(usher, { status: "done", took_ms: 3_100, tokens_in: 18_204, tokens_out: 312 });
  await expect(usher.requests.first()).toHaveText(/pi.*GPT-6\.1-Sol.*18,204.*312.*3\.1 s.*Done/s);
  await expect(usher.requests).toHaveCount(8);
  expect(await usher.calls()).toHaveLength(callsBefore);
  // The request updates the last use of its pass.
  await expect(usher.passes.filter({ hasText: "pi" })).not.toContainText("Never");
});

test("a click or the pointer does not hold the list", async ({ usher, page }) => {
  await openGateway(usher);
  await expect(usher.requests).toHaveCount(7);
  await usher.requests.first().click();
  await usher.button("Close").click();
  await notify(usher, {});
  await expect(usher.requests).toHaveCount(8);
  // The region still has the focus, and the keyboard is used for something else first.
  await page.keyboard.press("Tab");
  await notify(usher, { id: 9 });
  await expect(usher.requests).toHaveCount(9);
});

test("the keyboard holds the list in place, and says how many are new", async ({ usher, page }) => {
  await openGateway(usher);
  await expect(usher.requests).toHaveCount(7);
  await usher.button("Revoke scripts").focus();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("region", { name: "Requests" })).toBeFocused();
  for (const id of [8, 9, 10]) await notify(usher, { id });
  await expect(page.getByText("3 new. Shown when you leave the list.")).toBeVisible();
  await expect(usher.requests).toHaveCount(7);
  // What is in the list goes on.
  await notify(usher, { id: 7, status: "done", took_ms: 5_000 });
  await expect(usher.requests.first()).toContainText("Done");
  await page.keyboard.press("Shift+Tab");
  await expect(usher.requests).toHaveCount(10);
  await expect(page.getByText("3 new.")).toBeHidden();
});

test("a request that was not answered says why, in words that all can reach", async ({ usher, page }) => {
  await openGateway(usher);
  const table = page.getByTestId("requests");
  await expect(table).toContainText("The limit of the plan is reached. Wait until it resets.");
  await expect(table).toContainText("The pass does not allow this provider. Create a pass that does.");
  await notify(usher, { pass: "", model: "", status: "failed", took_ms: 1, code: "invalid_key" });
  await expect(usher.requests.first()).toContainText("Unknown pass");
  await expect(table).toContainText("The pass is unknown or was revoked.");
  await notify(usher, { id: 9, status: "failed", took_ms: 1, code: "model_unavailable" });
  await expect(table).toContainText("This model is not available. Choose another model in the tool.");
  await expect(table).not.toContainText("model_unavailable");
  await expectAccessible(page);
});

test("requests are not watched while the window is hidden or shows another panel", async ({
  usher,
  page,
}) => {
  const watched = async () => (await usher.calls()).filter((call) => /watch/.test(call));
  const hide = (hidden: boolean) =>
    page.evaluate((is) => {
      Object.defineProperty(document, "hidden", { value: is, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await openGateway(usher);
  await expect(usher.requests).toHaveCount(7);
  await hide(true);
  await expect.poll(watched).toEqual(["watch_requests", "stop_watching_requests"]);
  await notify(usher, {});
  await expect(usher.requests).toHaveCount(7);
  await hide(false);
  await expect(usher.requests).toHaveCount(8);
  await usher.provider.click();
  await expect
    .poll(watched)
    .toEqual(["watch_requests", "stop_watching_requests", "watch_requests", "stop_watching_requests"]);
});

test("each request says who paid", async ({ usher, page }) => {
  await openGateway(usher, "gateway-accounts");
  await expect(usher.requests.filter({ hasText: "llama" })).toContainText("Groq");
  const refused = page.getByTestId("requests").locator("tbody tr[data-status=not_in_pass] td").nth(2);
  await expect(refused).toContainText("Not known");
  await expect(usher.requests.first()).toContainText("Personal");
  await expect(usher.requests.first().locator(".dot")).toHaveCount(1);
});

test("a request opens its receipt, by keyboard and by a press on its row", async ({ usher, page }) => {
  await openGateway(usher, "gateway-accounts");
  const receipt = page.getByRole("dialog", { name: "Receipt: Claude Code" });
  await page.getByRole("region", { name: "Requests" }).focus();
  await page.keyboard.press("ArrowUp");
  for (let row = 1; row < 7; row += 1) await page.keyboard.press("ArrowDown");
  const opener = usher.requests.last().getByRole("button", { name: "Receipt of the request at" });
  await expect(opener).toBeFocused();
  await page.keyboard.press("Enter");
  for (const [term, definition] of [
    ["Model", "claude-opus-5-5, sent as gpt-6.2-sol"],
    ["Effort", "Extra high, sent as High"],
    ["Tier", "Fast, chosen in Usher"],
    ["Left out", "max_tokens, top_k"],
    ["Prompt cache", "Not used: another model than before."],
    ["Out", "2,406, 1,200 of them reasoning"],
    ["First word after", "1.9 s"],
    ["Paid by", "Personal, OpenAI, Your plan x-usher-account: user-ada/acct-1x-usher-paid-by: plan"],
    ["Request id", "req_0b1c9d7e6f5a4833"],
  ] as const) {
    const name = receipt.locator("dt").filter({ hasText: new RegExp(`^${term}$`) });
    await expect(name.locator("xpath=following-sibling::dd[1]")).toHaveText(definition);
  }
  await expect(receipt.getByRole("button", { name: "Copy request id" })).toBeVisible();
  for (const theme of ["light", "dark"] as const) {
    await showTheme(page, theme);
    await expectAccessible(page);
  }
  await page.keyboard.press("Escape");
  await expect(receipt).toHaveCount(0);
  await expect(opener).toBeFocused();

  // One that runs changes in place.
  await usher.requests.first().getByText("Codex CLI").click();
  const running = page.getByRole("dialog", { name: "Receipt: Codex CLI" });
  await expect(running).toContainText("Answering");
  await notify(usher, { id: 7, pass: "Codex CLI", status: "failed", took_ms: 5_000, code: "overloaded" });
  await expect(running).toContainText("Failed");
  await expect(running).toContainText("overloaded");
  // What it took is not known, which is not nothing.
  const payer = {
    provider_id: "chatgpt",
    provider: "OpenAI",
    account_id: null,
    account: null,
    paid_by: "plan",
  };
  await notify(usher, { id: 7, pass: "Codex CLI", status: "done", took_ms: 5_000, payer });
  await expect(running).toContainText(/Tokens in\s*Not known\s*Out\s*Not known/);
  await running.getByRole("button", { name: "Close" }).click();
  await expect(usher.requests.first().getByRole("button")).toBeFocused();
});
