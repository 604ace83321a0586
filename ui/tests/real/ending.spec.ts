// Ends of a sign-in: by the user, by OpenAI, or by another program.

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect, test } from "./support/real";

test("disconnecting revokes the sign-in at OpenAI", async ({ usher, sandbox }) => {
  await usher.openSignedIn();
  await usher.disconnect.click();
  await expect(usher.dialog).toContainText("The sign-in is deleted from the encrypted file.");
  await expect(usher.dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  await usher.page.keyboard.press("Escape");
  await expect(usher.disconnect).toBeFocused();
  await usher.confirmDisconnect();
  await expect(usher.title).toHaveText("Sign in to OpenAI once");
  await expect(usher.notice).toContainText("OpenAI has ended the sign-in for ada@example.com");
  expect((await sandbox.counts())["revoke"]).toBe(1);
  expect((await usher.run("status")).code).toBe(3);
});

test("a failed revocation is retried until it succeeds", async ({ usher, sandbox }) => {
  await usher.openSignedIn();
  await sandbox.fault("revoke", { kind: "status", status: 503 }, 0);
  await usher.confirmDisconnect();
  await expect(usher.notice).toContainText("Disconnected here, but OpenAI could not be reached");
  await expect(usher.notice).toContainText("ada@example.com");
  await usher.button("Try again").click();
  await expect(usher.alert).toContainText("OpenAI could still not be reached.");
  await sandbox.reset();
  await usher.button("Try again").click();
  await expect(usher.notice).toContainText("OpenAI has ended the sign-in for ada@example.com");
  expect((await sandbox.counts())["revoke"]).toBe(1);
});

test("a pending revocation survives a restart and can be stopped", async ({ usher, sandbox }) => {
  await usher.openSignedIn();
  await sandbox.fault("revoke", { kind: "status", status: 503 }, 0);
  await usher.confirmDisconnect();
  await expect(usher.notice).toContainText("could not be reached");
  await usher.start();
  await usher.open();
  await expect(usher.notice).toContainText("could not be reached");
  await usher.button("Stop trying").click();
  await expect(usher.notice).toBeHidden();
  await usher.page.reload();
  await expect(usher.signIn).toBeVisible();
  await expect(usher.notice).toBeHidden();
});

const ended = [
  ["expire_refresh", "Your sign-in has expired", "Sign-in expired"],
  ["invalidate", "OpenAI ended your sign-in", "Sign-in ended"],
  ["reuse", "OpenAI ended your sign-in because a copy of it was used", "Sign-in ended"],
] as const;

for (const [how, title, status] of ended) {
  test(`ended by OpenAI (${how}) is shown, and signing in again works`, async ({
    usher,
    sandbox,
    userBrowser,
  }) => {
    await usher.openSignedIn();
    await usher.chooseModel("GPT-6-Luna");
    await sandbox.grants(how);
    await sandbox.grants("expire_access");
    await usher.refreshModels.click();
    await expect(usher.notice).toContainText(title);
    await expect(usher.provider).toContainText(status);
    await expect(usher.alert).toContainText(title);
    await expect(usher.accountRow).toContainText("ada@example.com");
    await usher.notice.getByRole("button", { name: "Sign in again" }).click();
    await userBrowser.decide(await usher.opened(), "Allow");
    await expect(usher.model).toContainText("GPT-6-Luna");
    await expect(usher.notice).toBeHidden();
    await expect(usher.provider).toContainText("Personal");
  });
}

test("signing in again as another account adds it, and it is used after a yes", async ({
  usher,
  sandbox,
  userBrowser,
}) => {
  await usher.openSignedIn();
  await usher.run("pass", "new", "Claude Code");
  await usher.run("pass", "new", "scripts", "--any-provider");
  await sandbox.grants("invalidate");
  await sandbox.grants("expire_access");
  await usher.refreshModels.click();
  await expect(usher.notice).toContainText("OpenAI ended your sign-in");
  await expect(usher.notice).toContainText("Claude Code: refused. scripts: refused.");
  await usher.notice.getByRole("button", { name: "Sign in again" }).click();
  const url = await usher.opened();
  expect(url).toContain("prompt=login");
  // An answer does not wait for its question.
  expect(await usher.answerOtherAccount("add")).toBe("bad_usage");
  await userBrowser.decide(url, "Allow", "Ada at work");
  await expect(usher.notice).toContainText("You signed in as Business, ada@example.com.");
  await expect(usher.notice).toContainText("Personal is still signed out. Business is not added yet.");
  const before = (await usher.run("accounts")).document["accounts"];
  expect(before).toMatchObject([{ name: "Personal", active: true }]);

  await usher.button("Use Business").click();
  const question = usher.page.getByTestId("pass-question");
  await expect(question).toContainText("Claude Code: refused");
  await expect(question).toContainText("scripts: uses OpenAI, Business, ada@example.com");
  const added = (await usher.run("accounts")).document["accounts"];
  expect(added).toMatchObject([
    { name: "Personal", active: true },
    { name: "Business", active: false },
  ]);
  await question.getByRole("button", { name: "Use it" }).click();
  await expect(usher.provider).toContainText("Business");
  await expect(usher.notice.filter({ hasText: "scripts: uses OpenAI, Business" })).toBeVisible();
});

test("a sign-in ended by OpenAI can be disconnected", async ({ usher, sandbox }) => {
  await usher.openSignedIn();
  await sandbox.grants("invalidate");
  await sandbox.grants("expire_access");
  await usher.refreshModels.click();
  await expect(usher.notice).toContainText("OpenAI ended your sign-in");
  await usher.confirmDisconnect();
  await expect(usher.title).toHaveText("Sign in to OpenAI once");
  await expect(usher.notice).toContainText("Disconnected");
});

test("a closed account is shown", async ({ usher, sandbox }) => {
  await usher.openSignedIn();
  await sandbox.grants("expire_access");
  await sandbox.fault("token.refresh_token", { kind: "refuse", code: "account_deactivated" }, 0);
  await usher.refreshModels.click();
  await expect(usher.notice).toContainText("OpenAI has closed or suspended this account");
  await expect(usher.button("Use another account")).toBeVisible();
});

test("a region error does not end the sign-in", async ({ usher, sandbox }) => {
  await usher.openSignedIn();
  await expect(usher.modelRow).toContainText("11 models.");
  await sandbox.grants("expire_access");
  await sandbox.fault("token.refresh_token", { kind: "region" }, 0);
  await usher.refreshModels.click();
  await expect(usher.modelRow).toContainText("OpenAI did not send a new list.");
  await expect(usher.notice).toBeHidden();
  await sandbox.reset();
  await usher.start();
  await usher.open();
  await usher.refreshModels.click();
  await expect(usher.modelRow).toContainText("Refreshed just now.");
});

test("a damaged store file is reported and left in place", async ({ usher }) => {
  await usher.openSignedIn();
  await usher.end();
  await writeFile(path.join(usher.home, "secrets.usher"), "no longer what it was");
  await usher.start();
  await usher.open();
  await expect(usher.page.getByText(/The file with your sign-ins is damaged/).first()).toBeVisible();
  expect(await readFile(path.join(usher.home, "secrets.usher"), "utf8")).toBe("no longer what it was");
  await usher.expectAccessibleInBothThemes();
});

test("a settings file that breaks is shown with line and column until it is corrected", async ({ usher }) => {
  await usher.openSignedIn();
  const file = path.join(usher.home, "config.toml");
  const broken = "[gateway]\n# mine\nport = eighteen\n";
  await writeFile(file, broken);
  await expect(usher.notice).toContainText(/Line 3, column 8: .*\. Usher cannot go on until it is corrected/);
  await writeFile(file, "[gateway]\n# mine\nport = 18799\n");
  await expect(usher.notice).toBeHidden();
  await usher.run("status");
  await writeFile(file, broken);
  await expect(usher.notice).toContainText(
    /Line 3, column 8: .*\. Usher goes on with the settings from before/,
  );
  await expect(usher.notice).toContainText(file);
  await usher.expectAccessibleInBothThemes();
  await writeFile(file, "[gateway]\n# mine\nport = 18800\n");
  await expect(usher.notice).toBeHidden();
});
