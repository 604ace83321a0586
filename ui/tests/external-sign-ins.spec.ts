// Sign-ins of other programs and the Codex CLI provider, on the in-memory core.

import { expect, test } from "./support/fake";

test("first run shows account, file and age, and Use it links the sign-in", async ({ usher }) => {
  await usher.open({ state: "external-sign-ins" });
  await expect(usher.externalSignIns.nth(0)).toContainText(
    "Codex CLI is signed in on this computer as ada@example.com.",
  );
  await expect(usher.externalSignIns.nth(0)).toContainText(
    "In ~/.codex/auth.json, renewed Monday 17 November at 16:28.",
  );
  await expect(usher.externalSignIns.nth(1)).toContainText("would sign one of the two programs out");
  await expect(usher.signIn).toBeFocused();
  await usher.button("Use it: the Codex CLI sign-in").click();
  await expect(usher.title).toHaveText("Codex CLI");
  await expect(usher.title).toBeFocused();
  await expect(usher.page.getByTestId("row-codex")).toContainText(
    "Usher only reads it and never changes it.",
  );
  await expect(usher.model).toContainText("GPT-6.2-Sol");
  await expect.poll(() => usher.calls()).toContain("add_provider codex-cli");
  await usher.item("go-add").click();
  await expect(usher.externalSignIns).toHaveCount(1);
});

test("an expired one offers Usher’s own sign-in or codex login", async ({ usher }) => {
  await usher.open({ state: "external-expired" });
  const codex = usher.externalSignIns.nth(0);
  await expect(codex).toContainText("Codex CLI’s sign-in on this computer as ada@example.com has expired.");
  await expect(codex).not.toContainText("is signed in");
  await usher.button("Use it: the Codex CLI sign-in").click();
  await expect(usher.title).toHaveText("Codex CLI");

  await usher.open({ state: "external-expired" });
  await codex.getByRole("button", { name: "Sign in" }).click();
  await expect(usher.title).toHaveText("Sign in with OpenAI");
  // A sign-in that expires while it is shown.
  await usher.open({ state: "external-sign-ins" });
  await expect(codex).toContainText("is signed in on this computer");
  await usher.page.clock.fastForward(6 * 3_600_000);
  await expect(codex).toContainText("has expired");
});

test("one that refreshes itself is never copied: Sign in", async ({ usher }) => {
  await usher.open({ state: "external-sign-ins" });
  await usher.externalSignIns.nth(1).getByRole("button", { name: "Sign in" }).click();
  await expect(usher.title).toHaveText("Sign in with OpenAI");
});

test("an unreadable one shows why and has no button", async ({ usher }) => {
  await usher.open({ state: "external-unreadable" });
  await expect(usher.externalSignIns).toContainText("it is not what goose writes");
  await expect(usher.externalSignIns).toContainText("The file is ~/.config/goose/chatgpt_codex/tokens.json.");
  await expect(usher.externalSignIns.getByRole("button")).toHaveCount(0);
});

test("codex login shows its output and can be stopped", async ({ usher }) => {
  await usher.open({ state: "codex-cli-expired" });
  await usher.until(() => expect(usher.notice).toContainText("The Codex CLI’s sign-in has expired"));
  await expect(usher.item("provider-codex-cli")).toContainText("Sign-in expired");
  await usher.page.evaluate(() =>
    window.fake?.change((scenario) => {
      scenario.codexLogin = [
        { after: 10, event: { event: "version", version: "codex-cli 0.171.0" } },
        { after: 10, event: { event: "line", text: "Starting local login server" } },
      ];
    }),
  );
  await usher.button("Run codex login").click();
  const login = usher.page.getByTestId("codex-login");
  await expect(login).toContainText("codex-cli 0.171.0 is signing in.");
  await expect(login.getByRole("region")).toHaveText("Starting local login server");
  await login.getByRole("button", { name: "Stop" }).click();
  await expect(login).toContainText("The Codex CLI is still not signed in.");
  await expect.poll(() => usher.calls()).toContain("stop_codex_login");
  await expect(usher.button("Run codex login")).toBeFocused();

  await usher.page.evaluate(() =>
    window.fake?.change((scenario) => {
      scenario.codexLogin = [{ after: 10, event: { event: "ended", signed_in: true } }];
    }),
  );
  await usher.button("Run codex login").click();
  await expect(login).toContainText("The Codex CLI is signed in.");
  await expect(usher.notice).toBeHidden();
  await expect(usher.model).toBeVisible();
  // The button and the output are removed after success.
  await expect(usher.title).toBeFocused();
  await expect(login.getByRole("region")).toBeHidden();
});

test("a missing program shows how to install it", async ({ usher }) => {
  await usher.open({ state: "codex-cli-missing" });
  await usher.until(() => expect(usher.page.locator(".code")).toHaveText("npm install -g @openai/codex"));
  await expect(usher.alert).toContainText("The Codex CLI is not installed on this computer.");
  await usher.button("Copy command").click();
  await expect
    .poll(() => usher.page.evaluate(() => navigator.clipboard.readText()))
    .toBe("npm install -g @openai/codex");
});

test("Usher's own sign-in instead, and Disconnect leaves the Codex CLI signed in", async ({ usher }) => {
  await usher.open({ state: "codex-cli-expired" });
  await usher.until(() => expect(usher.notice).toContainText("has expired"));
  await usher.disconnect.click();
  await expect(usher.dialog).toContainText("The Codex CLI stays signed in.");
  await usher.cancel.click();
  await usher.button("Sign in with OpenAI").click();
  await expect(usher.title).toHaveText("Sign in with OpenAI");
  await usher.allow();
  await expect(usher.title).toHaveText("OpenAI");
  await usher.item("provider-codex-cli").click();
  await usher.disconnect.click();
  await usher.dialog.getByRole("button", { name: "Disconnect" }).click();
  await expect(usher.title).toHaveText("OpenAI");
  await expect(usher.notice).toContainText("Usher no longer reads its sign-in.");
  await expect.poll(() => usher.calls()).toContain("remove_provider codex-cli");
});
