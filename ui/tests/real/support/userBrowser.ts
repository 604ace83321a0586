// The user in their own browser, on the sandbox's pages.

import type { BrowserContext, Page } from "@playwright/test";

/** Buttons of OpenAI's pages; those of the sign-in with plan usage give two permissions. */
export type Decision = "Allow" | "Deny" | "Sign in only" | "Sign in and use my plan";

export class UserBrowser {
  constructor(readonly context: BrowserContext) {}

  /** Opens the sign-in page, picks an account unless the page knows it, and decides; stays on the last page. */
  async decide(url: string, decision: Decision, account: string | null = "Ada Plus"): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(url);
    if (account !== null) await page.getByRole("button", { name: account }).click();
    await page.getByRole("button", { name: decision, exact: true }).click();
    return page;
  }

  /** Enters a device code, signs in and allows. */
  async enter(url: string, code: string, account = "Ada Plus"): Promise<void> {
    const page = await this.context.newPage();
    await page.goto(url);
    await page.getByRole("textbox", { name: "Code" }).fill(code);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: account }).click();
    await page.getByRole("button", { name: "Allow", exact: true }).click();
  }

  /** Allows without a listening port; returns the address in the browser's address bar. */
  async stuck(url: string, account = "Ada Plus"): Promise<string> {
    const page = await this.context.newPage();
    await page.goto(url);
    await page.getByRole("button", { name: account }).click();
    const callback = page.waitForRequest(/\/auth\/callback\?/);
    await page.getByRole("button", { name: "Allow", exact: true }).click();
    return (await callback).url();
  }
}
