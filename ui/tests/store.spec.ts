// What is wrong with the store is shown in the window, and repaired only after a yes.

import { expect, test } from "./support/fake";

test("a damaged store names its file, and is set aside only after a yes", async ({ usher, page }) => {
  await usher.open({ state: "store-damaged" });
  await expect(usher.notice).toContainText("The file with your sign-ins is damaged");
  await expect(usher.notice).toContainText("secrets.usher was changed or cut short");
  // Every way to sign in asks first.
  await usher.button("Sign in with OpenAI").click();
  const question = page.getByTestId("store-question");
  await expect(question).toContainText("secrets.usher under another name");
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(question).toBeHidden();
  const changing = async () => (await usher.calls()).filter((call) => /^(repair_store|sign_in)/.test(call));
  expect(await changing()).toEqual([]);

  await usher.button("Sign in with OpenAI").click();
  await question.getByRole("button", { name: "Start again" }).click();
  await expect(question).toBeHidden();
  await expect.poll(changing).toEqual(["repair_store set_aside", expect.stringMatching(/^sign_in browser/)]);
});

test("a key that does not fit is not called damage", async ({ usher, page }) => {
  await usher.open({ state: "store-other-key" });
  await expect(usher.notice).toContainText("The key does not fit the file with your sign-ins");
  await expect(usher.notice).toContainText("secrets.key is missing");
  await page.getByTestId("attention-next").click();
  await page.getByTestId("store-question").getByRole("button", { name: "Start again" }).click();
  await expect(usher.notice).toBeHidden();
  await expect.poll(() => usher.calls()).toContain("repair_store set_aside");
});

for (const [state, title, act, call] of [
  ["store-open", "Others on this computer can read or change", "Correct permissions", "make_private"],
  ["store-key-lost", "The key of the file with your sign-ins", "Write the key back", "write_key_back"],
  ["store-older", "An older copy of the file", "Accept the copy", "accept_older_copy"],
] as const) {
  test(`${state} is shown on every panel and repaired after a yes`, async ({ usher, page }) => {
    await usher.open({ state });
    await expect(usher.notice).toContainText(title);
    await usher.item("go-preferences").click();
    await expect(usher.notice).toContainText(title);
    await usher.button(act).click();
    const question = page.getByTestId("store-question");
    await question.getByRole("button", { name: act }).click();
    await expect(usher.notice).toBeHidden();
    await expect.poll(() => usher.calls()).toContain(`repair_store ${call}`);
  });
}
