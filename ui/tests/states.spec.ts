// Every scenario in both themes and in small windows: the accessibility rules pass, and nothing scrolls sideways.
// With SHOTS=1, screenshots are stored in test-results/shots, for people to look at.

import { scenarios } from "../src/ipc/fake/scenarios";
import { expectAccessible, expectContrast } from "./support/axe";
import { expect, test, type FakePage } from "./support/fake";
import { expectNoSidewaysScroll } from "./support/layout";
import { expectSettled, showTheme } from "./support/settled";
import { shoot } from "./support/shoot";

const row = (usher: FakePage, name: string) => usher.page.getByTestId(`row-${name}`);

/** What must be visible before a scenario counts as reached. */
const reached: Record<string, (usher: FakePage) => Promise<void>> = {
  "model-open": (usher) => expect(usher.options).toHaveCount(6),
  "test-running": (usher) => expect(usher.stage("answer")).toHaveAttribute("data-status", "running"),
  "test-passed": (usher) => expect(usher.stage("answer")).toHaveAttribute("data-status", "passed"),
  "test-failed-credential": (usher) =>
    expect(usher.stage("credential")).toHaveAttribute("data-status", "failed"),
  "test-failed-token": (usher) => expect(usher.stage("token")).toHaveAttribute("data-status", "failed"),
  "test-failed-models": (usher) => expect(usher.stage("models")).toHaveAttribute("data-status", "failed"),
  "test-failed-answer": (usher) => expect(usher.stage("answer")).toHaveAttribute("data-status", "failed"),
  disconnect: (usher) => expect(usher.dialog).toBeVisible(),
  disconnected: (usher) => expect(usher.notice).toContainText("Disconnected"),
  "disconnected-unrevoked": (usher) => expect(usher.notice).toContainText("could not be reached"),
  code: (usher) => expect(usher.userCode).toBeVisible(),
  "code-disabled": (usher) => expect(usher.notice).toBeVisible(),
  add: (usher) => expect(usher.title).toHaveText("Add a provider"),
  "key-new": (usher) => expect(usher.key).toBeFocused(),
  "key-invalid": (usher) => expect(usher.page.locator("#key-error")).toBeVisible(),
  "key-saved": (usher) => expect(usher.model).toBeVisible(),
  "key-env": (usher) => expect(usher.model).toBeVisible(),
  "key-replace": (usher) => expect(usher.key).toBeFocused(),
  "key-refused": (usher) => expect(usher.model).toBeVisible(),
  "key-off": (usher) => expect(usher.model).toBeVisible(),
  "off-tested": (usher) => expect(usher.stage("credential")).toHaveAttribute("data-status", "failed"),
  "endpoint-off-tested": (usher) =>
    expect(usher.stage("credential")).toHaveAttribute("data-status", "failed"),
  "endpoint-off-unlisted": (usher) => expect(row(usher, "model")).toContainText("switched off"),
  "key-forget": (usher) => expect(usher.dialog).toBeVisible(),
  "key-test-billing": (usher) => expect(usher.stage("answer")).toHaveAttribute("data-status", "failed"),
  "endpoint-new": (usher) => expect(usher.page.locator("#service")).toBeFocused(),
  "endpoint-services": (usher) => expect(usher.options.first()).toBeVisible(),
  "endpoint-wrong-address": (usher) => expect(usher.stage("models")).toHaveAttribute("data-status", "failed"),
  "endpoint-long-address": (usher) => expect(usher.model).toBeVisible(),
  "key-refused-tested": (usher) => expect(usher.stage("token")).toHaveAttribute("data-status", "failed"),
  "endpoint-error": (usher) => expect(usher.page.locator("#endpoint-url-error")).toBeVisible(),
  "endpoint-refused": (usher) => expect(usher.page.locator("#endpoint-url-error .hint")).toBeVisible(),
  "endpoint-added": (usher) => expect(usher.model).toBeVisible(),
  "endpoint-edit": (usher) => expect(usher.page.locator("#endpoint-name")).toBeFocused(),
  "endpoint-moved": (usher) => expect(usher.model).toBeVisible(),
  "endpoint-here": (usher) => expect(usher.page.getByText("Ollama lists no models.")).toBeVisible(),
  "endpoint-models": (usher) => expect(usher.options).toHaveCount(4),
  "endpoint-remove": (usher) => expect(usher.dialog).toBeVisible(),
  accounts: (usher) => expect(usher.accounts).toHaveCount(3),
  "accounts-unused": (usher) => expect(usher.notice).toContainText("not used"),
  "accounts-same-email": (usher) => expect(usher.accounts).toHaveCount(3),
  "accounts-disconnect": (usher) => expect(usher.dialog).toBeVisible(),
  "accounts-rename": (usher) => expect(usher.page.getByLabel("Name of this account")).toBeFocused(),
  "access-token": (usher) => expect(usher.page.locator("#access-token-error")).toBeVisible(),
  found: (usher) => expect(usher.externalSignIns).toHaveCount(2),
  "external-expired": (usher) => expect(usher.externalSignIns).toHaveCount(2),
  "external-unreadable": (usher) => expect(usher.externalSignIns).toHaveCount(1),
  "add-external": (usher) => expect(usher.externalSignIns).toHaveCount(2),
  "spend-limit": (usher) => expect(usher.page.getByText("Your spend limit")).toBeVisible(),
  "codex-cli": (usher) => expect(usher.model).toBeVisible(),
  "codex-cli-expired": (usher) => expect(usher.notice).toContainText("has expired"),
  "codex-cli-signed-out": (usher) => expect(usher.notice).toContainText("not signed in"),
  "codex-cli-login": (usher) => expect(usher.page.locator(".code")).toContainText("oauth/authorize"),
  "codex-cli-login-done": (usher) => expect(usher.model).toBeVisible(),
  "codex-cli-login-failed": (usher) =>
    expect(usher.page.getByTestId("codex-login")).toHaveAttribute("data-at", "ended"),
  "codex-cli-missing": (usher) => expect(usher.page.locator(".code")).toContainText("npm install"),
  gateway: (usher) => expect(usher.requests).toHaveCount(7),
  activity: (usher) => expect(usher.page.getByTestId("activity-tool").locator("tbody tr")).toHaveCount(3),
  "activity-quiet": (usher) => expect(usher.page.getByTestId("activity-none")).toBeVisible(),
  "activity-empty": (usher) => expect(usher.button("Connect a tool")).toBeVisible(),
  "gateway-off": (usher) => expect(usher.passes).toHaveCount(4),
  "gateway-empty": (usher) => expect(usher.page.getByText("No requests yet.")).toBeVisible(),
  "gateway-locked": (usher) => expect(usher.notice).toContainText("Everything was stopped"),
  "gateway-elsewhere": (usher) => expect(usher.notice).toContainText("4711"),
  "gateway-port-taken": (usher) => expect(usher.notice).toContainText("4711"),
  "pass-new": (usher) => expect(usher.page.getByLabel("Name")).toBeFocused(),
  "pass-unnamed": (usher) => expect(usher.page.locator("#pass-name-error")).toBeVisible(),
  "pass-created": (usher) => expect(usher.page.getByTestId("created-pass")).toBeVisible(),
  "pass-revoke": (usher) => expect(usher.page.getByTestId("revoke-pass")).toBeVisible(),
  "payer-limit": (usher) => expect(usher.notice).toContainText("Work has"),
  "payer-use": (usher) => expect(usher.page.getByTestId("pass-question")).toContainText("scripts"),
  "payer-disconnect": (usher) => expect(usher.dialog.getByRole("checkbox")).toBeChecked(),
  "payer-disconnect-many": (usher) => expect(usher.dialog.getByRole("radio")).toHaveCount(3),
  "payer-many": (usher) => expect(usher.dialog).toContainText("tool 40: refused"),
  "payer-off": (usher) => expect(usher.page.getByTestId("pass-question")).toContainText("scripts"),
  "payer-remove": (usher) => expect(usher.dialog).toContainText("drafts: refused"),
  "payer-remove-codex": (usher) => expect(usher.page.getByRole("dialog")).toContainText("editor: refused"),
  "payer-forget": (usher) => expect(usher.dialog).toContainText("reports: refused"),
  receipt: (usher) => expect(usher.page.getByTestId("receipt")).toContainText("claude-opus-5-5"),
  "payer-rename": (usher) => expect(usher.accounts.last()).toContainText("Codex CLI"),
  "payer-address": (usher) => expect(usher.page.getByText("Used by: drafts.")).toBeVisible(),
  "payer-ended": (usher) => expect(usher.notice).toContainText("Claude Code: refused"),
  "plan-usage": (usher) => expect(row(usher, "plan-use")).toContainText("Using ChatGPT plan"),
  "plan-usage-welcome": (usher) => expect(usher.page.getByTestId("plan-use-welcome")).toBeVisible(),
  "plan-usage-waiting": (usher) => expect(usher.button("Start over")).toBeVisible(),
  "plan-usage-disconnected": (usher) => expect(usher.button("Open ChatGPT’s settings")).toBeVisible(),
  "accounts-routes": (usher) => expect(usher.button("Continue with ChatGPT")).toBeVisible(),
  "pass-new-routes": (usher) => expect(usher.page.getByLabel("Name")).toBeFocused(),
  tools: (usher) => expect(usher.tools).toHaveCount(5),
  "tools-new": (usher) => expect(usher.button("Create the pass")).toBeVisible(),
  "tools-empty": (usher) => expect(usher.page.getByTestId("tools-empty")).toBeVisible(),
  "tools-off": (usher) => expect(usher.notice).toContainText("The gateway is off."),
  "tools-off-preview": (usher) => expect(usher.tool("opencode").locator("[data-turn-on]")).toBeChecked(),
  "tools-used": (usher) => expect(usher.tool("pi")).toContainText("seconds ago"),
  "tools-restore": (usher) => expect(usher.page.getByTestId("restore-tools")).toContainText("~/.codex"),
  "tools-restored": (usher) => expect(usher.notice).toContainText("All tools are disconnected."),
  "tools-interrupted": (usher) => expect(usher.tool("pi")).toContainText("interrupted"),
  "tools-silence": (usher) => expect(usher.tool("pi")).toContainText("not answered for 10 minutes"),
  "tools-preview": (usher) => expect(usher.button("Connect opencode")).toBeFocused(),
  "tools-default": (usher) => expect(usher.tool("codex").locator("[data-default]")).toBeVisible(),
  "tools-conflicts": (usher) => expect(usher.page.getByTestId("conflicts")).toContainText("cc-switch"),
  "tools-blocked": (usher) => expect(usher.page.getByTestId("conflicts")).toContainText("too old"),
  "tools-app": (usher) => expect(usher.page.getByTestId("conflicts")).toContainText("Codex CLI reads"),
  "tools-app-connected": (usher) => expect(usher.tool("codex")).toContainText("Connected through"),
  "tools-by-hand": (usher) => expect(usher.button("Create the pass")).toBeVisible(),
  "tools-connected": (usher) => expect(usher.notice).toContainText("opencode is connected."),
  "tools-tried": (usher) => expect(usher.notice).toContainText("It works: opencode was answered"),
  "tools-trial-failed": (usher) => expect(usher.notice).toContainText("Its last line: error: 401"),
  "tools-disconnected": (usher) => expect(usher.notice).toContainText("Codex CLI is disconnected."),
  "tools-kept": (usher) => expect(usher.notice).toContainText("model_providers.usher.base_url"),
  "tools-unreadable": (usher) => expect(usher.tool("opencode")).toContainText("line 12"),
  copies: (usher) => expect(usher.copies).toHaveCount(3),
  "copies-shared": (usher) => expect(usher.copies).toHaveCount(4),
  "copies-unreadable": (usher) => expect(usher.copies.last()).toContainText("could not read it"),
  "copies-empty": (usher) => expect(usher.page.getByTestId("copies-empty")).toBeVisible(),
  "copies-move": (usher) => expect(usher.button("Connect opencode")).toBeFocused(),
  "copies-moved": (usher) => expect(usher.notice.first()).toContainText("opencode is connected."),
  "account-first": (usher) => expect(row(usher, "account").locator("#account-name")).toBeVisible(),
  "account-added": (usher) => expect(usher.page.locator("#account-name-2")).toBeFocused(),
  "other-account": (usher) => expect(usher.notice).toContainText("You signed in as Business"),
  "other-account-known": (usher) => expect(usher.notice).toContainText("You signed in as Work"),
  "settings-broken": (usher) => expect(usher.notice).toContainText("config.toml"),
  preferences: (usher) => expect(usher.title).toHaveText("Preferences"),
  "preferences-network": (usher) => expect(row(usher, "network").locator(".check")).toHaveCount(3),
  "preferences-counts": (usher) => expect(usher.page.getByRole("dialog")).toContainText("older than 7 days"),
  "transfer-send": (usher) =>
    expect(usher.page.locator("#transfer-leaving")).toContainText("Leave this computer"),
  "transfer-open": (usher) =>
    expect(usher.page.getByRole("dialog").locator("#transfer-passphrase")).toBeFocused(),
  "transfer-interrupted": (usher) => expect(row(usher, "move")).toContainText("was interrupted"),
  "preferences-import": (usher) => expect(usher.page.getByRole("dialog")).toContainText("gateway.port"),
  "preferences-reset": (usher) =>
    expect(usher.page.getByRole("dialog")).toContainText("Sign-ins, keys and passes stay."),
  glossary: (usher) => expect(usher.page.getByText("Pass", { exact: true })).toBeVisible(),
  "waiting-no-plan": (usher) => expect(usher.page.getByText("Wrong account?")).toBeVisible(),
  diagnostics: async (usher) => {
    await expect(usher.page.locator(".check")).toHaveCount(7);
    await expect(usher.page.getByText("Saved as")).toBeVisible();
  },
};

async function show(usher: FakePage, state: string): Promise<void> {
  await usher.open({ state });
  for (let i = 0; i < 8; i += 1) await usher.wait(100);
  // Deferred panels load in real time; the inputs after them wait by the page's clock.
  const there = reached[state];
  if (there) await usher.until(() => there(usher));
  if (/^waiting|^checking/.test(state)) await expect(usher.page.getByTestId("screen-sign-in")).toBeVisible();
  if (state === "signed-in") await expect(usher.meters).toHaveCount(2);
  await expectSettled(usher.page);
}

for (const state of Object.keys(scenarios)) {
  test(`${state} in both themes, narrow and at 200 %`, async ({ usher, page }) => {
    await show(usher, state);
    await shoot(page, `${state}-light`);
    await expectAccessible(page);

    await showTheme(page, "dark");
    await shoot(page, `${state}-dark`);
    // The themes differ in nothing but colours.
    await expectContrast(page);

    for (const [name, width, height] of [
      ["narrow", 720, 520],
      ["zoom", 360, 260],
    ] as const) {
      await page.setViewportSize({ width, height });
      await expectSettled(usher.page);
      await shoot(page, `${name}-${state}`);
      await expectNoSidewaysScroll(page);
    }
  });
}
