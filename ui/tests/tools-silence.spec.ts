// Files of tools that come back while the gateway is silent, on the in-memory core.

import { expectAccessible } from "./support/axe";
import { expect, test, type FakePage } from "./support/fake";

const called = async (usher: FakePage, command: string) =>
  (await usher.calls()).filter((call) => call.startsWith(command));

test("settings come back while the gateway is silent, where that is ticked, until it is stopped", async ({
  usher,
  page,
}) => {
  await usher.open({ state: "tools-new" });
  await usher.until(() => expect(page.getByTestId("scripts")).toBeVisible());
  const codex = usher.tool("codex");
  const wish = codex.getByRole("checkbox", { name: "Put my settings back if the gateway has not answered" });
  await usher.button("Connect Codex CLI").click();
  await expect(wish).not.toBeChecked();
  await wish.check();
  await codex.getByLabel("How long").selectOption("30 minutes");
  await expect(wish).toHaveAccessibleName(
    "Put my settings back if the gateway has not answered for 30 minutes",
  );
  await expectAccessible(page);
  await codex.locator(".btn-primary").click();
  await expect(codex).toContainText("if the gateway has not answered for 30 minutes, until it answers again");
  await expect
    .poll(() => called(usher, "tools_connect"))
    .toEqual(["tools_connect codex false codex false 30"]);

  await usher.button("Stop this: Codex CLI keeps its settings").click();
  await expect(codex).not.toContainText("has not answered");
  await expect(usher.button("Disconnect Codex CLI")).toBeFocused();
  await usher.until(() =>
    expect(usher.status).toHaveText("The settings of Codex CLI stay also when the gateway does not answer."),
  );
  await expect
    .poll(() => called(usher, "tools_restore_if_silent"))
    .toEqual(["tools_restore_if_silent codex null"]);

  // The next tool is asked about again.
  await usher.button("Connect Claude Code").click();
  await expect(usher.tool("claude-code").locator("[data-restore]")).not.toBeChecked();
});
