// Who pays, on the in-memory core: each dialog lists what passes do next, nothing changes before a yes, and afterwards
// the page says what they use.

import { personal } from "../src/ipc/fake/fixtures/providers";
import { business } from "../src/ipc/fake/scenarios/payer";
import { expect, test, type FakePage } from "./support/fake";

interface Change {
  state: string;
  title: string;
  /** What the dialog and the notice afterwards say about passes. */
  uses: readonly string[];
  act: string;
  call: string;
}

const ofPersonal = "uses OpenAI, Personal, ada@example.com";
const ofWork = "uses OpenAI, Work, ada@analytical.example";

const changes: readonly Change[] = [
  {
    state: "payer-use",
    title: "Use Work?",
    uses: [`Claude Code: ${ofPersonal}`, `Codex CLI: ${ofWork}`, `scripts: ${ofWork}`, "drafts: uses Groq"],
    act: "Use it",
    call: "use_account user-ada/acct-2",
  },
  {
    state: "payer-disconnect",
    title: "Disconnect ada@example.com (Personal)?",
    uses: ["Claude Code: refused", `Codex CLI: ${ofWork}`, `scripts: ${ofWork}`],
    act: "Disconnect",
    call: "disconnect next user-ada/acct-2",
  },
  {
    state: "payer-off",
    title: "Switch OpenAI off?",
    uses: ["Claude Code: refused", "Codex CLI: refused", "scripts: refused", "drafts: uses Groq"],
    act: "Switch off",
    call: "set_enabled chatgpt false",
  },
  {
    state: "payer-remove",
    title: "Disconnect Groq?",
    uses: ["drafts: refused", `scripts: ${ofPersonal}`],
    act: "Disconnect",
    call: "remove_provider openai-compatible:groq",
  },
  {
    state: "payer-remove-codex",
    title: "Disconnect the Codex CLI?",
    uses: ["editor: refused", `Claude Code: ${ofPersonal}`],
    act: "Disconnect",
    call: "remove_provider codex-cli",
  },
  {
    state: "payer-forget",
    title: "Disconnect the OpenAI API key?",
    uses: ["reports: refused", `Claude Code: ${ofPersonal}`],
    act: "Disconnect",
    call: "forget_key openai",
  },
];

/** Opens a scenario, and waits for its dialog. */
async function open(usher: FakePage, state: string) {
  await usher.open({ state });
  const dialog = usher.page.locator("dialog");
  await usher.until(() => expect(dialog).toBeVisible());
  return dialog;
}

for (const { state, title, uses, act, call } of changes) {
  test(`${state}: the dialog says what passes do next, and asks`, async ({ usher }) => {
    const dialog = await open(usher, state);
    await expect(dialog.getByRole("heading", { level: 2 })).toHaveText(title);
    await usher.until(async () => {
      for (const one of uses)
        await expect(dialog.getByRole("listitem").filter({ hasText: one })).toHaveCount(1);
    });
    expect(await usher.calls()).not.toContain(call);
    await usher.cancel.click();
    await expect(dialog).toHaveCount(0);
    expect(await usher.calls()).not.toContain(call);
  });

  test(`${state}: after a yes the page says what passes use`, async ({ usher }) => {
    const dialog = await open(usher, state);
    if (state === "payer-disconnect") {
      await usher.until(() => expect(dialog.getByRole("checkbox")).toBeChecked());
    }
    await dialog.getByRole("button", { name: act, exact: true }).click();
    await expect(dialog).toHaveCount(0);
    await expect.poll(() => usher.calls()).toContain(call);
    for (const one of uses) await expect(usher.notice.filter({ hasText: `${one}.` }).first()).toBeVisible();
  });
}

test("at a limit the account with something left is offered, and used after a yes", async ({ usher }) => {
  await usher.open({ state: "payer-limit" });
  await expect(usher.notice).toContainText("Work has 39% left.");
  await expect(usher.page.getByTestId("reset-credits")).toHaveText(
    "Resets in reserve: 2. The next expires Tuesday 25 November, 16:28.",
  );
  await usher.button("Use Work").click();
  await expect(usher.page.getByRole("dialog")).toContainText("scripts: uses OpenAI, Work");
  expect(await usher.calls()).not.toContain("use_account user-ada/acct-2");
  await usher.page.getByRole("dialog").getByRole("button", { name: "Use it" }).click();
  await expect.poll(() => usher.calls()).toContain("use_account user-ada/acct-2");
});

test("with several other accounts none is used instead until one is chosen", async ({ usher }) => {
  const dialog = await open(usher, "payer-disconnect-many");
  await expect(dialog.getByRole("radio", { name: "None" })).toBeChecked();
  await expect(dialog).toContainText("scripts: refused");
  await dialog.getByRole("radio", { name: "Use ada@club.example (Club) instead" }).check();
  await expect(dialog).toContainText("scripts: uses OpenAI, Club, ada@club.example");
  await dialog.getByRole("button", { name: "Disconnect" }).click();
  await expect(dialog).toHaveCount(0);
  await expect.poll(() => usher.calls()).toContain("disconnect next user-ada/acct-3");
});

