// Announcements to screen readers: one polite and one assertive region, and nothing twice.

import type { ErrorCode } from "../src/ipc/bindings";
import { textsInTree } from "./support/accessibilityTree";
import { expect, test, type FakePage } from "./support/fake";
import { dialog, openGateway } from "./support/gateway";

test.beforeEach(async ({ page }) => {
  // Records every announcement, including replaced ones.
  await page.addInitScript(() => {
    const heard: string[] = [];
    Object.assign(window, { heard });
    new MutationObserver(() => {
      for (const role of ["status", "alert"]) {
        const regions = [...document.querySelectorAll(`[role=${role}]`)];
        const text = regions.map((region) => region.textContent?.trim()).join("");
        const line = `${role}: ${text}`;
        if (
          text &&
          heard.at(-1) !== line &&
          !(heard.includes(line) && heard.indexOf(line) === heard.length - 2)
        ) {
          heard.push(line);
        }
      }
    }).observe(document, { childList: true, subtree: true, characterData: true });
  });
});

const heard = (usher: FakePage) =>
  usher.page.evaluate(() => (window as unknown as { heard: string[] }).heard);

test("there is one region of each kind", async ({ usher, page }) => {
  for (const state of ["first-run", "waiting", "code", "signed-in", "test-failed-token", "limit"]) {
    await usher.open({ state });
    await expect(page.locator("[role=status], [aria-live=polite]")).toHaveCount(1);
    await expect(page.locator("[role=alert], [aria-live=assertive]")).toHaveCount(1);
  }
});

test("the browser, one minute left, signed in", async ({ usher }) => {
  await usher.open({ state: "first-run" });
  await usher.signIn.click();
  await expect(usher.status).toHaveText("The OpenAI page is open. Waiting for you to sign in.");
  await expect(usher.timer).toHaveAttribute("aria-live", "off");
  await usher.wait(215_000);
  await expect.poll(() => heard(usher)).toContain("status: One minute left.");
  await usher.allow();
  await usher.wait(2_000);
  await expect.poll(() => heard(usher)).toContain("status: Signed in as ada@example.com. 6 models.");
});

test("a failed sign-in: its title and its next step", async ({ usher }) => {
  await usher.open({ state: "waiting-timeout" });
  await expect(usher.alert).toHaveText(
    "The sign-in was not finished within 5 minutes. Nothing was saved. Sign in again; the page opens in your browser.",
  );
});

test("the code, spelled out, and Copied", async ({ usher }) => {
  await usher.open({ state: "code" });
  await expect(usher.status).toHaveText("Code: F 7 K M, dash, 4 Q X 2 P.");
  await expect(usher.button("Copy code")).toBeFocused();
  const before = await usher.button("Copy code").boundingBox();
  await usher.button("Copy code").click();
  await expect(usher.button("Copied")).toBeVisible();
  expect((await usher.button("Copied").boundingBox())?.width).toBe(before?.width);
  await usher.wait(1_200);
  await expect.poll(() => heard(usher)).toContain("status: Copied.");
  await usher.wait(1_500);
  await expect(usher.button("Copy code")).toBeVisible();
});

test("the stages of a test, at most one a second, then its end", async ({ usher }) => {
  await usher.open({ state: "signed-in" });
  await usher.test.click();
  await expect(usher.stage("answer")).toHaveAttribute("data-status", "passed");
  for (let i = 0; i < 8; i += 1) await usher.wait(1_000);
  expect((await heard(usher)).filter((line) => /passed/.test(line))).toEqual([
    "status: Credential passed.",
    "status: Token passed.",
    "status: Models passed.",
    "status: Answer passed.",
    "status: Test passed in 2.1 seconds.",
  ]);
});

test("a failed test interrupts", async ({ usher }) => {
  await usher.open({ state: "test-failed-token" });
  await expect(usher.alert).toHaveText("Test failed at Token. OpenAI ended your sign-in.");
});

test("models: refreshed, stale, and how many a search finds", async ({ usher }) => {
  await usher.open({ state: "signed-in" });
  await usher.button("Refresh models").click();
  await expect(usher.status).toHaveText("6 models.");
  await usher.model.click();
  await usher.modelSearch.fill("luna");
  await usher.wait(1_600);
  await expect.poll(() => heard(usher)).toContain("status: 2 models.");
  await usher.modelSearch.fill("nothing");
  await usher.wait(1_600);
  await expect.poll(() => heard(usher)).toContain("status: No models match.");
  await usher.open({ state: "model-stale" });
  await usher.button("Refresh models").click();
  await expect(usher.status).toHaveText("Could not reach OpenAI. The list is from yesterday.");
});

test("a window past 80 %, once", async ({ usher }) => {
  await usher.open({ state: "usage-high" });
  await expect(usher.status).toHaveText("86% of the 5-hour window is used. It resets at 17:40.");
  await usher.page.evaluate(() => window.fake?.change(() => undefined));
  await usher.wait(3_000);
  expect((await heard(usher)).filter((line) => line.includes("86%"))).toHaveLength(1);
});

