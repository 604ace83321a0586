// The gateway on the in-memory core: switch, passes and requests.

import type { RequestView } from "../src/ipc/bindings";
import { expectAccessible } from "./support/axe";
import { expect, test, type FakePage } from "./support/fake";
import { showTheme } from "./support/settled";

/** Opens the gateway's panel. */
async function openGateway(usher: FakePage, state = "gateway"): Promise<void> {
  await usher.open({ state });
  await usher.until(() => expect(usher.title).toHaveText("Gateway"));
  await usher.until(() => expect(usher.page.getByRole("heading", { name: "Requests" })).toBeVisible());
}

const dialog = (usher: FakePage, testid: string) => usher.page.getByTestId(testid);

const request = (row: Partial<RequestView>): RequestView => ({
  id: 8,
  pass: "pi",
  dialect: "messages",
  model: "GPT-6.1-Sol",
  since: 1_763_656_080,
  status: "answering",
  took_ms: null,
  tokens_in: null,
  tokens_out: null,
  code: null,
  payer: null,
  ...row,
});

const notify = (usher: FakePage, row: Partial<RequestView>) =>
  usher.page.evaluate((sent) => window.fake?.request(sent), request(row));

test("by keyboard alone: switch on, create a pass, copy it, revoke it", async ({ usher, page }) => {
  await usher.open({ state: "signed-in" });
  await expect(usher.meters).toHaveCount(2);
  await usher.provider.focus();
  await page.keyboard.press("g");
  await expect(usher.item("go-gateway")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(usher.title).toBeFocused();
  await expect(usher.item("go-gateway")).toContainText("Off");

  await page.keyboard.press("Tab");
  await expect(page.locator("#change-port")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(usher.gateway).toBeFocused();
  await page.keyboard.press("Space");
  await expect(page.getByTestId("gateway-address")).toHaveText("http://127.0.0.1:18740");
  await expect(usher.status).toHaveText("The gateway is on. It listens on http://127.0.0.1:18740.");
  await expect(usher.item("go-gateway")).toContainText("On");

  await page.keyboard.press("Tab");
  await expect(usher.button("New pass")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Name")).toBeFocused();
  await page.keyboard.type("nightly");
  await page.keyboard.press("Enter");
  const made = dialog(usher, "created-pass");
  await expect(made.getByRole("button", { name: "Copy", exact: true })).toBeFocused();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(made).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(usher.status).toHaveText("Copied.");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe("usher_pass_example_9fK2mQ7xWb");
  await page.getByTestId("created-pass-done").focus();
  await page.keyboard.press("Enter");
  await expect(made).toBeHidden();
  await expect(usher.button("New pass")).toBeFocused();
  await expect(page.locator("body")).not.toContainText(copied);

  await expect(usher.passes).toHaveText(/nightly.*OpenAI for .*, all models.*20 November.*Never.*Revoke/s);
  for (let i = 0; i < 2; i += 1) await page.keyboard.press("Tab");
  await expect(usher.button("Revoke nightly")).toBeFocused();
  await page.keyboard.press("Enter");
  const asking = dialog(usher, "revoke-pass");
  await expect(asking.getByRole("button", { name: "Cancel" })).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByText("No passes yet.")).toBeVisible();
  await expect(page.locator("#t-passes")).toBeFocused();
  await expect(usher.status).toHaveText("The pass nightly was revoked.");
});

test("a gateway that is off is shown as off", async ({ usher, page }) => {
  await openGateway(usher);
  await usher.gateway.click();
  await expect(page.getByText("Off. Your tools cannot use Usher.")).toBeVisible();
  await expect(usher.status).toHaveText("The gateway is off.");
  await expect(page.getByText("Switch it on so that your tools can use it.")).toBeVisible();
  await expect(usher.passes).toHaveCount(4);
  expect((await usher.calls()).filter((call) => call.startsWith("switch_gateway"))).toEqual([
    "switch_gateway false",
  ]);
});

test("a newcomer reads what the gateway is for, and sees passes and requests once it is on", async ({
  usher,
  page,
}) => {
  await usher.open({ state: "gateway-new" });
  await expect(page.getByText("Let Claude Code, Codex and scripts use your plan.")).toBeVisible();
  await expect(page.locator("#t-passes")).toBeHidden();
  await expect(page.getByRole("heading", { name: "Requests" })).toBeHidden();
  await usher.button("Turn on").click();
  await expect(page.getByText("No passes yet.")).toBeVisible();
  await expect(usher.button("New pass")).toBeFocused();
});

test("the address is copied", async ({ usher, page }) => {
  await openGateway(usher);
  await usher.button("Copy address").click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("http://127.0.0.1:18740");
});

test("a pass is narrowed to a provider, a model, a project and a time", async ({ usher, page }) => {
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
  await expect(page.getByLabel("Project")).toBeHidden();
  await page.getByText("More", { exact: true }).click();
  await page.getByLabel("Project").fill("atlas");
  await expect(page.getByLabel("Expires").locator("option")).toHaveText(["Never", "In 7 days", "In 30 days"]);
  await page.getByLabel("Expires").selectOption("In 7 days");
  await usher.button("Create pass").click();
  await expect(dialog(usher, "created-pass")).toContainText("for OpenAI for Personal, GPT-6.2-Sol.");
  await expect(dialog(usher, "created-pass")).toContainText("usher pass print nightly");
  await usher.button("Done").click();
  await expect(usher.passes.last()).toContainText(
    "OpenAI for Personal, GPT-6.2-Sol, project atlas, until 27 November",
  );
  const account = await usher.page.evaluate(() => window.fake?.scenario.overview.account?.id);
  const scope = { provider: "chatgpt", account, any_provider: false, pay_per_token: false };
  const expected = { name: "nightly", ...scope, model: "gpt-6.2-sol" };
  expect(await usher.calls()).toContain(
    `make_pass ${JSON.stringify({ ...expected, project: "atlas", days: 7 })}`,
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

test("changes by another process to passes and gateway are shown", async ({ usher, page }) => {
  await openGateway(usher);
  await page.evaluate(() =>
    window.fake?.change((scenario) => {
      scenario.passes = scenario.passes.slice(0, 1);
      scenario.gateway = { at: "elsewhere", address: "http://127.0.0.1:18741", by: "app", process: 99 };
    }),
  );
  await expect(usher.passes).toHaveCount(1);
  await expect(usher.notice).toContainText("Another Usher window runs the gateway (process ");
  await expect(usher.notice).toContainText("process 99");
  await expect(page.getByTestId("gateway-address")).toHaveText("http://127.0.0.1:18741");
  await expect(usher.gateway).toBeHidden();
});

test("a taken port switches the gateway off, and another port switches it on", async ({ usher, page }) => {
  await openGateway(usher, "gateway-port-taken");
  await expect(usher.notice).toContainText("Port 18740 is in use.");
  await expect(usher.notice).toContainText("Port 18740 is used by python3 (process 4711)");
  await expect(usher.gateway).not.toBeChecked();
  await usher.button("Try again").click();
  await expect(usher.alert).toContainText("Port 18740 is in use.");
  await expect(usher.gateway).not.toBeChecked();
  const port = page.getByLabel("Port", { exact: true });
  await expect(port).toHaveValue("18740");
  await port.fill("0");
  await usher.button("Use this port").click();
  await expect(page.locator("#gateway-port-error")).toContainText("Enter a number from 1 to 65535.");
  await expect(port).toBeFocused();
  await port.fill("18800");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("gateway-address")).toHaveText("http://127.0.0.1:18800");
  await expect(usher.gateway).toBeChecked();
  await expect(usher.gateway).toBeFocused();
  await expect(usher.notice).toBeHidden();
});

test("the port is changed on the panel, but not to one that is in use", async ({ usher, page }) => {
  await openGateway(usher);
  await usher.button("Change port").click();
  const port = page.getByLabel("Port", { exact: true });
  await expect(port).toBeFocused();
  await page.evaluate(() =>
    window.fake?.nextFailures.set("set_gateway_port", {
      code: "port_busy",
      cause: "port 18800 is used by nginx (process 12)",
      retry_at: null,
    }),
  );
  await port.fill("18800");
  await usher.button("Save port").click();
  await expect(page.locator("#gateway-port-error")).toContainText("used by nginx (process 12)");
  await expect(page.getByTestId("gateway-address")).toHaveText("http://127.0.0.1:18740");
  await usher.button("Save port").click();
  await expect(page.getByTestId("gateway-address")).toHaveText("http://127.0.0.1:18800");
  await expect(port).toBeHidden();
});

test("closing the window asks while the gateway is on, and names who loses it", async ({ usher, page }) => {
  await openGateway(usher);
  await usher.button("New pass").focus();
  const ask = () => page.evaluate(() => window.fake?.requestClose());
  const answers = async () => (await usher.calls()).filter((call) => call.startsWith("answer_close"));
  await ask();
  const closing = dialog(usher, "closing");
  await expect(closing).toContainText("Closing Usher stops it for: Codex CLI, Claude Code, scripts.");
  await expect(closing.getByRole("button", { name: "Keep open" })).toBeFocused();
  for (const theme of ["light", "dark"] as const) {
    await showTheme(page, theme);
    await page.screenshot({ path: `test-results/shots/gateway-closing-${theme}.png` });
    await expectAccessible(page);
  }
  await page.keyboard.press("Escape");
  await expect(closing).toBeHidden();
  await expect(usher.button("New pass")).toBeFocused();
  expect(await answers()).toEqual(["answer_close false"]);
  await ask();
  await closing.getByRole("button", { name: "Close" }).click();
  await expect.poll(answers).toEqual(["answer_close false", "answer_close true"]);
});

test("requests are shown as they start and end, without further calls", async ({ usher }) => {
  await openGateway(usher);
  await expect(usher.requests).toHaveCount(7);
  const callsBefore = (await usher.calls()).length;
  await notify(usher, {});
  await expect(usher.requests.first()).toContainText("pi");
  await expect(usher.requests.first()).toContainText("Answering");
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

test("at 200 % both tables scroll sideways inside themselves, with Revoke in view", async ({
  usher,
  page,
}) => {
  await openGateway(usher);
  await page.setViewportSize({ width: 360, height: 260 });
  for (const name of ["Passes", "Requests"]) {
    const table = page.getByRole("region", { name });
    const [inner, outer] = await table.evaluate((one) => [one.scrollWidth, one.clientWidth]);
    expect(inner).toBeGreaterThan(outer ?? 0);
  }
  const revoke = usher.button("Revoke pi");
  await revoke.scrollIntoViewIfNeeded();
  await expect(revoke).toBeInViewport({ ratio: 1 });
});

test("what tools use is changed after the list of passes was seen", async ({ usher, page }) => {
  await openGateway(usher, "gateway-accounts");
  const row = page.getByTestId("row-tools");
  await expect(row).toContainText("OpenAI, Personal, ada@example.com");
  await expect(row).toContainText("Your plan");
  await expect(usher.item("provider-chatgpt")).toContainText("In use");

  const select = page.locator("#tools-use");
  await select.selectOption({ label: "OpenAI, Work" });
  const question = dialog(usher, "pass-question");
  await expect(question).toContainText("Claude Code: uses OpenAI, Personal, ada@example.com");
  await expect(question).toContainText("scripts: uses OpenAI, Work, ada@analytical.example");
  await expectAccessible(page);
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(select).toHaveValue("chatgpt user-ada/acct-1");
  expect((await usher.calls()).filter((call) => call.startsWith("use_provider"))).toEqual([]);

  await select.selectOption({ label: "OpenAI API key" });
  await question.getByRole("button", { name: "Use it" }).click();
  await expect(row).toContainText("Billed per token");
  await expect(usher.item("provider-openai")).toContainText("In use");
  await expect(usher.item("provider-chatgpt")).not.toContainText("In use");
  await expect(page.getByText("scripts: uses OpenAI API key.")).toBeVisible();
  expect(await usher.calls()).toContain("use_provider openai null");
});

test("each request says who paid, and its row names the headers", async ({ usher, page }) => {
  await openGateway(usher, "gateway-accounts");
  const rows = page.getByTestId("requests").locator("tbody tr[data-status]");
  await expect(rows.filter({ hasText: "llama" })).toContainText("Groq");
  const refused = page.getByTestId("requests").locator("tbody tr[data-status=not_in_pass] td").nth(3);
  await expect(refused).toContainText("Not known");
  const payer = rows.first().getByRole("button", { name: "Paid by Personal, details" });
  await expect(payer.locator(".dot")).toHaveCount(1);
  await page.getByRole("region", { name: "Requests" }).focus();
  await page.keyboard.press("ArrowDown");
  await expect(payer).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("payer-details")).toContainText(
    "x-usher-account: user-ada/acct-1, x-usher-paid-by: plan",
  );
  await payer.press("Enter");
  await expect(page.getByTestId("payer-details")).toHaveCount(0);
  for (const theme of ["light", "dark"] as const) {
    await showTheme(page, theme);
    await expectAccessible(page);
  }
});

test("switching off asks where a pass is affected", async ({ usher, page }) => {
  await openGateway(usher, "gateway-accounts");
  await page.getByTestId("provider-openai-compatible:groq").click();
  const enabled = page.getByRole("switch", { name: "Enabled" });
  await enabled.click();
  // No pass uses it.
  await expect(enabled).not.toBeChecked();
  expect(await usher.calls()).toContain("set_enabled openai-compatible:groq false");

  await usher.item("provider-chatgpt").click();
  await enabled.click();
  const question = dialog(usher, "pass-question");
  await expect(question).toContainText("Claude Code: refused");
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(enabled).toBeChecked();
  await enabled.click();
  await question.getByRole("button", { name: "Switch off" }).click();
  await expect(enabled).not.toBeChecked();
  await expect(page.getByText("Claude Code: refused.", { exact: false })).toBeVisible();
});