test("a long list of passes leaves title and buttons in view", async ({ usher }) => {
  const dialog = await open(usher, "payer-many");
  await usher.until(() => expect(dialog).toContainText("tool 40: refused"));
  await expect(dialog.getByRole("heading", { level: 2 })).toBeInViewport({ ratio: 1 });
  for (const name of ["Cancel", "Disconnect"]) {
    await expect(dialog.getByRole("button", { name })).toBeInViewport({ ratio: 1 });
  }
  await expect(dialog.getByText("tool 40: refused")).not.toBeInViewport();
  await dialog.getByText("tool 40: refused").scrollIntoViewIfNeeded();
  await expect(dialog.getByText("tool 40: refused")).toBeInViewport();
  await usher.cancel.click();
  await expect(dialog).toHaveCount(0);
});

test("an account that is not in use is disconnected without such a choice", async ({ usher, page }) => {
  await usher.open({ state: "payer-ended" });
  await usher.button("Accounts").click();
  await usher.button("Disconnect Work").click();
  await expect(usher.dialog).toContainText("Codex CLI: refused");
  await expect(usher.dialog.getByRole("checkbox")).toHaveCount(0);
  await usher.cancel.click();
  await expect(page.locator("dialog")).toHaveCount(0);
});

test("an ended sign-in says what passes do meanwhile", async ({ usher }) => {
  await usher.open({ state: "payer-ended" });
  await expect(usher.notice).toContainText("Claude Code: refused.");
  await expect(usher.notice).toContainText(`Codex CLI: ${ofWork}.`);
});

test("another account that signed in is used only after its passes were listed", async ({ usher, page }) => {
  await usher.open({ state: "payer-ended" });
  await page.getByTestId("attention-next").click();
  await usher.allowAs(business);
  await usher.button("Use Business").click();
  const question = page.getByTestId("pass-question");
  await expect(question).toContainText("Use Business?");
  await expect(question).toContainText("scripts: uses OpenAI, Business, ada@example.com");
  await usher.cancel.click();
  expect((await usher.calls()).filter((call) => call.startsWith("use_account"))).toEqual([]);
  await expect(page.getByRole("radio", { name: "Business", exact: true })).not.toBeChecked();

  // The notice offers it again.
  await page.getByLabel("What do you call this account?").press("Escape");
  await usher.button("Use Business").click();
  await question.getByRole("button", { name: "Use it" }).click();
  await expect(usher.provider).toContainText("Business");
  await expect(usher.notice.filter({ hasText: "scripts: uses OpenAI, Business" })).toBeVisible();
});

test("an account that is in use already is not offered to be used", async ({ usher, page }) => {
  await usher.open({ state: "accounts" });
  await usher.until(() => expect(usher.accounts).toHaveCount(3));
  await usher.button("Sign in again: Club").click();
  await usher.allowAs(personal);
  await expect(usher.notice).toContainText("Club is still signed out. Personal is unchanged.");
  await expect(usher.button("Sign in to Club")).toBeFocused();
  await expect(page.locator("#panel").getByRole("button", { name: /^Use |^Add / })).toHaveCount(0);
  await usher.button("Change nothing").click();
  await expect(usher.title).toHaveText("Accounts");
  expect((await usher.calls()).filter((call) => call.startsWith("answer"))).toEqual([]);
});

test("renaming says that passes keep their account, and the id is a tooltip", async ({ usher, page }) => {
  await usher.open({ state: "payer-rename" });
  const keeps = "A new name changes nothing for the passes that use it: Codex CLI.";
  await usher.until(() => expect(usher.accounts.last()).toContainText(keeps));
  await expect(page.getByLabel("Name of this account")).toHaveAccessibleDescription(keeps);
  await page.keyboard.press("Escape");
  await expect(page.getByTitle("Account id: user-ada/acct-2")).toContainText("Work");
  await expect(page.locator("#panel")).not.toContainText("acct-2");
});

test("another address says which passes go there", async ({ usher, page }) => {
  await usher.open({ state: "payer-address" });
  await usher.until(() => expect(page.getByText("Used by: drafts.")).toBeVisible());
});

test("the first account asks for its name, which may stay", async ({ usher, page }) => {
  for (const key of ["Enter", "Escape"]) {
    await usher.open({ state: "account-first" });
    const field = page.getByLabel("What do you call this account?");
    await expect(field).toHaveValue("Personal");
    await field.fill(key === "Enter" ? "Home" : "Elsewhere");
    await field.press(key);
    await expect(field).toHaveCount(0);
    await expect(page.locator("#accounts")).toBeFocused();
    await expect(page.getByTestId("row-account")).toContainText(key === "Enter" ? "Home" : "Personal");
  }
});

test("a new pass is for what tools use", async ({ usher, page }) => {
  await usher.open({ state: "gateway-accounts" });
  await usher.until(() => expect(page.getByTestId("row-tools")).toBeVisible());
  await page.evaluate(() =>
    window.fake?.change((scenario) => {
      scenario.tools = "openai-compatible:groq";
    }),
  );
  await expect(page.getByTestId("row-tools")).toContainText("Groq");
  await usher.button("New pass").click();
  await expect(page.getByLabel("Provider", { exact: true }).locator("option").first()).toHaveText("Groq");
  await expect(page.getByLabel("Provider", { exact: true })).toHaveValue("openai-compatible:groq");
});
