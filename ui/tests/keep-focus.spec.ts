// What removes itself when it is pressed, or is removed by another process, leaves the focus near where it was.

import { expect, test, type FakePage } from "./support/fake";
import { openGateway } from "./support/gateway";

const failNext = (usher: FakePage, command: string) =>
  usher.page.evaluate(
    (name) => window.fake?.nextFailures.set(name, { code: "internal", cause: "", retry_at: null }),
    command,
  );

/** Presses the button by keyboard, and expects that it goes and the title of the panel has the focus. */
async function pressAway(usher: FakePage, name: string): Promise<void> {
  const button = usher.button(name);
  await usher.until(() => expect(button).toBeVisible());
  await button.focus();
  await usher.page.keyboard.press("Enter");
  await usher.until(() => expect(button).toBeHidden());
  await usher.until(() => expect(usher.title).toBeFocused());
}

test("a notice that goes with its own button", async ({ usher, page }) => {
  await test.step("a taken port", async () => {
    await openGateway(usher, "gateway-port-taken");
    await page.evaluate(() =>
      window.fake?.change((scenario) => {
        scenario.statusAfterSwitchOn = { at: "on", address: "http://127.0.0.1:18740" };
      }),
    );
    await pressAway(usher, "Try again");
  });
  await test.step("a failed change", async () => {
    await usher.open({ state: "signed-in" });
    await failNext(usher, "set_enabled");
    await usher.enabled.click();
    await pressAway(usher, "Close");
  });
  await test.step("a list that could not be read", async () => {
    await failNext(usher, "accounts");
    await page.locator("#accounts").click();
    await pressAway(usher, "Try again");
    await expect(usher.accounts).toHaveCount(1);
  });
  await test.step("all accounts, removed by another process", async () => {
    await page.locator("[data-disconnect]").focus();
    await page.evaluate(() =>
      window.fake?.change((scenario) => {
        scenario.overview = { ...scenario.overview, account: null };
      }),
    );
    await usher.until(() => expect(usher.signIn).toBeVisible());
    await usher.until(() => expect(page.locator(":focus")).toHaveCount(1));
  });
  await test.step("a start without an answer", async () => {
    await page.addInitScript(() => {
      let core: typeof window.fake;
      Object.defineProperty(window, "fake", {
        get: () => core,
        set: (made: typeof window.fake) => {
          made?.nextFailures.set("overview", { code: "internal", cause: "", retry_at: null });
          core = made;
        },
      });
    });
    await usher.open({ state: "signed-in" });
    await pressAway(usher, "Try again");
  });
});

test("an item that is removed by another process hands the focus to the next, the last one to the heading", async ({
  usher,
  page,
}) => {
  await openGateway(usher);
  const keep = (which: (name: string) => boolean) =>
    page.evaluate(
      (kept) =>
        window.fake?.change((scenario) => {
          scenario.passes = scenario.passes.filter((pass) => kept.includes(pass.name));
        }),
      (names as string[]).filter(which),
    );
  const names = await usher.passes.locator("th").allInnerTexts();
  await usher.button("Revoke Claude Code").focus();
  await keep((name) => name !== "Claude Code");
  await expect(usher.button(/ pi$/).first()).toBeFocused();
  await keep(() => false);
  await expect(page.locator("#t-passes")).toBeFocused();
});
