// Every sign-in method and its outcomes, on the real core against the sandbox.

import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";

import { expect, test, type RealPage } from "./support/real";
import type { Fault } from "./support/sandbox";

/** Another program that occupies a sign-in port. */
async function occupy(port: number): Promise<Server> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(socket.destroy() && true));
    socket.once("error", () => resolve(false));
  });
}

/** Returns the port of the redirect address. */
const portOf = (url: string) => Number(new URL(new URL(url).searchParams.get("redirect_uri") ?? "").port);

async function begin(usher: RealPage): Promise<string> {
  await usher.open();
  await usher.signIn.click();
  await expect(usher.timer).toBeVisible();
  return usher.opened();
}

async function expectSignedIn(usher: RealPage): Promise<void> {
  await expect(usher.accountRow).toContainText("ada@example.com");
  await expect(usher.modelRow).toContainText("11 models.");
}

async function expectNobody(usher: RealPage): Promise<void> {
  expect((await usher.run("status")).code).toBe(3);
}

test("signs in with the browser", async ({ usher, userBrowser, sandbox }) => {
  await sandbox.fault("token.authorization_code", { kind: "delay", ms: 500 });
  const url = await begin(usher);
  expect(url).toContain(`${sandbox.address.issuer}/oauth/authorize?`);
  const checking = usher.page.getByText("Checking the sign-in.").waitFor();
  const page = await userBrowser.decide(url, "Allow");
  await checking;
  await expect(page.getByText("You can close this tab and go back to Usher.")).toBeVisible();
  await expectSignedIn(usher);
  await expect(usher.accountRow).toContainText("Plus");
  await expect(usher.model).toContainText("GPT-6.2-Sol");
  await expect(usher.meters).toHaveCount(2);
  await expect(usher.title).toBeFocused();
  await expect(usher.status).toContainText("Signed in as ada@example.com. 11 models.");
  expect(await listens(portOf(url))).toBe(false);
});

test("denied in the browser, then allowed", async ({ usher, userBrowser }) => {
  await userBrowser.decide(await begin(usher), "Deny");
  await expect(usher.notice).toContainText("Access was declined on OpenAI’s page.");
  await usher.button("Sign in again").click();
  const again = await usher.opened();
  const page = await userBrowser.context.newPage();
  // The first browser session continues, so only consent is requested.
  await page.goto(again);
  await page.getByRole("button", { name: "Allow", exact: true }).click();
  await expectSignedIn(usher);
});

test("cancelling frees the port", async ({ usher }) => {
  const url = await begin(usher);
  expect(await listens(portOf(url))).toBe(true);
  await usher.cancel.click();
  await expect(usher.signIn).toBeFocused();
  await expect.poll(() => listens(portOf(url))).toBe(false);
  await expectNobody(usher);
});

test("a second click joins the pending sign-in", async ({ usher, userBrowser, page }) => {
  const url = await begin(usher);
  await page.reload();
  await expect(usher.timer).toBeVisible();
  expect(usher.openedMore()).toBe(0);
  await usher.button("Open the page again").click();
  await expect.poll(() => usher.opened()).toBe(url);
  await expect.poll(() => usher.copiedLink()).toBe(url);
  await userBrowser.decide(url, "Allow");
  await expectSignedIn(usher);
});

test("a response of another sign-in is ignored", async ({ usher, userBrowser }) => {
  const url = await begin(usher);
  const stray = await fetch(`http://127.0.0.1:${portOf(url)}/auth/callback?code=stray&state=stray`);
  expect(stray.status).toBe(400);
  await expect(usher.page.getByTestId("answer-ignored")).toBeVisible();
  await userBrowser.decide(url, "Allow");
  await expectSignedIn(usher);
});

test("a taken port is reported and the other one is used", async ({ usher, userBrowser }) => {
  const other = await occupy(1455);
  try {
    const url = await begin(usher);
    expect(portOf(url)).toBe(1457);
    await expect(usher.page.getByText(/using port 1455, so Usher listens on port 1457\.$/)).toBeVisible();
    await userBrowser.decide(url, "Allow");
    await expectSignedIn(usher);
  } finally {
    other.close();
  }
});

test("with both ports taken a code still works", async ({ usher, userBrowser, sandbox }) => {
  await sandbox.set({ device_interval_s: 0 });
  const others = [await occupy(1455), await occupy(1457)];
  try {
    await usher.open();
    await usher.signIn.click();
    await expect(usher.notice).toContainText("Other programs are using ports 1455 and 1457.");
    await usher.button("Use a code instead").click();
    await userBrowser.enter(`${sandbox.address.issuer}/codex/device`, await usher.userCode.innerText());
    await expectSignedIn(usher);
  } finally {
    for (const other of others) other.close();
  }
});

