// The main flows from end to end on the in-memory core, by pointer.

import { expectAccessible } from "./support/axe";
import { expect, test } from "./support/fake";
import { expectNoSidewaysScroll } from "./support/layout";
import { expectSettled, showTheme } from "./support/settled";
import { shoot } from "./support/shoot";

test("sign in, choose a model, test, disconnect", async ({ usher }) => {
  await usher.open({ state: "first-run" });
  await expect(usher.provider).toContainText("Not signed in");
  await usher.signIn.click();
  await expect(usher.title).toHaveText("Sign in with OpenAI");
  await expect.poll(() => usher.copiedLink()).toContain("https://auth.openai.com/oauth/authorize");
  await usher.allow();

  await expect(usher.title).toHaveText("OpenAI");
  await expect(usher.provider).toContainText("Personal");
  await expect(usher.page.getByText("Your ChatGPT plan")).toBeVisible();
  await expect(usher.model).toContainText("GPT-6.2-Sol");

  await usher.effort("Ultra").check({ force: true });
  await usher.chooseModel("GPT-6.1 Terra");
  await expect(usher.effort("Ultra")).toBeChecked();
  await usher.chooseModel("GPT-5.6-Luna");
  await expect(usher.effort("Medium")).toBeChecked();
  await expect
    .poll(() => usher.calls())
    .toEqual(
      expect.arrayContaining([
        "choose chatgpt gpt-6.2-sol ultra",
        "choose chatgpt gpt-6.1-terra ultra",
        "choose chatgpt gpt-5.6-luna null",
      ]),
    );

  await usher.test.click();
  await expect(usher.stage("answer")).toContainText("answered “ready”");
  await expect(usher.test).toHaveText("Test again");

  await usher.confirmDisconnect();
  await expect(usher.title).toHaveText("Sign in to OpenAI once");
  await expect(usher.notice).toContainText("OpenAI has ended the sign-in for ada@example.com");
});

test("Cancel goes back and cancels in the core", async ({ usher }) => {
  await usher.open({ state: "first-run" });
  await usher.signIn.click();
  await usher.cancel.click();
  await expect(usher.signIn).toBeFocused();
  await expect.poll(() => usher.calls()).toContain("cancel_sign_in");
});

test("other methods: code, the other address, and back to the browser", async ({ usher }) => {
  await usher.open({ state: "first-run" });
  await usher.signIn.click();
  await usher.page.getByText("Troubleshooting").click();
  await usher.button("Try the other address").click();
  await expect.poll(() => usher.calls()).toContain("sign_in browser_by_name");
  await usher.button("Use a code instead").click();
  await expect(usher.userCode).toHaveText("F7KM-4QX2P");
  await usher.button("Open it here").click();
  await usher.button("Use the browser instead").click();
  await expect(usher.title).toHaveText("Sign in with OpenAI");
  await expect.poll(() => usher.opened()).toEqual(["device_page"]);
});

test("the address can be pasted, and a wrong one shows why", async ({ usher }) => {
  await usher.open({ state: "first-run" });
  await usher.signIn.click();
  await usher.button("Paste the redirect address").click();
  await expect(usher.pasteField).toBeFocused();
  await usher.pasteField.press("Enter");
  await expect(usher.page.locator("#paste-error")).toHaveText("Paste the address first.");
  await usher.pasteField.fill("http://127.0.0.1:1455/");
  await usher.pasteField.press("Enter");
  await expect(usher.page.locator("#paste-error")).toContainText(
    "The pasted text is not the redirect address",
  );
  await expect(usher.pasteField).toHaveAttribute("aria-invalid", "true");
  await expect(usher.pasteField).toBeFocused();
  await usher.pasteField.fill("http://127.0.0.1:1455/auth/callback?code=a&state=b");
  await usher.button("Finish sign-in").click();
  await expect(usher.title).toHaveText("OpenAI");
});

test("the paste method has three steps, with the link in the first", async ({ usher, page }) => {
  await usher.open({ state: "first-run" });
  await page.locator(".action-button", { hasText: "Paste the redirect address" }).click();
  await expect(usher.button("Copy link")).toBeFocused();
  await expect(page.locator(".numbered > li")).toHaveText([
    /^Copy this link/,
    /^Open it on the other computer/,
    /^Copy the full address of the page you end on/,
  ]);
  await expect(page.getByLabel("Copy this link.")).toHaveValue(/^https:/);
  await expect(usher.pasteField).toBeVisible();
  await expect(page.getByText("Closed it, or nothing opened?")).toBeHidden();
  await expect(usher.timer).toHaveText(/^1[45]:/);
  await expectAccessible(page);
  await shoot(page, "paste-light");
  await showTheme(page, "dark");
  await expectAccessible(page);
  await shoot(page, "paste-dark");
  await expect.poll(() => usher.calls()).toContain("sign_in paste");
});

