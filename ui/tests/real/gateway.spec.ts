// The window's gateway on the real core: passes, requests, and other programs on
// its port.

import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";

import { freePort, post, setPort } from "./support/gateway";
import { expect, test, type RealPage } from "./support/real";

/** Signs in, sets a free port and opens the panel. */
async function openGateway(usher: RealPage): Promise<string> {
  const port = await freePort();
  await usher.openSignedIn();
  await setPort(usher, port);
  await usher.item("go-gateway").click();
  await expect(usher.gateway).toBeVisible();
  return `http://127.0.0.1:${port}`;
}

async function makePass(usher: RealPage, name: string): Promise<string> {
  await usher.button("New pass").click();
  await usher.page.getByLabel("Name", { exact: true }).fill(name);
  await usher.button("Create pass").click();
  const secret = await usher.page.locator("#created-pass").inputValue();
  await usher.button("Done").click();
  return secret;
}

async function revoke(usher: RealPage, name: string): Promise<void> {
  await usher.button(`Revoke ${name}`).click();
  await usher.page.getByTestId("revoke-pass").getByRole("button", { name: "Revoke" }).click();
}

test("Try it sends one request with the new pass", async ({ usher, page }) => {
  await openGateway(usher);
  await usher.gateway.click();
  await usher.button("New pass").click();
  await page.getByLabel("Name", { exact: true }).fill("nightly");
  await usher.button("Create pass").click();
  await usher.button("Try it").click();
  await expect(page.getByTestId("tried")).toContainText("It works: a request to GPT-6.2-Sol was answered.");
  await usher.button("Done").click();
  await expect(usher.requests).toHaveCount(1);
  await expect(usher.requests).toHaveText(/nightly.*GPT-6\.2-Sol.*Done/s);
});

test("everything is stopped in the panel or by another process, and allowed again", async ({
  usher,
  page,
}) => {
  const address = await openGateway(usher);
  await usher.gateway.click();
  await expect(page.getByTestId("gateway-address")).toHaveText(address);
  const pass = await makePass(usher, "nightly");
  await usher.button("Stop everything").click();
  const question = page.getByTestId("stop-everything-question");
  await question.getByRole("button", { name: "Stop everything" }).click();
  await expect(usher.notice).toContainText("Everything was stopped");
  expect((await post(address, pass, "count to 3")).status).toBe(403);
  expect((await usher.run("status")).document).toMatchObject({ gateway: { locked: true } });
  await usher.button("Allow again").click();
  await expect(usher.notice).toBeHidden();
  expect((await post(address, pass, "count to 3")).status).toBe(200);

  await usher.run("lock");
  await expect(page.getByTestId("row-stop")).toContainText("until you choose Allow again");
  await usher.run("unlock");
  await expect(usher.button("Stop everything")).toBeVisible();
});

test("switch on, create a pass, see a request, revoke, switch off", async ({ usher, sandbox, page }) => {
  const address = await openGateway(usher);
  await usher.gateway.click();
  await expect(page.getByTestId("gateway-address")).toHaveText(address);
  const held = { gateway: { running: true, address } };
  expect((await usher.run("status")).document).toMatchObject(held);
  const pass = await makePass(usher, "nightly");
  expect(pass).toMatch(/^usher_pass_/);
  await usher.expectAccessibleInBothThemes();

  const response = await post(address, pass, "count to 3");
  expect(response.status).toBe(200);
  expect(await response.text()).toContain("response.completed");
  await expect(usher.requests).toHaveText(/nightly.*GPT-6\.2-Sol.*\d.*\d.*Done/s);
  await expect(usher.passes).toContainText("Just now");
  await expect(page.locator("body")).not.toContainText(pass);

  await sandbox.fault("responses", { kind: "hang_after", events: 3 });
  const hanging = await post(address, pass, "count to 9");
  await expect(usher.requests.first()).toContainText("Answering");
  await usher.expectAccessibleInBothThemes();
  await revoke(usher, "nightly");
  expect(await hanging.text()).toContain("revoked");
  await expect(usher.requests.first()).toContainText("Failed");
  expect((await post(address, pass, "count to 3")).status).toBe(401);

  await usher.gateway.click();
  await expect(usher.item("go-gateway")).toContainText("Off");
  await expect(post(address, pass, "count to 3")).rejects.toThrow("fetch failed");
  expect((await usher.run("status")).document).toMatchObject({ gateway: { running: false } });
});

test("a limit that the window's gateway meets is shown at once, and goes when a request gets through", async ({
  usher,
  sandbox,
}) => {
  const address = await openGateway(usher);
  await sandbox.set({ limits: { ada: { primary_used_percent: 90, primary_reset_after_s: 4320 } } });
  await usher.gateway.click();
  await expect(usher.item("go-gateway")).toContainText("On");
  const pass = await makePass(usher, "nightly");
  await sandbox.set({ limits: { ada: { primary_used_percent: 100, primary_reset_after_s: 4320 } } });
  expect((await post(address, pass, "count to 3")).status).toBe(429);
  // Nothing is clicked: the page hears of it.
  await expect(usher.provider).toContainText("Limit reached");
  await usher.provider.click();
  await expect(usher.usageRow).toContainText("100");
  await expect(usher.notice).toContainText("The 5-hour limit of your plan is reached");

  await sandbox.set({ limits: { ada: { primary_used_percent: 20 } } });
  expect(await (await post(address, pass, "count to 3")).text()).toContain("response.completed");
  await expect(usher.provider).not.toContainText("Limit reached");
  await expect(usher.notice).toBeHidden();
  await expect(usher.usageRow).toContainText(/5-hour window 2[01]% used/);
});