test("the other redirect address works when the page rejects the first", async ({ usher, userBrowser }) => {
  await begin(usher);
  await usher.page.getByText("Troubleshooting").click();
  await usher.button("Try the other address").click();
  const url = await usher.opened();
  expect(new URL(url).searchParams.get("redirect_uri")).toMatch(/^http:\/\/localhost:145[57]\//);
  await userBrowser.decide(url, "Allow");
  await expectSignedIn(usher);
});

test("signs in with a code", async ({ usher, userBrowser, sandbox }) => {
  await sandbox.set({ device_interval_s: 0 });
  await usher.open();
  await usher.page.locator(".action-button", { hasText: "Use a code instead" }).click();
  await expect(usher.userCode).toHaveText(/^[A-Z0-9]{4}-[A-Z0-9]{4,5}$/);
  await expect(usher.button("Copy code")).toBeFocused();
  await usher.button("Open it here").click();
  const url = await usher.opened();
  expect(url).toBe(`${sandbox.address.issuer}/codex/device`);
  await userBrowser.enter(url, await usher.userCode.innerText());
  await expectSignedIn(usher);
});

test("an expired code is replaced", async ({ usher, userBrowser, sandbox }) => {
  await sandbox.set({ device_interval_s: 0, device_lifetime_s: 0 });
  await usher.open();
  await usher.page.locator(".action-button", { hasText: "Use a code instead" }).click();
  await expect(usher.notice).toContainText("The code has expired.");
  await sandbox.set({ device_lifetime_s: 900 });
  await usher.button("Get a new code").click();
  await userBrowser.enter(`${sandbox.address.issuer}/codex/device`, await usher.userCode.innerText());
  await expectSignedIn(usher);
});

test("without device codes the browser still works", async ({ usher, userBrowser, sandbox }) => {
  await sandbox.set({ device_login: false });
  await usher.open();
  await usher.page.locator(".action-button", { hasText: "Use a code instead" }).click();
  await expect(usher.notice).toContainText("Your account does not allow sign-in codes.");
  await usher.button("Use the browser instead").click();
  await userBrowser.decide(await usher.opened(), "Allow");
  await expectSignedIn(usher);
});

test("signs in by pasting the address, after a wrong one", async ({ usher, userBrowser }) => {
  await usher.open();
  await usher.page.locator(".action-button", { hasText: "Paste the redirect address" }).click();
  const url = await usher.copiedLink();
  expect(usher.openedMore()).toBe(0);
  const redirect = await userBrowser.stuck(url);
  await usher.pasteField.fill(redirect.split("?")[0] ?? "");
  await usher.button("Finish sign-in").click();
  await expect(usher.page.locator("#paste-error")).toContainText("is not the redirect address");
  await usher.pasteField.fill(redirect);
  await usher.button("Finish sign-in").click();
  await expectSignedIn(usher);
});

test("without a redirect the address can be pasted", async ({ usher, sandbox }) => {
  const url = await begin(usher);
  await usher.button("Paste the redirect address").click();
  await usher.pasteField.fill(await sandbox.approve(url, "ada"));
  await usher.pasteField.press("Enter");
  await expectSignedIn(usher);
});

test("a workspace without Codex is rejected", async ({ usher, userBrowser }) => {
  await userBrowser.decide(await begin(usher), "Allow", "Noa");
  await expect(usher.notice).toContainText("Your workspace does not include Codex.");
  await usher.expectAccessibleInBothThemes();
  await expectNobody(usher);
});

const exchange: [string, Fault, string][] = [
  ["a region error", { kind: "region" }, "OpenAI is not available in your region."],
  ["an HTML page", { kind: "html_challenge" }, "OpenAI’s bot check blocked the request."],
  [
    "an invalid response",
    { kind: "malformed", body: "<p>" },
    "OpenAI sent a response that Usher does not understand.",
  ],
  ["a refusal", { kind: "refuse", code: "invalid_grant", status: 400 }, "Your sign-in has expired."],
  ["a closed connection", { kind: "drop_before" }, "OpenAI could not be reached."],
];

for (const [response, fault, title] of exchange) {
  test(`${response} at the token exchange saves nothing`, async ({ usher, userBrowser, sandbox }) => {
    await sandbox.fault("token.authorization_code", fault);
    await userBrowser.decide(await begin(usher), "Allow");
    await expect(usher.notice).toContainText(title);
    await expect(usher.alert).toContainText(title);
    await expectNobody(usher);
    expect((await sandbox.counts())["token.authorization_code"]).toBe(1);
    await usher.button("Back").click();
    await expect(usher.signIn).toBeVisible();
  });
}

test("a missing store is reported before the browser opens", async ({ usher }) => {
  await usher.start({ USHER_SECRETS: "keyring", DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" });
  await usher.open();
  await usher.signIn.click();
  await expect(usher.notice).toContainText("Usher cannot open its secret storage.");
  await usher.expectAccessibleInBothThemes();
  expect(usher.openedMore()).toBe(0);
});
