// Pictures for people to look at: taken with SHOTS=1 only, because they take a sixth of the time of all tests.

import type { Page } from "@playwright/test";

/** Stores a screenshot as test-results/shots/NAME.png. */
export async function shoot(page: Page, name: string): Promise<void> {
  if (process.env["SHOTS"] !== "1") return;
  await page.screenshot({ path: `test-results/shots/${name}.png`, animations: "disabled" });
}