test("needs attention: the title, and the provider's name includes it", async ({ usher }) => {
  await usher.open({ state: "expired" });
  await expect(usher.alert).toHaveText("Your sign-in has expired");
  await expect(
    usher.page.getByRole("button", { name: /OpenAI.*Sign-in expired.*Needs attention/ }),
  ).toBeVisible();
});

test("needs attention: key, service and Codex CLI are announced once each", async ({ usher, page }) => {
  await usher.open({ state: "key-refused" });
  await expect(usher.alert).toHaveText("OpenAI rejected this key");
  await expect(
    page.getByRole("button", { name: /OpenAI API key.*Key rejected.*Needs attention/ }),
  ).toBeVisible();
  await page.evaluate(() => window.fake?.change(() => undefined));
  await usher.wait(3_000);
  const lines = (await heard(usher)).filter((line) => line.startsWith("alert:"));
  expect(lines).toEqual(["alert: OpenAI rejected this key"]);

  // On every panel, and again when it comes back.
  const refuse = (name: string, code: ErrorCode | null) =>
    page.evaluate(
      ([named, failed]) => {
        window.fake?.change((scenario) => {
          const attention = failed && { code: failed, cause: "", retry_at: null };
          scenario.providers = scenario.providers.map((one) =>
            one.name === named ? { ...one, attention } : one,
          );
        });
      },
      [name, code] as const,
    );
  await usher.provider.click();
  await refuse("Groq", "invalid_key");
  await expect(usher.alert).toHaveText("Groq rejected this key");
  await refuse("Groq", null);
  await refuse("OpenAI API key", "access_denied");
  await expect(usher.alert).toHaveText("This key does not allow that");
  await refuse("Groq", "invalid_key");
  await expect(usher.alert).toHaveText("Groq rejected this key");

  await usher.open({ state: "codex-cli-expired" });
  await expect(usher.alert).toHaveText("The Codex CLI’s sign-in has expired");
});

test("what fails in a dialog is announced inside of it", async ({ usher, page }) => {
  const fail = (command: string) =>
    page.evaluate(
      (name) => window.fake?.nextFailures.set(name, { code: "store_locked", cause: "", retry_at: null }),
      command,
    );
  const alerts = () => textsInTree(page, "alert");
  await openGateway(usher);
  await fail("revoke_pass");
  await usher.button("Revoke Claude Code").click();
  await dialog(usher, "revoke-pass").getByRole("button", { name: "Revoke" }).click();
  await expect
    .poll(alerts)
    .toEqual([expect.stringMatching(/^Could not revoke the pass\. The keyring is locked\./)]);
  await usher.wait(1_200);
  await usher.cancel.click();
  // It was heard, and is not repeated by the region of the page.
  await usher.wait(1_200);
  expect(await alerts()).toEqual([]);

  await usher.button("New pass").click();
  await usher.button("Create pass").click();
  await expect.poll(alerts).toEqual(["Enter a name of up to 60 characters."]);
  await page.getByLabel("Name", { exact: true }).fill("nightly");
  await usher.button("Create pass").click();
  await expect(dialog(usher, "created-pass")).toBeVisible();
  await fail("try_pass");
  await usher.button("Try it").click();
  await expect.poll(alerts).toEqual([expect.stringContaining("The keyring is locked.")]);
});

test("what was done in a dialog is announced once, after it has closed", async ({ usher, page }) => {
  await openGateway(usher);
  await usher.button("Revoke Claude Code").click();
  await dialog(usher, "revoke-pass").getByRole("button", { name: "Revoke" }).click();
  await expect.poll(() => textsInTree(page, "status")).toEqual(["The pass Claude Code was revoked."]);
  await usher.button("Stop everything").click();
  await dialog(usher, "stop-everything-question").getByRole("button", { name: "Stop everything" }).click();
  await expect.poll(() => textsInTree(page, "alert")).toEqual(["Everything was stopped"]);
  await usher.wait(3_000);
  const lines = await heard(usher);
  expect(lines.filter((line) => /stopped/.test(line))).toEqual(["alert: Everything was stopped"]);
  expect(lines.filter((line) => /revoked/.test(line))).toEqual(["status: The pass Claude Code was revoked."]);
});

test("a preference that was not changed, and a file that was not opened", async ({ usher, page }) => {
  const fail = (command: string) =>
    page.evaluate(
      (name) => window.fake?.nextFailures.set(name, { code: "internal", cause: "", retry_at: null }),
      command,
    );
  await usher.open({ state: "preferences" });
  const login = page.getByRole("switch", { name: "Start at login" });
  await usher.until(() => expect(login).toBeVisible());
  await fail("set_start_at_login");
  await login.click();
  await expect(usher.alert).toHaveText(/\S/);
  await expect(usher.alert).toHaveText(
    await page.getByTestId("row-staying").locator(".message.error").innerText(),
  );
  await fail("open_home_file");
  await page.getByTestId("row-files").getByRole("button", { name: /^Open/ }).first().click();
  await expect(usher.alert).toHaveText(
    await page.getByTestId("row-files").locator(".message.error").innerText(),
  );
});
