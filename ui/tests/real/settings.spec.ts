// `usher settings` in a browser: the page that is built into the program, and who does not get it.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { chromium, type Browser, type BrowserContext, type Page } from "@playwright/test";

import { freePort, setPort } from "./support/gateway";
import { expect, test, type RealPage } from "./support/real";

/** Starts `usher settings` on the home of somebody who is signed in, and opens its link. */
async function openSettings(usher: RealPage, ...words: string[]) {
  await usher.openSignedIn();
  await usher.end();
  const settings = usher.settings(...words);
  const { address, link } = await settings.next("listening");
  await usher.page.goto(link);
  await expect(usher.disconnect).toBeVisible();
  return { settings, address, link };
}

const titleOf = (page: Page) => page.locator("#t-panel");

/** Opens an address in a new tab of `context`, and returns the title of what is shown. */
async function opened(context: BrowserContext | Browser, address: string) {
  const page = await context.newPage();
  await page.goto(address);
  return titleOf(page);
}

test("the link opens the page once, and the tab keeps it", async ({ usher, page }) => {
  const { address, link } = await openSettings(usher);
  expect(page.url()).toBe(`${address}/`);
  await page.reload();
  await expect(usher.disconnect).toBeVisible();
  await expect(await opened(page.context(), link)).toHaveText("This link was already used or has expired");
  await expect(await opened(page.context(), address)).toHaveText("Open the settings by their link");
  await usher.chooseModel("GPT-6-Luna");
  expect((await usher.run("status")).document["model"]).toMatchObject({ id: "gpt-6-luna" });
});

test("a second browser is refused, also with the cookie of the first", async ({ usher, page, browser }) => {
  const { address, link } = await openSettings(usher);
  const other = await browser.newContext();
  await expect(await opened(other, link)).toHaveText("This link was already used or has expired");
  await expect(await opened(other, address)).toHaveText("Open the settings by their link");
  const cookies = await page.context().cookies();
  expect(cookies).toMatchObject([{ httpOnly: true, sameSite: "Strict" }]);
  await other.addCookies(cookies);
  const tab = await other.newPage();
  await tab.goto(address);
  await expect(titleOf(tab)).toHaveText("Open the settings by their link");
  expect(await tab.evaluate(call, "guess")).toBe(401);
  await other.close();
});

test("the page and why something is refused come in the language that is chosen", async ({ usher, page }) => {
  await openSettings(usher);
  await usher.item("go-preferences").click();
  await page.locator("#language").selectOption("Deutsch");
  await usher.button("Anbieter hinzufügen").click();
  await usher.button(/^OpenAI-kompatibler Endpunkt/).click();
  await page.getByLabel("Name", { exact: true }).fill("Groq");
  await page.getByLabel("Basis-URL").fill("https://api.groq.example/openai?key=1");
  await usher.button("Speichern und testen").click();
  await expect(page.getByText(/assen Sie \? und alles danach weg/)).toBeVisible();
});

/** Calls a command from a page, as its own scripts do; returns the status, or null when the browser does not give it. */
const call = (key: string) =>
  fetch("/call/overview", {
    method: "POST",
    headers: { "content-type": "application/json", "x-usher-key": key },
    body: "{}",
  }).then(({ status }) => status);

test("a page of another site can neither call, nor load, nor frame it", async ({ usher, page }) => {
  const { address } = await openSettings(usher);
  const site = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>other site</title>");
  }).listen(0, "127.0.0.1");
  await once(site, "listening");
  const key = await page.evaluate(() => sessionStorage.getItem("key") ?? "");
  // The same site, whose cookies are sent, and another one.
  for (const host of ["127.0.0.1", "localhost"]) {
    const tab = await page.context().newPage();
    await tab.goto(`http://${host}:${(site.address() as AddressInfo).port}/`);
    const statuses: number[] = [];
    tab.on("response", (response) => response.url().startsWith(address) && statuses.push(response.status()));
    const results = await tab.evaluate(
      async ([to, stolen]) => {
        const send = (mode: RequestMode, headers: Record<string, string>) =>
          fetch(`${to}/call/overview`, {
            method: "POST",
            mode,
            headers,
            body: "{}",
            credentials: "include",
          }).then(
            ({ type }) => type,
            () => "blocked",
          );
        const script = document.createElement("script");
        script.src = `${to}/before-paint.js`;
        const loading = new Promise((resolve) => {
          script.addEventListener("load", () => resolve("loaded"));
          script.addEventListener("error", () => resolve("blocked"));
        });
        document.head.append(script);
        return [
          await send("no-cors", { "content-type": "text/plain" }),
          await send("cors", { "content-type": "text/plain" }),
          await send("cors", { "content-type": "application/json", "x-usher-key": stolen }),
          await loading,
        ];
      },
      [address, key] as const,
    );
    expect(results).toEqual(["blocked", "blocked", "blocked", "blocked"]);
    const framed = tab.waitForResponse(`${address}/`);
    await tab.evaluate((to) => {
      const frame = document.createElement("iframe");
      frame.src = `${to}/`;
      document.body.append(frame);
    }, address);
    expect((await framed).status()).toBe(403);
    const form = tab.waitForResponse(`${address}/call/disconnect`);
    await tab.evaluate((to) => {
      const sent = document.createElement("form");
      sent.method = "post";
      sent.action = `${to}/call/disconnect`;
      document.body.append(sent);
      sent.submit();
    }, address);
    expect((await form).status()).toBe(403);
    expect([...new Set(statuses)]).toEqual([403]);
  }
  await usher.page.reload();
  await expect(usher.disconnect).toBeVisible();
  site.close();
});

