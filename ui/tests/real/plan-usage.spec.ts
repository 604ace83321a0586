// OpenAI's sign-in for local apps, "Continue with ChatGPT", on the real core against the sandbox.

import { expect, test } from "./support/real";

test("plan use is allowed at the second attempt, reaches a limit, and ends", async ({
  usher,
  sandbox,
  userBrowser,
  page,
}) => {
  const answer = usher.stage("answer");
  await usher.open();
  await usher.button("Continue with ChatGPT").click();
  await userBrowser.decide(await usher.opened(), "Sign in only");
  await expect(usher.notice).toContainText("Usher may not use your ChatGPT plan");
  await expect(usher.provider).toContainText("Needs attention");
  expect((await sandbox.counts())["plan.models"] ?? 0).toBe(0);

  await usher.button("Allow plan use").click();
  await userBrowser.decide(await usher.opened(), "Sign in and use my plan", null);
  const welcome = page.getByRole("dialog", { name: "You’re using your ChatGPT plan" });
  await welcome.getByRole("button", { name: "Got it" }).click();
  await expect(page.getByTestId("row-plan-use")).toContainText("Using ChatGPT plan");
  await expect(usher.accountRow).toContainText("ada@example.com");
  await usher.open();
  await expect(page.getByTestId("row-plan-use")).toBeVisible();
  await expect(welcome).toBeHidden();
  await usher.test.click();
  await expect(answer).toHaveAttribute("data-status", "passed");

  await sandbox.set({ plan_usage: { limit_reached: { ada: "before_stream" } } });
  await usher.test.click();
  await expect(usher.notice).toContainText("Usage limit reached");
  await usher.notice.getByRole("button", { name: "Manage usage" }).click();
  expect(await usher.opened()).toBe("https://chatgpt.com/settings/usage");
  // The mark stays until the next request gets through.
  await usher.open();
  await expect(usher.notice).toContainText("Usage limit reached");
  await sandbox.set({ plan_usage: { limit_reached: {} } });
  await usher.test.click();
  await expect(answer).toHaveAttribute("data-status", "passed");
  await expect(usher.notice).toBeHidden();

  await usher.confirmDisconnect();
  await expect(usher.notice.first()).toContainText("OpenAI has ended the sign-in for ada@example.com");
  await expect(usher.notice.last()).toContainText("Usher stays listed in ChatGPT’s settings");
});
