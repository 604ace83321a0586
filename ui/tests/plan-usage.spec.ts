// OpenAI's sign-in for local apps, "Continue with ChatGPT", from end to end on the in-memory core.

import { expect, test } from "./support/fake";

test("sign in, see whose plan pays, manage it, disconnect", async ({ usher, page }) => {
  await usher.open({ state: "first-run" });
  const both = [usher.signIn, usher.button("Continue with ChatGPT")];
  const [first, second] = await Promise.all(both.map((button) => button.boundingBox()));
  expect(second).toMatchObject({ width: first?.width, height: first?.height, y: first?.y });
  await usher.button("Learn more").click();
  await expect(page.getByTestId("learn-more-text")).toContainText("has not reviewed or endorsed Usher");
  await page.keyboard.press("Escape");

  await usher.signIn.focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(usher.title).toHaveText("Continue with ChatGPT");
  await expect(page.getByText("There is no code for this sign-in.")).toBeVisible();
  await expect(usher.button("Use a code instead")).toBeHidden();
  await expect(page.getByTestId("troubleshooting")).toBeHidden();
  await usher.button("Start over").click();
  await usher.button("Paste the redirect address").click();
  await usher.pasteField.fill("http://127.0.0.1:49152/auth/callback?code=a&state=b&client_id=oaiapp_1");
  await usher.pasteField.press("Enter");

  const welcome = page.getByRole("dialog", { name: "You’re using your ChatGPT plan" });
  await expect(welcome.getByRole("button", { name: "Got it" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(usher.title).toBeFocused();
  await expect.poll(() => usher.calls()).toContain("welcome_seen user-ada:oaiapp_1");
  // Not in this window again, even if the core could not note it.
  await page.evaluate(() => window.fake?.change(({ overview }) => (overview.plan_use_welcome = true)));
  await expect(welcome).toBeHidden();

  await expect(page.getByTestId("row-plan-use")).toContainText("Using ChatGPT plan");
  await expect(page.getByTestId("row-no-tools")).toContainText("They can’t use this sign-in.");
  await expect(usher.meters).toHaveCount(0);
  expect(await usher.calls()).not.toContain("usage");
  await usher.button("Manage usage").click();
  await usher.confirmDisconnect();
  await usher.button("Open ChatGPT’s settings").click();
  await expect.poll(() => usher.opened()).toEqual(["manage_usage", "security"]);
  const signIns = (await usher.calls()).filter((call) => /sign_in /.test(call));
  expect(signIns).toEqual(["sign_in browser plan_usage", "sign_in browser plan_usage"]);
});

test("without the use of the plan there are two ways on, and at a limit there is the page for it", async ({
  usher,
}) => {
  await usher.open({ state: "plan-usage-not-allowed" });
  await usher.button("Allow plan use").click();
  await expect(usher.title).toHaveText("Continue with ChatGPT");
  await usher.cancel.click();
  await usher.button("Pay another way").click();
  await expect(usher.title).toHaveText("Add a provider");
  await usher.button(/^Continue with ChatGPT/).click();
  await expect.poll(() => usher.calls()).toContain("sign_in browser add plan_usage");
  expect(await usher.calls()).toContain("sign_in browser allow_plan_use plan_usage");

  await usher.open({ state: "plan-usage-limit" });
  await expect(usher.provider).toContainText("Limit reached");
  await expect(usher.notice).not.toContainText(/\d/);
  await expect(usher.notice.getByRole("button")).toHaveText(["Manage usage"]);
});