test("another name for this computer is refused, and does not use up the link", async ({ usher, page }, {
  project,
}) => {
  await usher.end();
  const { address, link } = await usher.settings().next("listening");
  const { launchOptions } = project.use;
  const rebound = await chromium.launch({
    ...launchOptions,
    args: [...(launchOptions?.args ?? []), "--host-resolver-rules=MAP rebound.test 127.0.0.1"],
  });
  const tab = await rebound.newPage();
  const response = await tab.goto(link.replace("127.0.0.1", "rebound.test"));
  expect(response?.status()).toBe(403);
  await expect(tab.locator("body")).toContainText("the Host header must be");
  expect(await tab.evaluate(call, "guess")).toBe(403);
  await rebound.close();
  await page.goto(link);
  await expect(usher.title).toHaveText("Sign in to OpenAI once");
  expect(page.url()).toBe(`${address}/`);
});

test("a tab that nobody looks at lets it end, and says so when it is seen again", async ({ usher, page }) => {
  await page.addInitScript(() => {
    let hidden = false;
    Object.defineProperty(document, "hidden", { get: () => hidden });
    addEventListener("hide", () => (hidden = true));
    addEventListener("show", () => (hidden = false));
  });
  const { settings } = await openSettings(usher, "--idle", "0.05");
  const turn = (name: string) =>
    page.evaluate((event) => {
      dispatchEvent(new Event(event));
      document.dispatchEvent(new Event("visibilitychange"));
    }, name);
  await turn("hide");
  expect(await settings.next("ended")).toMatchObject({ reason: "idle" });
  await turn("show");
  await expect(usher.title).toHaveText("The settings are closed");
  await expect(page.getByTestId("screen-closed")).toContainText("nobody used them");
  await usher.expectAccessibleInBothThemes();
});

test("a page that is open says when it was stopped", async ({ usher, page }) => {
  const { settings } = await openSettings(usher);
  // All of the page is loaded then.
  await usher.item("go-preferences").click();
  await expect(usher.title).toHaveText("Preferences");
  await settings.end();
  await expect(usher.title).toHaveText("The settings are closed");
  await expect(usher.title).toBeFocused();
  // It would have to be loaded.
  await expect(page.locator("img")).toHaveCount(0);
  await expect(page.getByRole("button")).toHaveCount(0);
});

test("changes by other processes arrive, and the gateway runs", async ({ usher }) => {
  await setPort(usher, await freePort());
  await openSettings(usher);
  expect((await usher.run("use", "gpt-6-luna")).code).toBe(0);
  await expect(usher.model).toContainText("GPT-6-Luna");
  await usher.item("go-gateway").click();
  await usher.gateway.click();
  await expect(usher.gateway).toBeChecked();
  await expect
    .poll(() => usher.printed("status"))
    .toMatch(/Gateway +http.*, run by `usher settings` \(process \d+\)/);
});

test("the main pages pass axe in both themes", async ({ usher, page }) => {
  await openSettings(usher);
  await usher.expectAccessibleInBothThemes();
  for (const [item, title] of [
    ["go-gateway", "Gateway"],
    ["go-tools", "Tools"],
    ["go-add", "Add a provider"],
    ["go-preferences", "Preferences"],
  ] as const) {
    await usher.item(item).click();
    await expect(usher.title).toHaveText(title);
    await usher.expectAccessibleInBothThemes();
  }
  await page.locator("#export").click();
  await expect(page.getByTestId("row-diagnostics")).toContainText("diagnostics.txt");
});
