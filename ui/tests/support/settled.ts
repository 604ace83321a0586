// Waits until animations have ended, for screenshots and colour checks.

import { expect, type Page } from "@playwright/test";

/**
 * Waits for finite animations to end; endless ones continue. Polls the running ones instead of waiting for
 * their promises, because a promise rejects when a newer animation replaces it.
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
 * Switches the theme and waits until the page has settled. The page applies it when it next draws, which
 * can take a while on a busy computer.
 */
export async function showTheme(page: Page, theme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme: theme });
  await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
  await expectSettled(page);
}
