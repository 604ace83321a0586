// Page object: controls and texts of the page. Works on any core; what only the in-memory core can do
// is in fake.ts.

import { expect, type Locator, type Page } from "@playwright/test";

export class UsherPage {
  constructor(readonly page: Page) {}

  get title(): Locator {
    return this.page.locator("#t-panel");
  }
  get status(): Locator {
    return this.#live("status");
  }
  get alert(): Locator {
    return this.#live("alert");
  }
  /** The region that is heard: everything outside an open dialog is inert. */
  #live(role: string): Locator {
    return this.page.locator(`dialog > [role=${role}], body:not(:has(dialog)) > [role=${role}]`);
  }
  get provider(): Locator {
    return this.page.getByTestId("provider-chatgpt");
  }
  /** Any item of the sidebar: `provider-openai`, `go-add`, `go-preferences`. */
  item(testid: string): Locator {
    return this.page.getByTestId(testid);
  }
  get notice(): Locator {
    return this.page.locator(".notice");
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name, exact: typeof name === "string" });
  }

  // First run and sign-in.
  get signIn(): Locator {
    return this.page.getByTestId("sign-in");
  }
  get cancel(): Locator {
    return this.button("Cancel");
  }
  get userCode(): Locator {
    return this.page.getByTestId("user-code");
  }
  get timer(): Locator {
    return this.page.getByRole("timer");
  }
  get pasteField(): Locator {
    return this.page.locator("#paste");
  }

  /** The address that Copy link puts on the clipboard. */
  async copiedLink(): Promise<string> {
    await this.button("Copy link").click();
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  /** Chooses a service in the form of a new endpoint. */
  async chooseService(name: string): Promise<void> {
    await this.page.locator("#service").click();
    await this.page.getByTestId("service-list").getByRole("option", { name }).click();
  }

  // Signed in.
  get enabled(): Locator {
    return this.page.getByRole("switch", { name: "Enabled" });
  }
  get model(): Locator {
    return this.page.locator("#model");
  }
  get modelSearch(): Locator {
    return this.page.getByRole("combobox", { name: "Search models" });
  }
  get options(): Locator {
    return this.page.getByRole("option");
  }
  get activeOption(): Locator {
    return this.page.locator(".option.active");
  }
  effort(name: string): Locator {
    return this.page.getByRole("radio", { name, exact: true });
  }
  get meters(): Locator {
    return this.page.getByRole("meter");
  }
  get key(): Locator {
    return this.page.locator("#api-key");
  }
  /** Sign-ins of other programs. */
  get externalSignIns(): Locator {
    return this.page.getByRole("list", { name: "Sign-ins on this computer" }).getByRole("listitem");
  }
  /** Every place that holds a sign-in. */
  get copies(): Locator {
    return this.page.getByTestId("screen-sign-in-copies").locator(".list > li");
  }
  get accounts(): Locator {
    return this.page.locator("[data-account]");
  }
  /** Rows of the gateway's two tables. */
  get passes(): Locator {
    return this.page.getByTestId("passes").locator("tbody tr");
  }
  get requests(): Locator {
    return this.page.getByTestId("requests").locator("tbody tr[data-status]");
  }
  /** The tools of this computer. */
  get tools(): Locator {
    return this.page.locator("[data-tool]");
  }
  tool(id: string): Locator {
    return this.page.locator(`[data-tool="${id}"]`);
  }
  get gateway(): Locator {
    return this.page.getByRole("switch", { name: "Gateway" });
  }
  get test(): Locator {
    return this.page.getByTestId("test");
  }
  stage(name: "credential" | "token" | "models" | "answer"): Locator {
    return this.page.getByTestId(`stage-${name}`);
  }
  get disconnect(): Locator {
    return this.page.locator("#disconnect");
  }
  get dialog(): Locator {
    return this.page.getByRole("dialog", { name: /^(Disconnect|Forget)/ });
  }

  async chooseModel(name: string): Promise<void> {
    await this.model.click();
    await this.modelSearch.fill(name);
    await this.modelSearch.press("Enter");
    await expect(this.model).toContainText(name);
  }

  async confirmDisconnect(): Promise<void> {
    await this.disconnect.click();
    await this.dialog.getByRole("button", { name: "Disconnect", exact: true }).click();
  }

  /** Expects no violation of the content policy. */
  async expectPolicyKept(): Promise<void> {
    expect(await this.page.evaluate(() => window.__cspViolations)).toEqual([]);
  }
}
