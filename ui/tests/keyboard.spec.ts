// Keyboard only: tab order, arrow keys, Esc, and focus after each action.

import { expect, test } from "./support/fake";
import { shoot } from "./support/shoot";

test("Tab goes skip link, sidebar, head with the switch last, then the rows", async ({ usher, page }) => {
  await usher.open({ state: "signed-in" });
  await expect(usher.meters).toHaveCount(2);
  const stops: string[] = [];
  for (let i = 0; i < 11; i += 1) {
    await page.keyboard.press("Tab");
    stops.push(
      await page.evaluate(() => {
        const here = document.activeElement as HTMLInputElement;
        return (
          here.id ||
          here.dataset["testid"] ||
          (here.type === "checkbox" ? "enabled" : here.value) ||
          here.innerText
        );
      }),
    );
  }
  expect(stops).toEqual([
    "Skip to the panel",
    "provider-chatgpt",
    "learn-more",
    "enabled",
    "accounts",
    "disconnect",
    "model",
    "Refresh models",
    "low",
    "small",
    "test",
  ]);
});

test("the skip link leads to the panel", async ({ usher, page }) => {
  await usher.open({ state: "signed-in" });
  await page.keyboard.press("Tab");
  await expect(page.getByText("Skip to the panel")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("#panel")).toBeFocused();
});

test("the complete sign-in by keyboard", async ({ usher, page }) => {
  await usher.open({ state: "first-run" });
  await expect(usher.signIn).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(usher.button("Open the page again")).toBeFocused();
  // Esc never cancels a sign-in.
  await page.keyboard.press("Escape");
  await expect(usher.timer).toBeVisible();
  await usher.allow();
  await expect(usher.title).toBeFocused();
  await expect(usher.title).toHaveText("OpenAI");
});