test("a test can be stopped", async ({ usher }) => {
  await usher.open({ state: "test-running" });
  await expect(usher.stage("answer")).toHaveAttribute("data-status", "running");
  await expect(usher.test).toHaveText("Stop");
  await usher.test.click();
  await usher.wait(1_500);
  await expect(usher.stage("answer")).toHaveAttribute("data-status", "stopped");
  await expect(usher.stage("models")).toHaveAttribute("data-status", "passed");
  await expect.poll(() => usher.calls()).toContain("stop_test");
});

test("the button of a failed test runs its recovery action", async ({ usher }) => {
  await usher.open({ state: "test-failed-answer" });
  await usher.page.getByTestId("stage-next").click();
  await expect(usher.modelSearch).toBeFocused();
  await usher.modelSearch.press("ArrowDown");
  await usher.modelSearch.press("Enter");
  // Results are kept until the next test or a change of account or model.
  await expect(usher.stage("answer")).toBeHidden();
});

test("Enabled is stored by the core, and off is shown", async ({ usher }) => {
  await usher.open({ state: "signed-in" });
  await usher.enabled.click();
  await expect(usher.notice).toContainText("Switched off in Usher");
  await expect(usher.provider).toContainText("Off");
  await expect.poll(() => usher.calls()).toContain("set_enabled chatgpt false");
});

test("a pending revocation can be retried or stopped", async ({ usher }) => {
  await usher.open({ state: "disconnected-unrevoked" });
  await expect(usher.notice).toContainText("Usher keeps trying to end it there until 27 November.");
  await usher.button("Try again").click();
  await expect(usher.notice).toContainText("OpenAI has ended the sign-in for ada@example.com");
  await usher.open({ state: "disconnected-unrevoked" });
  await usher.button("Stop trying").click();
  await expect(usher.notice).toBeHidden();
  await expect.poll(() => usher.calls()).toContain("forget_revocation pending-1");
});

test("a failed Disconnect keeps the dialog open and shows why", async ({ usher }) => {
  await usher.open({ state: "signed-in" });
  await usher.page.evaluate(() =>
    window.fake?.nextFailures.set("disconnect", { code: "store_unavailable", cause: "", retry_at: null }),
  );
  await usher.confirmDisconnect();
  await expect(usher.dialog).toContainText("Could not disconnect. Usher cannot open its secret storage.");
  await usher.dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(usher.dialog).toBeHidden();
  await expect(usher.disconnect).toBeFocused();
});

test("a locked keyring is unlocked with one button", async ({ usher }) => {
  await usher.open({ state: "keyring-locked-unknown" });
  await expect(usher.provider).toContainText("Keyring locked");
  await usher.button("Unlock keyring").click();
  await expect(usher.model).toContainText("GPT-6.2-Sol");
});

test("changes of another process are shown", async ({ usher }) => {
  await usher.open({ state: "test-passed" });
  await expect(usher.stage("answer")).toHaveAttribute("data-status", "passed");
  await usher.page.evaluate(() =>
    window.fake?.change((scenario) => {
      const selection = { model: "gpt-6.1-terra", effort: "high", small: null, tier: null, roles: {} };
      scenario.overview = { ...scenario.overview, selection };
    }),
  );
  await expect(usher.model).toContainText("GPT-6.1 Terra");
  await expect(usher.effort("High")).toBeChecked();
  // The results belonged to the other model.
  await expect(usher.stage("answer")).toBeHidden();
  await usher.page.evaluate(() =>
    window.fake?.change((scenario) => (scenario.overview = { ...scenario.overview, account: null })),
  );
  await expect(usher.title).toHaveText("Sign in to OpenAI once");
});

test("Learn more explains the sign-in, and its links open in the browser", async ({ usher }) => {
  await usher.open({ state: "signed-in" });
  await usher.page.getByTestId("learn-more").click();
  const text = usher.page.getByTestId("learn-more-text");
  await expect(text).toContainText("OpenAI has not approved this use by other programs.");
  await expect(text).toContainText("For CI, use an API key.");
  await expect(text).toContainText("Codex in the cloud needs a ChatGPT sign-in;");
  await shoot(usher.page, "learn-more-light");
  await expectNoSidewaysScroll(usher.page);
  await text.getByRole("button", { name: "Choosing a model" }).click();
  await text.getByRole("button", { name: "Your usage" }).click();
  await expect.poll(() => usher.opened()).toEqual(["model_guide", "usage"]);
  await usher.page.keyboard.press("Escape");
  await expect(text).toBeHidden();
  await expect(usher.page.getByTestId("learn-more")).toBeFocused();
});

