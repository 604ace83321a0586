// The licences of what others wrote, on the in-memory core.

import { expect, test } from "./support/fake";

test("licences are searched and read one by one", async ({ usher, page }) => {
  await usher.open({ state: "preferences" });
  await usher.until(() => expect(usher.button("Licences")).toBeVisible());
  await usher.button("Licences").click();
  const dialog = page.getByTestId("licences");
  const list = dialog.getByRole("listitem");
  await expect(list).toHaveCount(3);
  await dialog.getByLabel("Search by name or licence").fill("apache");
  await expect(list).toHaveText([/serde 1\.0\.228\s*MIT OR Apache-2\.0/]);
  await expect(dialog).not.toContainText("Permission is hereby granted");
  await list.locator("summary").click();
  await expect(list).toContainText("Permission is hereby granted");
  await dialog.getByLabel("Search by name or licence").fill("none of them");
  await expect(dialog).toContainText("No package matches.");
  await page.keyboard.press("Escape");
  await expect(usher.button("Licences")).toBeFocused();
});
