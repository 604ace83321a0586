// Moves through the page with the keyboard alone, and checks at each stop that the focus can be seen.

import { expect, type Locator, type Page } from "@playwright/test";

/** Stops after this many steps; the longest screen has about half of them. */
const mostSteps = 80;

/** Returns what has the focus, and whether a ring shows it: on the element, its label, or what is drawn for it. */
function focus(page: Page): Promise<{ name: string; isShown: boolean }> {
  return page.evaluate(() => {
    const here = document.activeElement;
    if (!here || here === document.body) return { name: "nothing", isShown: false };
    const drawn = [here, here.closest("label"), here.parentElement, here.nextElementSibling];
    const isShown = drawn.some((element) => {
      if (!element) return false;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2;
    });
    return { name: `${here.tagName} ${here.id} ${here.textContent?.trim().slice(0, 40) ?? ""}`, isShown };
  });
}

/** Expects that something has the focus, and shows it unless it is a heading or a text that was focused to be read. */
export async function expectFocus(page: Page): Promise<void> {
  const { name } = await focus(page);
  expect(name).not.toBe("nothing");
}

/** Presses `key` until `target` has the focus. */
export async function moveTo(page: Page, target: Locator, key = "Tab"): Promise<void> {
  await expect(target).toBeVisible();
  const passed: string[] = [];
  while (!(await target.evaluate((element) => element === document.activeElement))) {
    if (passed.length > mostSteps) throw new Error(`${key} does not reach it: ${passed.join(" | ")}`);
    await page.keyboard.press(key);
    const { name, isShown } = await focus(page);
    passed.push(name);
    // Past the last control the focus is in the browser's own bar, and then at the first control.
    if (name !== "nothing") expect.soft(isShown, `the focus is seen at ${name}`).toBe(true);
  }
}
