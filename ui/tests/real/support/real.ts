// Each test gets a sandbox, a home, a core behind the bridge, the page on it, the command line and a
// second browser for the user. It ends with the checks that apply to every test.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { test as base, expect, type Page, type Request } from "@playwright/test";

import { expectAccessible, expectContrast } from "../../support/axe";
import { showTheme } from "../../support/settled";
import { UsherPage } from "../../support/usher";
import { UserBrowser } from "./userBrowser";
import { program, Speaker, surroundings } from "./processes";
import { Sandbox } from "./sandbox";

export interface BridgeLine {
  event: string;
  port: number;
  token: string;
  /** A page that the core opens in the user's browser. */
  url: string;
}

/** The first line of `usher serve`. */
interface Listening {
  event: string;
  address: string;
}

/** The lines of `usher settings`. */
export interface SettingsLine {
  event: string;
  address: string;
  link: string;
  reason: string;
}

export interface Finished {
  code: number;
  document: { [field: string]: unknown };
}

export class RealPage extends UsherPage {
  #running: { bridge: Speaker<BridgeLine>; port: number; token: string } | null = null;
  readonly #pending = new Set<Request>();
  readonly #serving: { end: () => Promise<void> }[] = [];

  constructor(
    page: Page,
    readonly sandbox: Sandbox,
    readonly home: string,
  ) {
    super(page);
    page.on("request", (one) => one.url().includes("/call/") && this.#pending.add(one));
    page.on("requestfinished", (one) => this.#pending.delete(one));
    page.on("requestfailed", (one) => this.#pending.delete(one));
  }

  #environment(own: Record<string, string> = {}): NodeJS.ProcessEnv {
    return surroundings({
      ...this.sandbox.environment,
      // Also the home of other programs' sign-ins.
      HOME: this.home,
      USHER_HOME: this.home,
      USHER_SECRETS: "file",
      ...own,
    });
  }

  /** Starts or restarts the core on the same home. */
  async start(own: Record<string, string> = {}): Promise<void> {
    await this.end();
    const bridge = new Speaker<BridgeLine>(program("USHER_BRIDGE_BIN"), [], this.#environment(own));
    const { port, token } = await bridge.next("listening");
    this.#running = { bridge, port, token };
  }

  async end(): Promise<void> {
    for (const one of this.#serving) await one.end();
    await this.#running?.bridge.end();
  }

  get #core() {
    if (!this.#running) throw new Error("the core was not started");
    return this.#running;
  }

  /** Opens the page on the core. */
  async open(): Promise<void> {
    const { port, token } = this.#core;
    await this.page.goto(`/?bridge=/bridge/${port}#token=${token}`);
    await expect(this.title).toBeVisible();
  }

  /** Returns the next address that the core opens. */
  async opened(): Promise<string> {
    const { url } = await this.#core.bridge.next("opened");
    // A sign-in starts the browser with a page that sends it on, once.
    if (!/^http:\/\/127\.0\.0\.1:\d+\/start\//.test(url)) return url;
    return (await fetch(url, { redirect: "manual" })).headers.get("location") ?? "";
  }

  /** Returns the number of unread opened pages. */
  openedMore(): number {
    return this.#core.bridge.left("opened");
  }

  /** Calls the core directly. */
  #request(command: string, body: unknown): Promise<Response> {
    const { port, token } = this.#core;
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return fetch(`http://127.0.0.1:${port}${command}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
  }

  /** Answers the question about another account that signed in; returns the code of a failure. */
  async answerOtherAccount(choice: "add" | "decline"): Promise<string | null> {
    const answered = await this.#request("/call/answer_other_account", { choice });
    return answered.ok ? null : ((await answered.json()) as { code: string }).code;
  }

  async overview(): Promise<{ expires_at: number }> {
    return (await this.#request("/call/overview", {})).json() as Promise<{ expires_at: number }>;
  }

  /** Signs in directly by pasting, without a port, then opens the page. */
  async openSignedIn(account = "ada"): Promise<void> {
    const way = { route: "codex_client", method: "paste", purpose: { kind: "any" } };
    const attempt = await this.#request("/stream/sign_in", way);
    const events = attempt.body?.pipeThrough(new TextDecoderStream()).getReader();
    // A piece of the stream may hold a part of a line, or several lines.
    let text = "";
    while (!text.includes("\n")) {
      const piece = await events?.read();
      if (piece?.value === undefined) throw new Error(`the sign-in ended after: ${text}`);
      text += piece.value;
    }
    const first = JSON.parse(text.slice(0, text.indexOf("\n"))) as { event: { url: string } };
    const url = await this.sandbox.approve(first.event.url, account);
    const pasted = await this.#request("/call/paste_redirect", { url });
    expect(pasted.ok, await pasted.text()).toBe(true);
    while ((await events?.read())?.done === false);
    await this.open();
    await expect(this.disconnect).toBeVisible();
  }

  /** Runs the command line on the same home. */
  run(...words: string[]): Promise<Finished> {
    return new Promise((resolve, reject) => {
      execFile(program("USHER_BIN"), [...words, "--json"], { env: this.#environment() }, (error, stdout) => {
        if (error && typeof error.code !== "number") return reject(error);
        resolve({ code: Number(error?.code ?? 0), document: JSON.parse(stdout) as Finished["document"] });
      });
    });
  }

  /** Returns what the command line prints for people and tools. */
  printed(...words: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      execFile(program("USHER_BIN"), words, { env: this.#environment() }, (error, stdout) => {
        if (error) reject(error);
        else resolve(stdout.trim());
      });
    });
  }

  /** Runs the command line with a line of input, such as a key. */
  async feed(input: string, ...words: string[]): Promise<void> {
    const running = execFile(program("USHER_BIN"), [...words, "--json"], { env: this.#environment() });
    running.stdin?.end(`${input}\n`);
    const [code] = (await once(running, "close")) as [number];
    expect(code).toBe(0);
  }

  /** Runs `usher serve` on any port until the end of the test. */
  serve(): Speaker<Listening> {
    const words = ["serve", "--port", "0", "--json"];
    const serving = new Speaker<Listening>(program("USHER_BIN"), words, this.#environment());
    this.#serving.push(serving);
    return serving;
  }

  /** Runs `usher settings`, which opens no browser, until the end of the test. */
  settings(...words: string[]): Speaker<SettingsLine> {
    const all = ["settings", "--no-browser", "--json", ...words];
    const serving = new Speaker<SettingsLine>(program("USHER_BIN"), all, this.#environment());
    this.#serving.push(serving);
    return serving;
  }

  /** Runs an action and waits for the response of its `command`, because the page shows some changes earlier. */
  async waitForResponse(command: string, act: () => Promise<void>): Promise<void> {
    const response = this.page.waitForResponse(`**/call/${command}`);
    await act();
    await response;
  }

  override async chooseModel(name: string): Promise<void> {
    await this.waitForResponse("choose", () => super.chooseModel(name));
  }

  get accountRow() {
    return this.page.getByTestId("row-account");
  }
  get modelRow() {
    return this.page.getByTestId("row-model");
  }
  get usageRow() {
    return this.page.getByTestId("row-usage");
  }
  get testRow() {
    return this.page.getByTestId("row-test");
  }
  get refreshModels() {
    return this.button("Refresh models");
  }

  /** Checks the accessibility rules in both themes, for states that the in-memory core does not have. */
  async expectAccessibleInBothThemes(): Promise<void> {
    // Pending responses would change the page while the colours are checked.
    await expect.poll(() => this.#pending.size).toBe(0);
    await expectAccessible(this.page);
    await showTheme(this.page, "dark");
    // The themes differ in nothing but colours.
    await expectContrast(this.page);
    await showTheme(this.page, "light");
  }
}

export const test = base.extend<{ sandbox: Sandbox; usher: RealPage; userBrowser: UserBrowser }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names from the pattern
  sandbox: async ({}, use) => {
    const sandbox = await Sandbox.start();
    await use(sandbox);
    await sandbox.end();
  },
  usher: async ({ page, sandbox }, use) => {
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => {
      // The bridge responds to a failure with an HTTP error status, which Chromium logs.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        errors.push(message.text());
      }
    });
    const home = await mkdtemp(path.join(tmpdir(), "usher-real-"));
    const usher = new RealPage(page, sandbox, home);
    await usher.start();
    await use(usher);
    expect(errors).toEqual([]);
    await usher.expectPolicyKept();
    await usher.end();
    await rm(home, { recursive: true, force: true });
  },
  userBrowser: async ({ browser }, use) => {
    const context = await browser.newContext();
    await use(new UserBrowser(context));
    await context.close();
  },
});

export { expect };