test("off ends running requests in the caller's dialect, and the address stays", async ({
  usher,
  sandbox,
}) => {
  const address = await openGateway(usher);
  await usher.gateway.click();
  await expect(usher.item("go-gateway")).toContainText("On");
  const pass = await makePass(usher, "nightly");
  await sandbox.fault("responses", { kind: "hang_after", events: 3 });
  const hanging = await post(address, pass, "count to 9");
  await usher.gateway.click();
  const text = await hanging.text();
  expect(text).toContain("response.failed");
  expect(text).toContain("the gateway was switched off");
  // The response ends before the gateway has.
  await expect(usher.item("go-gateway")).toContainText("Off");
  await usher.gateway.click();
  await expect(usher.item("go-gateway")).toContainText("On");
  expect((await post(address, pass, "count to 3")).status).toBe(200);
  // The gateway is on again after the next start.
  await usher.start();
  await usher.open();
  await expect(usher.item("go-gateway")).toContainText("On");
  const again = await post(address, pass, "count to 3");
  expect(await again.text()).toContain("response.completed");
});

test("passes of the command line are shown at once, and the window's are the command line's", async ({
  usher,
  page,
}) => {
  await openGateway(usher);
  await usher.button("Turn on").click();
  await expect(page.getByText("No passes yet.")).toBeVisible();
  expect((await usher.run("pass", "new", "scripts", "--model", "gpt-6-sol", "--expires", "7d")).code).toBe(0);
  await expect(usher.passes).toHaveText(/scripts.*OpenAI \(Personal\), GPT-6-Sol, until .*Never/s);
  await makePass(usher, "nightly");
  const { document } = await usher.run("pass", "list");
  expect(document["passes"]).toMatchObject([{ name: "scripts" }, { name: "nightly", provider: "chatgpt" }]);
  expect((await usher.run("pass", "revoke", "nightly")).code).toBe(0);
  await expect(usher.passes).toHaveCount(1);
  await revoke(usher, "scripts");
  await expect(page.getByText("No passes yet.")).toBeVisible();
  expect((await usher.run("pass", "list")).document["passes"]).toEqual([]);
});

test("the window shows that usher serve runs, and takes over when it ends", async ({ usher, page }) => {
  const address = await openGateway(usher);
  expect((await usher.run("pass", "new", "scripts")).code).toBe(0);
  const serving = usher.serve();
  const listening = await serving.next("listening");
  await expect(usher.notice).toContainText("The gateway is run by usher serve (process ");
  await expect(usher.notice).toContainText(`process ${serving.id}`);
  await expect(page.getByTestId("gateway-address")).toHaveText(listening.address);
  await expect(usher.passes).toHaveCount(1);
  await expect(usher.gateway).toBeHidden();
  await usher.expectAccessibleInBothThemes();
  await serving.end();
  await expect(page.getByText("Off. Your tools cannot use Usher")).toBeVisible();

  const second = usher.serve();
  await second.next("listening");
  await writeFile(
    path.join(usher.home, "config.toml"),
    `[gateway]\nport = ${new URL(address).port}\nenabled = true\n`,
  );
  await expect(usher.notice).toContainText(`process ${second.id}`);
  await second.end();
  await expect(page.getByTestId("gateway-address")).toHaveText(address);
  await expect(usher.gateway).toBeChecked();
  const refused = await usher.run("serve", "--port", "0");
  const message = (refused.document["error"] as { message: string }).message;
  expect([refused.code, message]).toEqual([
    1,
    expect.stringMatching(
      /^Usher in the background \(process \d+\) already runs the gateway at http:\/\/127/,
    ),
  ]);
});

test("a taken port switches the gateway off, and is named with its holder", async ({ usher, page }) => {
  await openGateway(usher);
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo;
  await setPort(usher, port);
  await usher.gateway.click();
  await expect(usher.notice).toContainText(`Port ${port} is in use.`);
  await expect(usher.notice).toContainText(`process ${process.pid}`);
  await expect(usher.gateway).not.toBeChecked();
  expect(await readFile(path.join(usher.home, "config.toml"), "utf8")).toContain("enabled = false");
  await usher.expectAccessibleInBothThemes();
  // Another port is taken at once, and one that is in use is refused.
  const other = await freePort();
  await usher.button("Use this port").click();
  await expect(page.locator("#gateway-port-error")).toContainText(`Port ${port} is in use`);
  await page.getByLabel("Port", { exact: true }).fill(String(other));
  await usher.button("Use this port").click();
  await expect(page.getByTestId("gateway-address")).toHaveText(`http://127.0.0.1:${other}`);
  expect((await fetch(`http://127.0.0.1:${other}/healthz`)).status).toBe(200);
  // While it runs, it moves.
  holder.close();
  await once(holder, "close");
  await usher.button("Change port").click();
  await page.getByLabel("Port", { exact: true }).fill(String(port));
  await usher.button("Save port").click();
  await expect(page.getByTestId("gateway-address")).toHaveText(`http://127.0.0.1:${port}`);
  await expect(fetch(`http://127.0.0.1:${other}/healthz`)).rejects.toThrow("fetch failed");
});
