// The whole app without a mouse: from the first start to Disconnect. The focus is seen at each stop, and never lost.

import { expect, test, type FakePage } from "./support/fake";
import { expectFocus, moveTo } from "./support/focus";

/** Goes to a panel by the sidebar. */
async function go(usher: FakePage, item: string, title: string): Promise<void> {
  await moveTo(usher.page, usher.page.locator(".sidebar [aria-current=page]"), "Shift+Tab");
  await usher.page.keyboard.press("Home");
  await moveTo(usher.page, usher.item(item), "ArrowDown");
  await usher.page.keyboard.press("Enter");
  await usher.until(() => expect(usher.title).toHaveText(title));
  await expect(usher.title).toBeFocused();
}

test("from the first start to Disconnect by keyboard alone", async ({ usher, page }) => {
  const press = (key: string) => page.keyboard.press(key);
  await usher.open({ state: "first-run" });

  await test.step("sign in", async () => {
    await expect(usher.signIn).toBeFocused();
    await press("Enter");
    await expect(usher.button("Open the page again")).toBeFocused();
    await usher.allow();
    await usher.until(() => expect(usher.title).toHaveText("OpenAI"));
    await expect(usher.title).toBeFocused();
  });

  await test.step("choose a model and test it", async () => {
    await moveTo(page, usher.model);
    await press("Enter");
    await expect(usher.modelSearch).toBeFocused();
    await page.keyboard.type("6.1");
    await press("ArrowDown");
    await press("Enter");
    await expect(usher.model).toBeFocused();
    await expect(usher.model).toContainText("GPT-6.1");
    await moveTo(page, usher.test);
    await press("Enter");
    await usher.until(() => expect(usher.stage("answer")).toHaveAttribute("data-status", "passed"));
    await expect(usher.test).toBeFocused();
  });

  await test.step("switch the gateway on", async () => {
    await go(usher, "go-gateway", "Gateway");
    await moveTo(page, usher.gateway);
    await press("Space");
    await usher.until(() => expect(usher.gateway).toBeChecked());
    await expectFocus(page);
  });

  await test.step("make a pass, and revoke it", async () => {
    await moveTo(page, usher.button("New pass"));
    await press("Enter");
    await usher.until(() => expect(page.getByLabel("Name", { exact: true })).toBeFocused());
    await page.keyboard.type("nightly");
    await moveTo(page, usher.button("Create pass"));
    await press("Enter");
    await usher.until(() => expect(page.getByTestId("created-pass")).toBeVisible());
    await moveTo(page, usher.button("Done"));
    await press("Enter");
    await usher.until(() => expect(page.getByRole("dialog")).toBeHidden());
    await expect(usher.button("New pass")).toBeFocused();

    await moveTo(page, usher.button("Revoke nightly"));
    await press("Enter");
    const revoke = page.getByTestId("revoke-pass");
    await usher.until(() => expect(revoke).toBeVisible());
    await moveTo(page, revoke.getByRole("button", { name: "Revoke" }));
    await press("Enter");
    await usher.until(() => expect(usher.button("Revoke nightly")).toBeHidden());
    await expect(page.getByRole("dialog")).toBeHidden();
    await expectFocus(page);
  });

  await test.step("connect a tool after its preview, and disconnect it", async () => {
    await go(usher, "go-tools", "Tools");
    const tool = usher.tool("opencode");
    await usher.until(() => expect(tool).toBeVisible());
    await moveTo(page, tool.getByRole("button", { name: /^Connect/ }));
    await press("Enter");
    await usher.until(() => expect(usher.button("Connect opencode")).toBeFocused());
    await press("Enter");
    await usher.until(() => expect(usher.notice).toContainText("opencode is connected."));
    await expectFocus(page);
    await moveTo(page, tool.getByRole("button", { name: /^Disconnect/ }));
    await press("Enter");
    await usher.until(() => expect(tool).toContainText("Not connected"));
    await expectFocus(page);
  });

  await test.step("change the appearance", async () => {
    await go(usher, "go-preferences", "Preferences");
    await moveTo(page, page.getByRole("radio", { name: "As the system" }));
    await press("ArrowRight");
    await press("ArrowRight");
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await expect(page.getByRole("radio", { name: "Dark" })).toBeFocused();
  });

  await test.step("disconnect", async () => {
    await press("Control+1");
    await usher.until(() => expect(usher.title).toHaveText("OpenAI"));
    await moveTo(page, usher.disconnect);
    await press("Enter");
    await usher.until(() => expect(usher.dialog.getByRole("button", { name: "Cancel" })).toBeFocused());
    await moveTo(page, usher.dialog.getByRole("button", { name: "Disconnect" }));
    await press("Enter");
    await usher.until(() => expect(usher.notice).toContainText("Disconnected"));
    await expectFocus(page);
  });
});