/** The file of the other panels, which comes late: over a slow tunnel, or from a busy disk. */
test("what was chosen last is shown, also when panels are loaded late", async ({ usher, page }) => {
  let loaded = () => {};
  const isHeld = new Promise<void>((free) => (loaded = free));
  await page.route("**/assets/DeferredPanels*.js", async (route) => {
    await isHeld;
    await route.continue();
  });
  await usher.open({ state: "signed-in" });
  const asked = page.waitForRequest("**/assets/DeferredPanels*.js");
  await usher.item("go-gateway").click();
  await asked;
  await expect(usher.title).toHaveText("OpenAI");
  await usher.provider.click();
  loaded();
  // The page's own import of the same file has ended before this one.
  await page.evaluate(async (file) => void (await import(file)), (await asked).url());
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await expect(usher.title).toHaveText("OpenAI");
  await usher.item("go-activity").click();
  await expect(usher.title).toHaveText("Activity");
});

test("Learn more fades where it goes on below", async ({ usher, page }) => {
  await usher.open({ state: "signed-in" });
  await usher.item("learn-more").click();
  const text = usher.item("learn-more-text");
  for (const height of [440, 445, 450, 455]) {
    await page.setViewportSize({ width: 960, height });
    // The text is placed again with the next frame.
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    await expectSettled(page);
    const box = await text.boundingBox();
    if (!box) throw new Error("The text is not shown.");
    expect(await text.evaluate((element) => element.scrollHeight - element.clientHeight)).toBeGreaterThan(20);
    // Both halves of its last row of pixels are the ground alone, so they look the same.
    const half = (x: number) =>
      page.screenshot({ clip: { x, y: box.y + box.height - 3, width: box.width / 2 - 24, height: 1 } });
    expect((await half(box.x + 12)).equals(await half(box.x + box.width / 2))).toBe(true);
  }
});

test("troubleshooting at the test links to the page that helps", async ({ usher, page }) => {
  await usher.open({ state: "signed-in" });
  await page.getByText("Troubleshooting").click();
  const hints = page.getByTestId("troubleshooting");
  await expect(hints).toContainText("Wrong account or workspace?");
  await expect(hints).toContainText("clear the cookies of the sign-in page, or use a private window");
  await expect(hints).toContainText("Check that the last payment went through.");
  await shoot(page, "troubleshooting-light");
  await hints.getByRole("button", { name: "See plans" }).click();
  await expect.poll(() => usher.opened()).toEqual(["pricing"]);
});

test("a failed sign-in shows troubleshooting", async ({ usher }) => {
  await usher.open({ state: "waiting-no-plan" });
  await expect(usher.notice).toContainText("for example Plus, Pro or Business, or sign in with another");
  const hints = usher.page.getByTestId("troubleshooting");
  await usher.until(() => expect(hints.getByRole("listitem")).toHaveCount(3));
  await expect(hints).toContainText("Your browser may have blocked the window. Try another browser");
  await expect(hints).toContainText("Check that the last payment went through.");
  await expect(hints).toContainText("clear the cookies of the sign-in page, or use a private window");
  await hints.getByRole("button", { name: "See plans" }).click();
  await expect.poll(() => usher.opened()).toEqual(["pricing"]);
});

test("Refresh in the list of models keeps the list open", async ({ usher, page }) => {
  await usher.open({ state: "model-open" });
  await expect(usher.options).toHaveCount(6);
  const list = page.getByTestId("model-list");
  await expect(list).toContainText("Usher may need an update");
  await list.getByRole("button", { name: "Refresh models" }).click();
  await expect(usher.status).toHaveText("6 models.");
  await expect(usher.modelSearch).toBeFocused();
  await expect.poll(() => usher.calls()).toContain("models chatgpt true");
  // By keyboard, the button below the list is next.
  await page.keyboard.press("Tab");
  await expect(list).toBeHidden();
  await expect(usher.button("Refresh models")).toBeFocused();
});

test("the first paint is reported once", async ({ usher }) => {
  await usher.open({ state: "first-run" });
  await usher.wait(300);
  expect((await usher.calls()).filter((call) => call === "painted")).toHaveLength(1);
});

