// Where secrets are kept, and the passphrase that opens them, on the in-memory core.

import { expect, test } from "./support/fake";

test("secrets are moved behind a passphrase that is typed twice", async ({ usher, page }) => {
  await usher.open({ state: "secrets-file" });
  const row = page.getByTestId("row-secrets");
  await usher.until(() => expect(row).toContainText("with its key beside it"));
  await row.getByRole("button", { name: "Change…" }).click();
  const dialog = page.getByTestId("secrets-dialog");
  await expect(dialog.getByRole("radio", { name: "with its key beside it" })).toBeChecked();
  await expect(dialog).not.toContainText("4711");
  await dialog.getByRole("radio", { name: "opened with a passphrase" }).check();
  await expect(dialog).toContainText("The gateway of process 4711 will not have the passphrase");
  const [first, again] = [dialog.getByLabel("New passphrase"), dialog.getByLabel("The same again")];
  await first.fill("correct horse");
  await again.fill("correct house");
  await again.press("Enter");
  await expect(dialog).toContainText("The two passphrases differ.");
  await expect(again).toBeFocused();
  await again.fill("correct horse");
  await again.press("Enter");
  await expect(row).toContainText("opened with a passphrase");
  await expect(row).toContainText("Moved. Every sign-in, key and pass is still there.");
  await expect(usher.button("Change…")).toBeFocused();
  const calls = await page.evaluate(() => window.fake?.calls ?? []);
  expect(calls.filter((call) => call.startsWith("move_secrets"))).toEqual(["move_secrets passphrase (13)"]);
});

test("a key that stays in a locked keyring is named", async ({ usher, page }) => {
  await usher.open({ state: "secrets-left-over" });
  const row = page.getByTestId("row-secrets");
  await usher.until(() => expect(row).toContainText("The old key is still in the keyring"));
  await expect(row).toContainText("choose Change and the same place again");
});

test("a panel asks for the passphrase, and for another one after a wrong one", async ({ usher, page }) => {
  await usher.open({ state: "passphrase-needed" });
  await usher.until(() => expect(usher.alert).toContainText("Your passphrase is needed"));
  await usher.button("Enter passphrase").click();
  const field = page.getByLabel("Passphrase", { exact: true });
  await expect(field).toBeFocused();
  await field.fill("wrong");
  await field.press("Enter");
  await expect(page.getByTestId("passphrase-dialog")).toContainText("This is not the passphrase");
  await field.fill("correct horse");
  await field.press("Enter");
  await expect(page.getByTestId("passphrase-dialog")).toBeHidden();
  await expect(usher.button("Enter passphrase")).toBeHidden();
  await expect(usher.title).toBeFocused();
});
