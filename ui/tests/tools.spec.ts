// The tools on the in-memory core: connecting, undoing, and what stands in the way.

import { failure } from "../src/ipc/fake/fixtures";
import { expectAccessible } from "./support/axe";
import { expect, test, type FakePage } from "./support/fake";
import { showTheme } from "./support/settled";

/** Opens the page of the tools. */
async function openTools(usher: FakePage, state = "tools"): Promise<void> {
  await usher.open({ state });
  await usher.until(() => expect(usher.title).toHaveText("Tools"));
  await usher.until(() => expect(usher.page.getByTestId("scripts")).toBeVisible());
}

const called = async (usher: FakePage, command: string) =>
  (await usher.calls()).filter((call) => call.startsWith(command));

test("by keyboard alone: look at the changes, leave, connect, undo", async ({ usher, page }) => {
  await usher.open({ state: "tools-new" });
  await usher.until(() => expect(usher.tools).toHaveCount(5));
  await usher.provider.focus();
  await page.keyboard.press("t");
  await expect(usher.item("go-tools")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(usher.title).toBeFocused();

  await page.keyboard.press("Tab");
  await expect(usher.button("Look again")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(usher.button("Connect Codex CLI")).toBeFocused();
  await page.keyboard.press("Enter");
  const yes = usher.tool("codex").getByRole("button", { name: "Connect Codex CLI" });
  await expect(yes).toHaveClass(/btn-primary/);
  await expect(yes).toBeFocused();
  await usher.until(() => expect(usher.status).toHaveText("What will change for Codex CLI is shown."));
  await page.keyboard.press("Escape");
  await expect(usher.tool("codex").locator("[data-connect]")).toBeFocused();
  await expect(page.locator(".diff")).toBeHidden();
  expect(await called(usher, "tools_connect")).toEqual([]);

  await page.keyboard.press("Enter");
  // The button that opens the changes has the same name.
  await expect(yes).toHaveClass(/btn-primary/);
  await expect(yes).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("#tool-result")).toBeFocused();
  await usher.until(() => expect(usher.status).toHaveText("Codex CLI is connected."));
  await expect(usher.tool("codex")).toContainText("Connected just now");
  await expect(usher.item("go-tools")).toContainText("1 connected");
  await expect.poll(() => called(usher, "tools_connect")).toEqual(["tools_connect codex false codex false"]);

  await page.keyboard.press("Tab");
  await expect(usher.button("Try it")).toBeFocused();
  await page.keyboard.press("Enter");
  await usher.until(() =>
    expect(usher.status).toHaveText("It works: Codex CLI was answered through Usher in 2.3 seconds."),
  );
  await expect(usher.button("Try it")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(usher.button("Undo")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("#tool-result")).toHaveText("Codex CLI is disconnected.");
  await expect(page.locator("#tool-result")).toBeFocused();
  await usher.until(() => expect(usher.status).toHaveText("Codex CLI is disconnected."));
  await expect(usher.tool("codex")).toContainText("Not connected");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(usher.title).toBeFocused();
  await expect(usher.notice).toBeHidden();
});

test("the list says what is connected, when it was used, and what is by hand", async ({ usher, page }) => {
  await openTools(usher);
  await expect(page.getByText("5 found on this computer.")).toBeVisible();
  await expect(usher.tool("codex")).toContainText("0.171.0");
  await expect(usher.tool("codex")).toContainText("Connected, used 2 minutes ago");
  await expect(usher.tool("claude-code")).toContainText("Connected, used today at");
  await expect(usher.tool("opencode")).toContainText("Not connected. Can also sign in to OpenAI by itself.");
  await expect(usher.tool("pi")).toContainText("Connected, not used yet");
  await expect(usher.tool("goose")).toContainText("By hand");
  await expect(page.getByText("Not on this computer: aider.")).toBeVisible();
  await expect(usher.item("go-tools")).toContainText("3 connected");
});

test("what another program connects is counted at once", async ({ usher, page }) => {
  await usher.open({ state: "tools-new" });
  await usher.until(() => expect(usher.tools).toHaveCount(5));
  await usher.provider.click();
  await page.evaluate(() =>
    window.fake?.change((scenario) => {
      const connection = {
        pass: "pi",
        at: 0,
        interrupted: false,
        suspended: false,
        served_by: null,
        restore_after_minutes: null,
        last_used_at: null,
        files: [],
      };
      scenario.toolList = scenario.toolList.map((one) => (one.id === "pi" ? { ...one, connection } : one));
    }),
  );
  await usher.until(() => expect(usher.item("go-tools")).toContainText("1 connected"));
});

test("changes have signs and words besides colours", async ({ usher, page }) => {
  await openTools(usher);
  await usher.button("Connect opencode").click();
  const changes = page.getByLabel("Changes to ~/.config/opencode/opencode.json");
  await expect(usher.tool("opencode")).toContainText("5 lines added, 1 changed");
  const removed = changes.locator(".removed");
  await expect(removed).toHaveText('Removed: −  "model": "anthropic/claude-sonnet-4-5",');
  await expect(changes.locator(".added").first()).toHaveText('Added: +  "model": "usher/gpt-6.2-sol",');
  await expect(changes.locator(".added")).toHaveCount(6);
  await expect(page.getByText("Only these lines change. Undo puts them back.")).toBeVisible();
  const background = () => removed.evaluate((line) => getComputedStyle(line).backgroundColor);
  const light = await background();
  await expectAccessible(page);
  await showTheme(page, "dark");
  expect(await background()).not.toBe(light);
  await expectAccessible(page);
});

test("Usher becomes the default only where that is ticked", async ({ usher, page }) => {
  await openTools(usher, "tools-new");
  await usher.button("Connect Claude Code").click();
  await expect(usher.tool("claude-code")).toContainText("until you disconnect it");
  await expect(usher.tool("claude-code").locator("[data-default]")).toHaveCount(0);
  await usher.tool("claude-code").getByRole("button", { name: "Cancel" }).click();
  await usher.button("Connect Codex CLI").click();
  await expect(page.getByText('model_provider = "usher"')).toBeHidden();
  await usher.tool("codex").locator("[data-default]").check();
  await expect(page.getByText('model_provider = "usher"')).toBeVisible();
  await usher.tool("codex").locator(".btn-primary").click();
  await expect(usher.notice).toContainText("Codex CLI is connected.");
  await expect.poll(() => called(usher, "tools_connect")).toEqual(["tools_connect codex true codex true"]);
});

test("after connecting, the command that uses it is named", async ({ usher }) => {
  await openTools(usher, "tools-new");
  await usher.button("Connect Codex CLI").click();
  await usher.tool("codex").locator(".btn-primary").click();
  await expect(usher.notice).toContainText("Use it with: codex -c model_provider=usher");
});

test("a trial says what the tool printed, and that something else may win", async ({ usher, page }) => {
  await usher.open({ state: "tools-trial-failed" });
  const trial = page.getByTestId("tool-trial");
  await usher.until(() =>
    expect(trial).toHaveText("opencode was not answered. Its last line: error: 401 unknown pass"),
  );
  await expect(usher.alert).toContainText("opencode was not answered.");
  await expectAccessible(page);
  await page.evaluate(() => window.fake?.change((scenario) => (scenario.toolTrial = "bypassed")));
  await usher.button("Try it").click();
  await expect(trial).toContainText(
    "answered, but not through Usher. Unset variables such as OPENAI_API_KEY",
  );
  await page.evaluate(
    (view) => window.fake?.nextFailures.set("tools_try", view),
    failure("program_missing", "there is no opencode on the search path"),
  );
  await usher.button("Try it").click();
  await expect(trial).toContainText("Try it in a terminal: usher tools try opencode");
  await expect(usher.notice).toHaveCount(1);
});

test("conflicts are said before, and what cannot be done is not offered", async ({ usher, page }) => {
  await usher.open({ state: "tools-conflicts" });
  const conflicts = page.getByTestId("conflicts").getByRole("listitem");
  await usher.until(() => expect(conflicts).toHaveCount(2));
  await expect(conflicts.first()).toContainText("The variable OPENAI_API_KEY is set and wins");
  await expect(usher.tool("opencode").locator(".btn-primary")).toBeVisible();

  await usher.open({ state: "tools-blocked" });
  await usher.until(() => expect(conflicts).toContainText("opencode 0.3.0 is too old. It needs 1.0.0"));
  await expect(usher.tool("opencode").locator(".btn-primary")).toHaveCount(0);
  await usher.until(() =>
    expect(usher.tool("opencode").getByRole("button", { name: "Cancel" })).toBeFocused(),
  );
});

test("a file that cannot be read is said, and tried again", async ({ usher, page }) => {
  await usher.open({ state: "tools-unreadable" });
  await usher.until(() => expect(usher.tool("opencode")).toContainText("line 12, column 3"));
  await expect(usher.alert).toContainText("opencode.json has an error in line 12");
  await page.evaluate(() => window.fake?.change((scenario) => (scenario.toolPreviews = {})));
  await usher.tool("opencode").getByRole("button", { name: "Try again" }).click();
  await expect(usher.tool("opencode").locator(".btn-primary")).toBeFocused();
});

test("a file that changed meanwhile is shown again", async ({ usher, page }) => {
  await openTools(usher);
  await usher.button("Connect opencode").click();
  const yes = usher.tool("opencode").locator(".btn-primary");
  await expect(yes).toBeFocused();
  await page.evaluate(
    (view) => window.fake?.nextFailures.set("tools_connect", view),
    failure("tool_file_unusable", "a file of opencode was changed meanwhile; look at the changes again"),
  );
  await yes.click();
  await expect(page.getByTestId("connect-failure")).toContainText("was changed meanwhile");
  await expect(usher.alert).toContainText("was changed meanwhile");
  await expect(yes).toBeFocused();
  await expectAccessible(page);
  expect(await called(usher, "tools_preview opencode")).toHaveLength(2);
  await yes.click();
  await expect(usher.notice).toContainText("opencode is connected.");
});

test("Disconnect says what came back, and names what somebody changed", async ({ usher, page }) => {
  await openTools(usher, "tools");
  await usher.button("Disconnect Codex CLI").click();
  await expect(usher.notice).toContainText("~/.codex/settings.toml is as it was before.");
  await expect(usher.notice).toContainText("Its pass is revoked.");
  await expect(usher.notice).not.toHaveClass(/warn/);

  await usher.open({ state: "tools-kept" });
  await usher.until(() => expect(usher.notice).toHaveClass(/warn/));
  await expect(usher.notice).toContainText("Your later changes stay.");
  await expect(usher.notice).toContainText("~/.codex/config.toml: model_providers.usher.base_url.");
  await expect(page.locator("#tool-result")).toBeFocused();
});

test("a failure to disconnect is a notice, and the tool stays connected", async ({ usher, page }) => {
  await openTools(usher);
  await page.evaluate(
    (view) => window.fake?.nextFailures.set("tools_disconnect", view),
    failure("tool_file_unusable", "config.toml has an error in line 3"),
  );
  await usher.button("Disconnect Codex CLI").click();
  await expect(usher.notice).toContainText("Config.toml has an error in line 3", { ignoreCase: true });
  await expect(usher.alert).toContainText("Usher cannot change a file of this tool.");
  await expect(usher.tool("codex")).toContainText("Connected");
});

test("lines by hand are copied, and their pass is created", async ({ usher, page }) => {
  await openTools(usher);
  await usher.button("Show lines for goose").click();
  const copy = usher.tool("goose").getByRole("button", { name: "Copy" });
  await expect(copy).toBeFocused();
  await usher.button("Create the pass").click();
  await usher.until(() => expect(usher.status).toHaveText("The pass goose was created."));
  await expect(copy).toBeFocused();
  await expect(usher.tool("goose")).toContainText("no secret is written to a file");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain("OPENAI_HOST=");
  await expect(page.locator("body")).not.toContainText("usher_pass_");
  await usher.tool("goose").getByRole("button", { name: "Close" }).click();
  await expect(usher.button("Show lines for goose")).toBeFocused();
});

test("lines for scripts: one shell at a time, by arrow keys", async ({ usher, page }) => {
  await openTools(usher);
  const shell = (name: string) => page.getByRole("group", { name: "Shell" }).getByRole("radio", { name });
  await shell("bash, zsh").focus();
  await page.keyboard.press("ArrowRight");
  await expect(shell("fish")).toBeFocused();
  await expect(page.getByLabel("Lines for fish")).toContainText("set -gx OPENAI_API_KEY");
  await page.keyboard.press("ArrowRight");
  await expect(shell("PowerShell")).toBeChecked();
  await page.getByTestId("scripts").getByRole("button", { name: "Copy" }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain("$env:OPENAI_API_KEY = usher pass print scripts");
});

test("nothing found: what to install, and Look again finds it", async ({ usher, page }) => {
  await openTools(usher, "tools-empty");
  await expect(page.getByTestId("tools-empty")).toContainText("Install Codex CLI, Claude Code");
  await page.evaluate(() =>
    window.fake?.change((scenario) => {
      scenario.toolList = scenario.toolList.map((one) => ({ ...one, found: one.id === "pi" }));
    }),
  );
  await usher.button("Look again").click();
  await expect(usher.tools).toHaveCount(1);
  await usher.until(() => expect(usher.status).toHaveText("1 tool found."));
});

test("a list that cannot be read is a notice with Try again", async ({ usher, page }) => {
  await openTools(usher);
  await page.evaluate(
    (view) => window.fake?.nextFailures.set("tools_list", view),
    failure("internal", "the ledger cannot be read"),
  );
  await usher.button("Look again").click();
  await expect(usher.notice).toContainText("The ledger cannot be read.");
  await usher.button("Try again").click();
  await expect(usher.tools).toHaveCount(5);
});

test("connected tools with the gateway off: it is said, and turned on here", async ({ usher }) => {
  await openTools(usher, "tools-off");
  await expect(usher.notice).toContainText("Connected tools cannot use Usher");
  await usher.button("Turn on").click();
  await expect(usher.notice).toBeHidden();
  await expect(usher.title).toBeFocused();
  await expect(usher.item("go-gateway")).toContainText("On");
});

test("connecting turns on a gateway that is off, where that is ticked", async ({ usher }) => {
  await openTools(usher, "tools-off");
  const connect = async (name: string, id: string, turnOn: boolean) => {
    await usher.button(`Connect ${name}`).click();
    const choice = usher.tool(id).getByLabel("Turn on the gateway, too.");
    await expect(choice).toBeChecked();
    await choice.setChecked(turnOn);
    await usher.tool(id).locator(".btn-primary").click();
    await expect(usher.notice.filter({ hasText: `${name} is connected.` })).toBeVisible();
  };
  await connect("opencode", "opencode", false);
  await expect(usher.item("go-gateway")).toContainText("Off");
  await usher.button("Undo").click();
  // Asked again, and ticked again.
  await connect("opencode", "opencode", true);
  await expect(usher.item("go-gateway")).toContainText("On");
  await expect(usher.notice).toHaveCount(1);
});

test("a gateway that cannot be turned on is said, and the tool is connected", async ({ usher, page }) => {
  await openTools(usher, "tools-off");
  await usher.button("Connect opencode").click();
  await page.evaluate(
    (view) => window.fake?.nextFailures.set("switch_gateway", view),
    failure("port_busy", "port 18740 is used by python3 (process 4711)"),
  );
  await usher.tool("opencode").locator(".btn-primary").click();
  await expect(usher.notice.filter({ hasText: "opencode is connected." })).toBeVisible();
  await expect(usher.notice.filter({ hasText: "The gateway is off." })).toBeVisible();
  await expect(usher.notice.filter({ hasText: "18740" })).toBeVisible();
});

test("a request is the last use of its tool, by the second", async ({ usher }) => {
  await openTools(usher, "tools-used");
  await expect(usher.tool("pi")).toContainText(/Connected, used 1\d seconds ago/);
  await usher.wait(5_000);
  await expect(usher.tool("pi")).toContainText(/Connected, used (1[7-9]|2\d) seconds ago/);
  await usher.wait(60_000);
  await expect(usher.tool("pi")).toContainText("Connected, used 1 minute ago");
});

test("all tools are disconnected after a yes to what comes back", async ({ usher, page }) => {
  await openTools(usher);
  await usher.button("Disconnect all").click();
  const question = page.getByTestId("restore-tools");
  await expect(question.getByRole("listitem")).toHaveCount(4);
  await expect(question).toContainText("Codex CLI: ~/.codex/settings gets its earlier lines back.");
  await expect(question.getByRole("button", { name: "Cancel" })).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(usher.button("Disconnect all")).toBeFocused();
  expect(await called(usher, "tools_restore")).toEqual([]);

  await usher.button("Disconnect all").click();
  await page.evaluate(
    (view) => window.fake?.nextFailures.set("tools_restore", view),
    failure("tool_file_unusable", "config.toml has an error in line 3"),
  );
  await question.locator(".btn-danger").click();
  await expect(question).toContainText("Not all tools were disconnected.");
  await question.locator(".btn-danger").click();
  await expect(page.locator("#tool-result")).toHaveText("All tools are disconnected.");
  await expect(page.locator("#tool-result")).toBeFocused();
  await expect(usher.notice).toContainText("Their passes are revoked.");
  await expect(page.locator("[data-disconnect]")).toHaveCount(0);
  await expect(usher.button("Disconnect all")).toHaveCount(0);
  await expect(usher.item("go-tools")).not.toContainText("connected");
});

test("the first sign-in leads to the tools, only by its button", async ({ usher }) => {
  await usher.open({ state: "account-first" });
  await usher.until(() => expect(usher.notice).toContainText("Signed in"));
  await expect(usher.title).toHaveText("OpenAI");
  await usher.button("Connect your tools").click();
  await usher.until(() => expect(usher.title).toHaveText("Tools"));
  await expect(usher.title).toBeFocused();
  expect(await called(usher, "tools_connect")).toEqual([]);
  // Once one is connected, it is not asked for any more.
  await usher.tool("opencode").locator("[data-connect]").click();
  await usher.tool("opencode").locator("[data-first]").click();
  await usher.until(() => expect(usher.notice).toContainText("opencode is connected."));
  await usher.provider.click();
  await expect(usher.title).toHaveText("OpenAI");
  await usher.until(() => expect(usher.button("Connect your tools")).toHaveCount(0));

  await usher.open({ state: "signed-in" });
  await expect(usher.meters).toHaveCount(2);
  await expect(usher.button("Connect your tools")).toHaveCount(0);
});

test("the Codex desktop app says what stays with OpenAI and what becomes of the Codex CLI", async ({
  usher,
  page,
}) => {
  await usher.open({ state: "tools-app" });
  const app = usher.tool("codex-app");
  await usher.until(() => expect(app).toContainText("Codex CLI reads ~/.codex/config.toml, too."));
  await expect(app).toContainText("requires_openai_auth = true");
  await expect(app).toContainText("Only you can read ~/.codex/config.toml from then on");
  await expectAccessible(page);
  await app.getByRole("button", { name: "Learn more" }).click();
  const about = page.getByRole("dialog", { name: "About connecting Codex desktop app" });
  await expect(about).toContainText("Its sign-in stays with OpenAI");
  await expect(about).toContainText("not used, forwarded, logged or kept");
  await expectAccessible(page);
  await showTheme(page, "dark");
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(about).toBeHidden();
  await expect(app.getByRole("button", { name: "Learn more" })).toBeFocused();
  await expect(app).toContainText("requires_openai_auth = true");

  await openTools(usher, "tools-app-connected");
  await expect(usher.tool("codex")).toContainText("Connected through Codex desktop app");
  await expect(app).toContainText("Connected just now");
});