test("a background model is chosen, then the chosen model again", async ({ usher, page }) => {
  // With space below its button, the list does not cover the head.
  await usher.open({ state: "signed-in", width: 960, height: 900 });
  const small = page.locator("#small");
  await expect(small).toHaveAccessibleName("Background model Same model as above");
  await expect(small).toHaveAccessibleDescription("Used for small tasks, for example by Claude Code.");
  await small.click();
  await expect(usher.options).toHaveCount(7);
  await showTheme(page, "light");
  await expectAccessible(page);
  await showTheme(page, "dark");
  await expectAccessible(page);
  await usher.modelSearch.fill("5.6 luna");
  await usher.modelSearch.press("Enter");
  await expect(small).toBeFocused();
  await expect(small).toContainText("GPT-5.6-Luna");
  await expect(usher.model).toContainText("GPT-6.2-Sol");
  // Choosing another model keeps it.
  await usher.chooseModel("GPT-6.1 Terra");
  await expect(small).toContainText("GPT-5.6-Luna");
  await small.click();
  await usher.options.first().click();
  await expect(small).toContainText("Same model as above");
  expect((await usher.calls()).filter((call) => call.startsWith("choose"))).toEqual([
    "choose chatgpt null null small gpt-5.6-luna",
    "choose chatgpt gpt-6.1-terra null",
    "choose chatgpt null null small ",
  ]);
});

test("a background model that is no longer listed keeps its id, and a failed choice is not shown", async ({
  usher,
  page,
}) => {
  await usher.open({ state: "signed-in" });
  const small = page.locator("#small");
  await page.evaluate(() =>
    window.fake?.change((scenario) => {
      const selection = { ...scenario.overview.selection, small: "gpt-gone" };
      scenario.overview = { ...scenario.overview, selection };
    }),
  );
  await expect(small).toContainText("gpt-gone");
  await page.evaluate(() =>
    window.fake?.nextFailures.set("choose", { code: "model_unavailable", cause: "", retry_at: null }),
  );
  await small.click();
  await usher.options.nth(1).click();
  await expect(usher.notice).toBeVisible();
  await expect(small).toContainText("gpt-gone");
});

test("what a model can do is shown in the list of models, where it is known", async ({ usher, page }) => {
  await usher.open({ state: "signed-in" });
  await page.evaluate(() =>
    window.fake?.change((scenario) => {
      if (!("models" in scenario.models)) return;
      const last = scenario.models.models.at(-1);
      if (last) last.efforts = [{ id: "medium", description: "" }];
    }),
  );
  await usher.button("Refresh models").click();
  await usher.model.click();
  await expect(usher.options.first()).toContainText("Image input. Tools, several at once");
  await expect(usher.options.filter({ hasText: "GPT-5.6-Luna" })).toContainText("Medium effort only");
  await expect(page.getByText("Verbosity")).toBeHidden();
  await page.keyboard.press("Escape");
  await usher.chooseModel("GPT-5.6-Luna");
  await expect(page.getByTestId("row-effort")).toBeHidden();
});

test("the default window shows Test with its results, without scrolling", async ({ usher, page }) => {
  await usher.open({ state: "test-passed" });
  await usher.until(() => expect(usher.stage("answer")).toHaveAttribute("data-status", "passed"));
  await page.locator("#panel").evaluate((panel) => panel.scrollTo(0, 0));
  await expect(usher.title).toBeInViewport({ ratio: 1 });
  await expect(usher.stage("answer")).toBeInViewport({ ratio: 1 });
});

test("another panel begins at its top", async ({ usher, page }) => {
  await usher.open({ state: "gateway", height: 400, width: 960 });
  await usher.until(() => expect(usher.title).toHaveText("Gateway"));
  await page.locator("#panel").evaluate((panel) => panel.scrollTo(0, 200));
  await usher.item("go-preferences").click();
  await expect(usher.title).toHaveText("Preferences");
  expect(await page.locator("#panel").evaluate((panel) => panel.scrollTop)).toBe(0);
});

test("choosing another effort moves nothing", async ({ usher, page }) => {
  await usher.open({ state: "signed-in" });
  const labels = page.getByTestId("row-effort").locator("label");
  await expect(labels).toHaveCount(6);
  const boxes = () => labels.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().left));
  const before = await boxes();
  await labels.last().click();
  await expect(page.getByLabel("Ultra")).toBeChecked();
  expect(await boxes()).toEqual(before);
});
