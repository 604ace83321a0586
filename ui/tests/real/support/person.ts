// The person at their own browser: opens the sandbox's pages beside Usher's.

import type { BrowserContext, Page } from "@playwright/test";

export class Person {
  constructor(readonly context: BrowserContext) {}

  /** Opens what Usher wanted opened, picks an account, and decides; stays at the page where that led. */
  async decide(url: string, decision: "Allow" | "Deny", account = "Ada Plus"): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(url);
    await page.getByRole("button", { name: account }).click();
    await page.getByRole("button", { name: decision, exact: true }).click();
    return page;
  }

  /** Enters a code, then signs in and allows. */
  async enter(url: string, code: string, account = "Ada Plus"): Promise<void> {
    const page = await this.context.newPage();
    await page.goto(url);
    await page.getByRole("textbox", { name: "Code" }).fill(code);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: account }).click();
    await page.getByRole("button", { name: "Allow", exact: true }).click();
  }

  /** Allows where nobody listens for the answer; the address is what stands in the browser's bar then. */
  async stuck(url: string, account = "Ada Plus"): Promise<string> {
    const page = await this.context.newPage();
    await page.goto(url);
    await page.getByRole("button", { name: account }).click();
    const answer = page.waitForRequest(/\/auth\/callback\?/);
    await page.getByRole("button", { name: "Allow", exact: true }).click();
    return (await answer).url();
  }
}
