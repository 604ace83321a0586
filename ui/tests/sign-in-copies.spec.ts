// Every place on this computer that holds a sign-in, on the in-memory core: who renews it, and moving a tool to a pass.

import { failure } from "../src/ipc/fake/fixtures";
import { expectAccessible } from "./support/axe";
import { expect, test, type FakePage } from "./support/fake";
import { showTheme } from "./support/settled";

async function openCopies(usher: FakePage, state: string, count: number): Promise<void> {
  await usher.open({ state });
  await usher.until(() => expect(usher.copies).toHaveCount(count));
}

const tag = (usher: FakePage) => usher.page.locator(".head .tag");

test("one writer: each program has a sign-in of its own, and what was not looked at is named", async ({
  usher,
  page,
}) => {
  await openCopies(usher, "copies", 3);
  await expect(usher.title).toHaveText("Sign-ins on this computer");
  await expect(usher.title).toBeFocused();
  await expect(tag(usher)).toHaveText("One writer");
  await expect(usher.notice).toHaveCount(0);
  const [own, codex, missy] = [usher.copies.nth(0), usher.copies.nth(1), usher.copies.nth(2)];
  await expect(own).toContainText("ada@example.com, Plus");
  await expect(own).toContainText("Renewed today at 16:16, the last of this account.");
  await expect(codex).toContainText("~/.codex/auth.json");
  await expect(codex).toContainText("Your account Personal of Usher, with a sign-in of its own.");
  await expect(missy).toContainText("ada@work.example, Business");
  // Only a tool that can be connected has an action.
  await expect(usher.copies.getByRole("button")).toHaveCount(1);
  await expect(
    page.getByText("Not looked at, because their files are not documented: Zed, cc-switch."),
  ).toBeVisible();
});

test("two programs renew the same sign-in: it is said, and one is moved to a pass by keyboard alone", async ({
  usher,
  page,
}) => {
  await openCopies(usher, "copies-shared", 4);
  await expect(tag(usher)).toHaveText("Two programs renew the same sign-in");
  await expect(usher.notice).toContainText("Move one of them to a pass");
  await expect(usher.notice).toContainText("Codex CLI and opencode hold the same sign-in.");
  await expect(usher.copies.last()).toContainText("The same sign-in as in ~/.codex/auth.json.");
  await expectAccessible(page);
  await showTheme(page, "dark");
  await expectAccessible(page);

  await usher.button("Move to a pass: opencode").focus();
  await page.keyboard.press("Enter");
  const yes = usher.tool("opencode").locator(".btn-primary");
  await expect(yes).toBeFocused();
  await expect(page.getByLabel("Changes to ~/.config/opencode/opencode.json")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(usher.button("Move to a pass: opencode")).toBeFocused();
  expect((await usher.calls()).filter((call) => call.startsWith("tools_connect"))).toEqual([]);

  await page.keyboard.press("Enter");
  await expect(yes).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("#tool-result")).toBeFocused();
  await usher.until(() => expect(usher.status).toHaveText("opencode is connected."));
  await expect(usher.copies.last()).toContainText("to end it, sign out in opencode.");
  await expect(usher.notice.last()).toContainText("End the one that is not needed any more");
  await expect(usher.copies.last()).toContainText("That ends the one in ~/.codex/auth.json, too.");
  // Usher becomes its default: that is what moving means.
  await expect.poll(() => usher.calls()).toContain("tools_connect opencode true opencode true");
  await usher.button("Undo").click();
  await expect(usher.button("Move to a pass: opencode")).toBeVisible();
});

test("from the tools and back, and Look again", async ({ usher, page }) => {
  await openCopies(usher, "copies", 3);
  await page.evaluate(() =>
    window.fake?.change((scenario) => {
      scenario.copies = { ...scenario.copies, copies: scenario.copies.copies.slice(0, 1) };
    }),
  );
  await usher.until(() => expect(usher.copies).toHaveCount(1));
  await usher.button("Look again").click();
  await usher.until(() => expect(usher.status).toHaveText("1 sign-in found."));
  await page.getByTestId("screen-sign-in-copies").getByRole("button", { name: "Tools" }).click();
  await expect(usher.title).toHaveText("Tools");
  await expect(page.locator("#show-sign-ins")).toBeFocused();
  await expect(usher.item("go-tools")).toHaveAttribute("aria-current", "page");
});

test("a failure is a notice with Try again, and one that cannot be read has no action", async ({
  usher,
  page,
}) => {
  await openCopies(usher, "copies-unreadable", 4);
  await expect(tag(usher)).toHaveText("One writer, as far as it could be read");
  await expect(usher.copies.last()).toContainText("Usher could not read it: it is not what goose writes.");
  await expect(usher.copies.last().getByRole("button")).toHaveCount(0);
  await page.evaluate(
    (view) => window.fake?.nextFailures.set("tools_copies", view),
    failure("store_locked", "the keyring is locked"),
  );
  await usher.button("Look again").click();
  await expect(usher.notice).toContainText("The keyring is locked", { ignoreCase: true });
  await usher.button("Try again").click();
  await expect(usher.copies).toHaveCount(4);
});
