// Waits until the page stands still, for pictures and for rules that look at colours.

import { expect, type Page } from "@playwright/test";

/**
 * What appears has appeared and colours have changed; what turns goes on turning. Counts what still runs
 * and waits for none: the promise of a single animation is refused when a newer one takes its place.
 */
export async function expectSettled(page: Page): Promise<void> {
  await expect
    .poll(() =>
      page.evaluate(
        () =>
          document
            .getAnimations()
            .filter((one) => one.effect?.getTiming().iterations !== Infinity && one.playState === "running")
            .length,
      ),
    )
    .toBe(0);
}

/**
 * Shows the page in a theme, and standing still in it. The page hears of the theme when it next draws, which
 * on a busy computer is some time after the browser was told.
 */
export async function showTheme(page: Page, theme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme: theme });
  await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
  await expectSettled(page);
}
