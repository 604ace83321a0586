// Opens the page on the in-memory core at a fixed time, and ends each test with the checks that apply to every test.

import { test as base, expect, type Page } from "@playwright/test";

import type { AccountView } from "../../src/ipc/bindings";
import { UsherPage } from "./usher";

/** A Thursday, 16:28 in London; "Monday 24 November" is the next one. */
export const thursday = new Date("2025-11-20T16:28:00Z");

export interface Opened {
  state: string;
  theme?: "light" | "dark";
  width?: number;
  height?: number;
  /** Of the page; English without it. */
  language?: string;
}

export class FakePage extends UsherPage {
  async open({ state, theme = "light", width, height, language }: Opened): Promise<void> {
    await this.page.emulateMedia({ colorScheme: theme });
    if (width && height) await this.page.setViewportSize({ width, height });
    await this.page.clock.install({ time: thursday });
    await this.page.goto(`${language ? `/${language}/index.html` : "/"}?state=${state}`);
    await expect(this.title).toBeVisible();
  }

  /** Advances the page's clock. */
  async wait(ms: number): Promise<void> {
    await this.page.clock.runFor(ms);
  }

  /** Advances the page's clock until the expectation is met. */
  async until(expectation: () => Promise<void>): Promise<void> {
    const ticking = { on: true };
    const ticks = (async () => {
      while (ticking.on) await this.wait(50).then(() => this.page.waitForTimeout(20));
    })();
    try {
      await expectation();
    } finally {
      ticking.on = false;
      await ticks;
    }
  }

  calls(): Promise<string[]> {
    return this.page.evaluate(() => window.fake?.calls ?? []);
  }
  opened(): Promise<string[]> {
    return this.page.evaluate(() => window.fake?.opened ?? []);
  }
  /** Allows the sign-in that is under way. */
  async allow(): Promise<void> {
    await this.#signingIn();
    await this.page.evaluate(() => window.fake?.allow());
  }
  /** Allows it as another account. */
  async allowAs(account: AccountView): Promise<void> {
    await this.#signingIn();
    await this.page.evaluate((other) => window.fake?.allowAs(other), account);
  }

  /** Waits until a sign-in was begun: its screen is loaded after the button was pressed. */
  async #signingIn(): Promise<void> {
    const begun = async () => (await this.calls()).some((call) => call.startsWith("sign_in "));
    await expect.poll(begun).toBe(true);
  }
}

export const test = base.extend<{ usher: FakePage }>({
  usher: async ({ page }, use) => {
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
    });
    const usher = new FakePage(page);
    await use(usher);
    expect(errors).toEqual([]);
    await usher.expectPolicyKept();
  },
});

export { expect, type Page };
