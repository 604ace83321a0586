// The gateway on the in-memory core: its switch, its port, and what tools use.

import { expectAccessible } from "./support/axe";
import { expect, test } from "./support/fake";
import { dialog, openGateway } from "./support/gateway";
import { showTheme } from "./support/settled";
import { shoot } from "./support/shoot";

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
  await expect(usher.button("Stop everything")).toBeFocused();
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

  await expect(usher.passes).toHaveText(/nightly.*OpenAI \(.*\), all models.*20 November.*Never.*Revoke/s);
  for (let i = 0; i < 3; i += 1) await page.keyboard.press("Tab");
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

test("everything was stopped: said on every panel, until it is allowed again", async ({ usher, page }) => {
  await usher.open({ state: "gateway-locked" });
  await expect(usher.notice).toContainText("Everything was stopped");
  await expect(usher.notice).toContainText("Stopped: 2 minutes ago.");
  await expect(usher.alert).toContainText("Everything was stopped");
  await usher.provider.click();
  await expect(usher.notice).toContainText("Everything was stopped");
  await usher.button("Allow again").click();
  await expect(usher.notice).toBeHidden();
  await expect(usher.status).toHaveText("Passes work again.");
  await expect(page.locator("#t-panel")).toBeFocused();
  expect(await usher.calls()).toContain("unlock_passes");
});

test("everything is stopped after a question, and allowed again", async ({ usher, page }) => {
  await openGateway(usher);
  const row = page.getByTestId("row-stop");
  await usher.button("Stop everything").click();
  const question = page.getByTestId("stop-everything-question");
  await expect(question).toContainText("Every tool is refused from now on, and running answers are cut off.");
  await expect(question.getByRole("button", { name: "Cancel" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(usher.button("Stop everything")).toBeFocused();
  expect(await usher.calls()).not.toContain("lock_passes");

  await usher.button("Stop everything").click();
  await page.evaluate(() =>
    window.fake?.nextFailures.set("lock_passes", {
      code: "store_unavailable",
      cause: "the disk is full; no pass is locked",
      retry_at: null,
    }),
  );
  await question.getByRole("button", { name: "Stop everything" }).click();
  await expect(question).toContainText("Nothing was stopped.");
  await question.getByRole("button", { name: "Stop everything" }).click();
  await expect(question).toBeHidden();
  await expect(page.locator("#t-panel")).toBeFocused();
  await expect(usher.notice).toContainText("Everything was stopped");
  await expect(row).toContainText("your tools are refused until you choose Allow again");
  await usher.button("Allow again").click();
  await expect(row.getByRole("button", { name: "Stop everything" })).toBeVisible();
  await expect(usher.notice).toBeHidden();
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
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe("http://127.0.0.1:18740");
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
  await expect(usher.notice).toContainText("Usher runs the gateway in the background (process ");
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

test("closing the window asks whether the gateway goes on, and names who uses it", async ({
  usher,
  page,
}) => {
  await openGateway(usher);
  await usher.button("New pass").focus();
  const ask = () => page.evaluate(() => window.fake?.requestClose());
  const answers = async () => (await usher.calls()).filter((call) => call.startsWith("answer_close"));
  await ask();
  const closing = dialog(usher, "closing");
  await expect(closing).toContainText("while the window is closed, for: Codex CLI, Claude Code, scripts.");
  await expect(closing.getByRole("button", { name: "Keep running" })).toBeFocused();
  for (const theme of ["light", "dark"] as const) {
    await showTheme(page, theme);
    await shoot(page, `gateway-closing-${theme}`);
    await expectAccessible(page);
  }
  await page.keyboard.press("Escape");
  await expect(closing).toBeHidden();
  await expect(usher.button("New pass")).toBeFocused();
  expect(await answers()).toEqual(["answer_close cancel"]);
  await ask();
  await closing.getByRole("button", { name: "Keep running" }).click();
  // Above another dialog it has its own name.
  await usher.button("Revoke Claude Code").click();
  await ask();
  await expect(closing).toHaveAccessibleName(await closing.getByRole("heading").innerText());
  await closing.getByRole("button", { name: "Stop it" }).click();
  await expect
    .poll(answers)
    .toEqual(["answer_close cancel", "answer_close keep_running", "answer_close stop"]);
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
  await expect.poll(() => usher.calls()).toContain("use_provider openai null");
});

test("switching off asks where a pass is affected", async ({ usher, page }) => {
  await openGateway(usher, "gateway-accounts");
  await page.getByTestId("provider-openai-compatible:groq").click();
  const enabled = page.getByRole("switch", { name: "Enabled" });
  await enabled.click();
  // No pass uses it.
  await expect(enabled).not.toBeChecked();
  await expect.poll(() => usher.calls()).toContain("set_enabled openai-compatible:groq false");

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