test("a failure has the focus on its one button", async ({ usher, page }) => {
  await usher.open({ state: "waiting-denied" });
  await expect(usher.button("Sign in again")).toBeFocused();
  await usher.open({ state: "code-disabled" });
  await expect(usher.button("Use the browser instead")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(usher.button(/^Paste the redirect address/)).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(usher.button("Back")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(usher.signIn).toBeFocused();
});

test("the model list: arrows, Home, End, pages, search, Esc twice, Enter", async ({ usher, page }) => {
  await usher.open({ state: "signed-in" });
  await usher.model.focus();
  await page.keyboard.press("Enter");
  await expect(usher.modelSearch).toBeFocused();
  const active = () => usher.activeOption.locator(".option-name").innerText();
  expect(await active()).toBe("GPT-6.2-Sol");
  await page.keyboard.press("ArrowDown");
  expect(await active()).toBe("GPT-6.2-Astra");
  await expect(usher.modelSearch).toHaveAttribute("aria-activedescendant", "model-1");
  await page.keyboard.press("End");
  expect(await active()).toBe("GPT-5.6-Luna");
  await page.keyboard.press("Home");
  await page.keyboard.press("PageDown");
  expect(await active()).toBe("GPT-5.6-Luna");
  await page.keyboard.press("PageUp");
  expect(await active()).toBe("GPT-6.2-Sol");
  await page.keyboard.type("luna");
  await expect(usher.options).toHaveCount(2);
  await shoot(page, "model-search-light");
  await page.keyboard.press("Escape");
  await expect(usher.options).toHaveCount(6);
  await page.keyboard.press("Escape");
  await expect(usher.options).toHaveCount(0);
  await expect(usher.model).toBeFocused();
  // Typing on the closed button opens the list and starts the search.
  await page.keyboard.press("l");
  await expect(usher.modelSearch).toHaveValue("l");
  await page.keyboard.type("una");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(usher.model).toBeFocused();
  await expect(usher.model).toContainText("GPT-5.6-Luna");
});

test("Tab in the model list chooses nothing and closes", async ({ usher, page }) => {
  await usher.open({ state: "signed-in" });
  await usher.model.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  await expect(usher.options).toHaveCount(0);
  await expect(usher.button("Refresh models")).toBeFocused();
  await expect(usher.model).toContainText("GPT-6.2-Sol");
});

test("the dialog focuses Cancel, Esc cancels, and Enter elsewhere never presses the red button", async ({
  usher,
  page,
}) => {
  await usher.open({ state: "signed-in" });
  await usher.disconnect.focus();
  await page.keyboard.press("Enter");
  await expect(usher.dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  // Modal: the focus stays inside.
  expect(
    await page.evaluate(() => document.querySelector("dialog")?.contains(document.activeElement) ?? false),
  ).toBe(await page.evaluate(() => document.activeElement !== document.body));
  await page.keyboard.press("Escape");
  await expect(usher.dialog).toBeHidden();
  await expect(usher.disconnect).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.locator("#disconnected")).toBeFocused();
});

test("shortcuts", async ({ usher, page }) => {
  await usher.open({ state: "signed-in" });
  await expect(usher.model).toBeVisible();
  await page.keyboard.press("Control+,");
  await expect(usher.title).toHaveText("Preferences");
  await expect(usher.title).toBeFocused();
  await page.keyboard.press("Control+1");
  await expect(usher.title).toHaveText("OpenAI");
  await expect(usher.title).toBeFocused();
  await page.keyboard.press("Control+f");
  await expect(usher.modelSearch).toBeFocused();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+t");
  await expect(usher.test).toBeFocused();
  await expect(usher.stage("credential")).toBeVisible();
});

test("the rail: arrows, letters, its names, and the drawer", async ({ usher, page }) => {
  await usher.open({ state: "signed-in", width: 720, height: 520 });
  await usher.provider.focus();
  await page.keyboard.press("ArrowUp");
  await expect(usher.button("Show sidebar")).toBeFocused();
  await page.keyboard.press("End");
  await expect(usher.item("go-preferences")).toBeFocused();
  await page.keyboard.press("s");
  await expect(usher.button("Show sidebar")).toBeFocused();
  await page.keyboard.press("o");
  await expect(usher.provider).toBeFocused();

  const name = usher.provider.locator(".side-text");
  const shown = async () => ((await name.boundingBox())?.width ?? 0) > 20;
  expect(await shown()).toBe(true);
  await shoot(page, "narrow-tip");
  await page.keyboard.press("Escape");
  expect(await shown()).toBe(false);

  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await expect(usher.button("Hide sidebar")).toBeFocused();
  await shoot(page, "narrow-menu-light");
  await expect(page.locator("#panel")).toHaveAttribute("inert");
  await page.keyboard.press("Escape");
  await expect(usher.button("Show sidebar")).toBeVisible();
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(usher.title).toBeFocused();
  await expect(usher.button("Show sidebar")).toBeVisible();
});

test("the focus ring is shown for the keyboard, not for the pointer", async ({ usher, page }) => {
  await usher.open({ state: "signed-in" });
  const ring = () => usher.test.evaluate((element) => getComputedStyle(element).outlineStyle);
  await usher.test.click();
  expect(await ring()).toBe("none");
  await usher.model.focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(usher.test).toBeFocused();
  expect(await ring()).toBe("solid");
  await shoot(page, "focus-light");
});

test("Preferences stays at the bottom, last in the order, also in a small window", async ({
  usher,
  page,
}) => {
  await usher.open({ state: "providers" });
  const preferences = usher.item("go-preferences");
  const bottom = async () => {
    const [side, item] = [await page.locator(".sidebar").boundingBox(), await preferences.boundingBox()];
    return (side?.y ?? 0) + (side?.height ?? 0) - (item?.y ?? 0) - (item?.height ?? 0);
  };
  expect(await bottom()).toBeLessThan(16);
  await page.setViewportSize({ width: 960, height: 260 });
  expect(await bottom()).toBeLessThan(16);
  await page.setViewportSize({ width: 720, height: 520 });
  expect(await bottom()).toBeLessThan(16);
  await usher.provider.focus();
  await page.keyboard.press("End");
  await expect(preferences).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await expect(usher.item("go-activity")).toBeFocused();
});
