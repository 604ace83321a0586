// All other connections of the built window: two accounts of one e-mail address, an OpenAI API key, an
// OpenAI-compatible service, and the Codex CLI's sign-in. The command line confirms what the window shows.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { stage } from "./page.js";
import { startBrowser } from "./person.js";
import { leaks } from "./secrets.js";
import { inWindow } from "./window.js";

const KEY = "sk-sandbox-0123456789abcd";
const GROQ = "openai-compatible:groq";

let person;
before(async () => {
  person = await startBrowser();
});
after(() => person?.close());

/** Signs in as the account `name` with a button of the window and the user's browser. */
const signIn = async (app, page, button, name) => person.allow(await app.opens(() => page.press(button)), name);

/** Adds the account `name` by the sign-in that tools can use. */
async function addAccount(app, page, name) {
  await page.press("#add-account");
  await signIn(app, page, "[data-testid=add-account-menu] li:first-child button", name);
}

/** Returns the JSON of a command that succeeded. */
async function usherJson(app, ...words) {
  const { code, document } = await app.usher(...words);
  assert.equal(code, 0, JSON.stringify(document));
  return document;
}

/** Waits until the output of a command matches, because the page shows some changes before the core has them. */
const waitForDocument = (app, words, holds) =>
  app.browser.waitUntil(async () => holds((await app.usher(...words)).document), {
    timeout: 25_000,
    timeoutMsg: `\`usher ${words.join(" ")}\` does not say so`,
  });

const ids = (list) => list.map(({ id }) => id);
const known = async (app) => ids((await usherJson(app, "providers")).providers);

/** The confirming button of a dialog. */
async function confirm(page, title) {
  await page.reads("dialog[open] h2", title);
  assert.equal(await page.has("[data-cancel]"), true, "the focus is on Cancel");
  await page.press("dialog[open] .btn-danger");
  await page.gone("dialog[open]");
}

const testPassed = (page, model) => page.reads(stage("answer"), new RegExp(`^Answer\\s+${model} answered “ready”`));

/** Everything in the page: elements, field values and storage. */
const pageHolds = (app) =>
  app.browser.execute(() =>
    [
      document.documentElement.outerHTML,
      ...[...document.querySelectorAll("input, textarea, select")].map(({ value }) => value),
      JSON.stringify({ ...localStorage }),
      JSON.stringify({ ...sessionStorage }),
      location.href,
    ].join("\n"),
  );

/** Returns the accounts that the window lists. */
const cards = (app) =>
  app.browser.execute(() =>
    [...document.querySelectorAll("[data-account]")].map((card) => ({
      id: card.dataset.account,
      text: card.innerText.trim(),
      active: card.querySelector(".radio").checked,
    })),
  );

test(
  "two accounts of one e-mail address coexist",
  inWindow(async ({ sandbox, app, page }) => {
    const row = "[data-testid=row-account]";
    await signIn(app, page, "[data-testid=sign-in]", "Ada Plus");
    await page.reads(row, /What do you call this account/);
    await page.press("#accounts");
    await page.reads("#t-panel", /^Accounts$/);
    await addAccount(app, page, "Ada at work");
    // A second sign-in changes nothing about who pays.
    await page.reads("#t-panel", /^Accounts$/);
    await page.reads(".notice", /In use: Personal/);
    await app.browser.keys(["Escape"]);

    // Distinguished by name, as on the command line.
    await page.reads(".list-accounts li:nth-child(1)", /In use/);
    const { accounts } = await usherJson(app, "accounts");
    const shown = await cards(app);
    assert.deepEqual(
      shown.map(({ id, active }) => ({ id, active })),
      accounts.map(({ id, active }) => ({ id, active })),
    );
    assert.deepEqual(
      accounts.map(({ email, plan, active }) => [email, plan, active]),
      [
        ["ada@example.com", "plus", true],
        ["ada@example.com", "business", false],
      ],
    );
    assert.deepEqual(accounts.map(({ name }) => name), ["Personal", "Business"]);
    for (const [index, { email, name }] of accounts.entries()) {
      assert.ok(shown[index].text.startsWith(name), `${name} in ${shown[index].text}`);
      assert.ok(shown[index].text.includes(email));
    }
    await app.screenshot("accounts-two");

    // Select the other account in the window.
    const [personal, work] = accounts.map(({ id }) => `[data-account="${id}"]`);
    await page.press(`${work} label`);
    await page.reads("[role=status]", /is in use\.$/);
    assert.deepEqual((await usherJson(app, "accounts")).accounts.map(({ active }) => active), [false, true]);
    assert.equal((await usherJson(app, "status")).account.plan, "business");

    // Rename in the window by keyboard.
    await page.press(`${work} [data-rename]`);
    await page.$(`${work} input.input`).waitForDisplayed();
    await app.screenshot("accounts-rename");
    await app.browser.keys([..."Analytical Engines", "Enter"]);
    await page.reads(work, /^Analytical Engines\s+Business/);
    await waitForDocument(app, ["accounts"], (document) => document.accounts[1].label === "Analytical Engines");

    // Rename on the command line while the window shows the list.
    await usherJson(app, "accounts", "rename", accounts[0].id, "Home");
    await page.reads(personal, /^Home\s+Plus/);
    await usherJson(app, "accounts", "use", "Analytical Engines");
    await page.reads(work, /In use/);
    assert.deepEqual((await cards(app)).map(({ active }) => active), [false, true]);
    await usherJson(app, "accounts", "up", "Analytical Engines");
    await page.reads(".list-accounts li:first-child", /^Analytical Engines/);
    assert.deepEqual(ids(await cards(app)), ids((await usherJson(app, "accounts")).accounts));
    await app.screenshot("accounts-named");

    // Disconnecting the account in use selects no other one; the user does.
    await page.press(`${work} [data-disconnect]`);
    await app.screenshot("accounts-disconnect");
    await confirm(page, /Disconnect ada@example\.com \(Analytical Engines\)\?/);
    await page.gone(work);
    assert.equal((await sandbox.counts()).revoke, 1);
    const [left, ...more] = (await usherJson(app, "accounts")).accounts;
    assert.deepEqual([left.id, left.active, more.length], [accounts[0].id, false, 0]);
    await page.press(`${personal} label`);
    await page.reads(personal, /In use/);
    await app.screenshot("accounts-one-left");
    await page.press(".back");
    await page.reads(row, /Home\s+Plus/);
    await page.press("#test");
    await page.reads(stage("answer"), /answered “ready”/);
  }),
);

test(
  "selecting another account elsewhere discards a running test",
  inWindow(async ({ sandbox, app, page }) => {
    const row = "[data-testid=row-account]";
    await signIn(app, page, "[data-testid=sign-in]", "Ada Plus");
    await page.reads(row, /ada@example\.com/);
    await page.press("#accounts");
    await addAccount(app, page, "Ada at work");
    await page.reads(".notice", /In use: Personal/);
    await page.press("[data-testid=provider-chatgpt]");
    await page.reads(row, /Plus[^]*ada@example\.com[^]*Accounts/);
    const { accounts } = await usherJson(app, "accounts");
    await usherJson(app, "accounts", "use", accounts[1].id);
    await page.reads(row, /ada@example\.com\s+Business/);
    await sandbox.fault("responses", { kind: "hang_after", events: 1 });
    await page.press("#test");
    await sandbox.counted("responses");
    await page.reads(stage("answer"), /Waiting for/);
    await usherJson(app, "accounts", "use", accounts[0].id);
    await page.reads(row, /Plus[^]*ada@example\.com/);
    // No result is shown for the other account, and no test is running.
    await page.gone(".stages");
    await sandbox.counted("responses.cancelled");
    await page.reads("#test", /^Test$/);
    await app.screenshot("accounts-switched-while-testing");
  }),
);

test(
  "a key is saved, tested and never shown again",
  inWindow(async ({ sandbox, app, page }) => {
    await page.press("button*=Paste an API key");
    await page.reads("#t-panel", /^OpenAI API key$/);
    await page.type("#api-key", "gsk_of-somebody-else");
    await page.press("[data-testid=row-key] [type=submit]");
    await page.reads("#key-error", /OpenAI keys begin with sk-/);
    assert.equal(await page.value("#api-key"), "gsk_of-somebody-else", "what was typed stays");
    await app.screenshot("key-refused");
    await page.type("#api-key", KEY);
    assert.ok((await pageHolds(app)).includes(KEY), "the search finds what is there");
    await page.press("[data-testid=row-key] [type=submit]");
    await testPassed(page, "gpt-6\\.2-sol");
    await page.reads("[data-testid=row-key]", /abcd/);
    await page.reads("[data-testid=provider-openai]", /Connected/);
    await page.reads("#model-name", /^gpt-6\.2-sol$/);
    await app.screenshot("key-saved");
    assert.equal((await sandbox.counts())["platform.responses"], 1);

    await page.chooseModel("gpt-6-sol");
    await waitForDocument(app, ["status"], ({ provider, model }) => provider === "openai" && model.id === "gpt-6-sol");
    const { credential } = (await usherJson(app, "providers")).providers.find(({ id }) => id === "openai");
    assert.deepEqual([credential.kind, credential.ends_in], ["key", "abcd"]);
    await page.press("#test");
    await testPassed(page, "gpt-6-sol");
    await app.screenshot("key-model-chosen");

    // Nowhere in the page, in files or in output.
    const parts = Array.from({ length: KEY.length - 11 }, (_, at) => KEY.slice(at, at + 12));
    for (const place of ["#replace-key", "[data-testid=provider-chatgpt]", "[data-testid=provider-openai]"]) {
      const held = await pageHolds(app);
      assert.deepEqual(parts.filter((part) => held.includes(part)), []);
      await page.press(place);
    }
    const config = await readFile(path.join(app.home, "config.toml"), "utf8");
    assert.match(config, /gpt-6-sol/);
    return async () => {
      assert.deepEqual(await leaks(app.folder, app.output(), [KEY]), []);
      const found = await leaks(app.folder, app.output(), ["usher_net::client: sending"]);
      assert.ok(found.some((file) => file.startsWith("home/logs/")), `the search finds what is there: ${found}`);
    };
  }),
);

test(
  "a service: invalid address, valid address, test, off, removed",
  inWindow(async ({ sandbox, app, page }) => {
    const [name, url, key, save] = ["#endpoint-name", "#endpoint-url", "#endpoint-key", "[data-testid=save-endpoint]"];
    await page.press("button*=Add an OpenAI-compatible endpoint");
    await page.reads("#t-panel", /^Add an endpoint$/);
    await page.type(name, "Groq");
    await page.type(key, KEY);
    for (const [bad, problem] of [
      ["http://groq.example/v1", /send your key unencrypted/],
      ["groq.example/v1", /must begin with https:\/\//],
      // Found only by the core, which gives the cause.
      ["https://ada:secret@groq.example/v1", /Usher cannot use this address\.\s+\S+/],
    ]) {
      await page.type(url, bad);
      await page.press(save);
      await page.reads("#endpoint-url-error", problem);
      await app.browser.waitUntil(() => page.has(url), { timeoutMsg: "the focus is not on the field" });
      assert.equal(await page.$(url).getAttribute("aria-invalid"), "true");
      assert.deepEqual([await page.value(name), await page.value(url), await page.value(key)], ["Groq", bad, KEY]);
      await app.screenshot(`service-bad-${problem.source.match(/\w+/)[0].toLowerCase()}`);
    }
    assert.deepEqual(await known(app), ["chatgpt"], "nothing was added");
    assert.equal(await readFile(path.join(app.home, "config.toml"), "utf8").catch(() => ""), "");
    assert.equal((await sandbox.requests()).length, 0);

    await page.type(url, sandbox.service("both"));
    await page.press(save);
    await page.reads("#t-panel", /^Groq$/);
    await testPassed(page, "llama-4-scout");
    await page.reads("[data-testid=row-key]", /abcd/);
    await page.chooseModel("qwen3-coder");
    const status = ["status", "--provider", GROQ];
    await waitForDocument(app, status, ({ model }) => model.id === "qwen3-coder");
    await page.press("#test");
    await testPassed(page, "qwen3-coder");
    await app.screenshot("service-tested");

    // Off: a test shows the reason, in the window and on the command line.
    await page.press(".switch");
    await page.reads(`[data-testid="provider-${GROQ}"]`, /Off/);
    await page.reads(".notice", /Switched off in Usher/);
    // The page shows it before the core has it: the command may still have asked.
    await waitForDocument(app, ["test", "--provider", GROQ], ({ stages }) => stages[0].code === "host_not_allowed");
    const asked = (await sandbox.requests()).length;
    await page.press("#test");
    await page.reads(stage("credential"), /^Credential/);
    await app.browser.waitUntil(async () => (await page.$(stage("credential")).getAttribute("data-status")) === "failed");
    await app.screenshot("service-off");
    assert.equal((await sandbox.requests()).length, asked, "what is off is not asked");

    await page.press("#disconnect");
    await app.screenshot("service-remove");
    await confirm(page, /^Disconnect Groq\?$/);
    await page.gone(`[data-testid="provider-${GROQ}"]`);
    await page.reads("#t-panel", /Sign in to OpenAI once/);
    assert.deepEqual(await known(app), ["chatgpt"]);
    assert.equal((await app.usher(...status)).code, 2);
    assert.doesNotMatch(await readFile(path.join(app.home, "config.toml"), "utf8"), /groq/i);
    await app.screenshot("service-removed");
  }),
);

test(
  "codex login runs and its output is shown",
  inWindow(async ({ sandbox, app, page }) => {
    /** The file that Codex writes for a sign-in. */
    const written = (tokens) =>
      JSON.stringify({
        auth_mode: "chatgpt",
        OPENAI_API_KEY: null,
        tokens: {
          id_token: tokens.id_token,
          access_token: tokens.access_token,
          refresh_token: tokens.refresh_token,
          oauth_provenance: { issuer: sandbox.issuer, client_id: "app_EMoamEEZ73f0CkXaXp7hrann" },
        },
        last_refresh: "2026-11-19T10:00:00.5Z",
      });
    const auth = path.join(app.codexHome, "auth.json");
    await mkdir(app.codexHome);
    await sandbox.set({ access_token_lifetime_s: -60 });
    await writeFile(auth, written(await sandbox.issue("ada")));
    await sandbox.set({ access_token_lifetime_s: 691_200 });
    const tokens = await sandbox.issue("pia");
    const [fresh, go] = [path.join(app.folder, "fresh.json"), path.join(app.folder, "go")];
    await writeFile(fresh, written(tokens));
    await promisify(execFile)("mkfifo", [go]);
    // Signs in when the test allows it, as the user would on the page.
    await app.putProgram(
      "codex",
      [
        'case "$*" in',
        "--version) echo codex-cli 0.171.0;;",
        `login) echo Starting local login server on http://localhost:1455. >&2`,
        `  echo "debug: token ${tokens.access_token}"`,
        `  read -r _ <"${go}" && cp "${fresh}" "$CODEX_HOME/auth.json" && echo Successfully logged in;;`,
        "*) exit 64;;",
        "esac",
      ].join("\n"),
    );

    // Detected and linked.
    await page.press("[data-testid=go-add]");
    await page.reads(
      "[data-testid=external-codex]",
      /Codex CLI’s sign-in on this computer as ada@example\.com has expired/,
    );
    await app.screenshot("codex-found");
    await page.press("[data-testid=external-codex] [aria-label^='Use it']");
    await page.reads(".notice", /The Codex CLI’s sign-in has expired/);
    await app.screenshot("codex-expired");

    const output = "[data-testid=codex-login]";
    await page.press("#codex-login");
    await page.reads(output, /codex-cli 0\.171\.0 is signing in\./);
    for (const line of [/Starting local login server on http:\/\/localhost:1455\./, /debug: token \[redacted\]/]) {
      await page.reads(`${output} pre`, line);
    }
    await app.screenshot("codex-login-running");
    await writeFile(go, "\n");
    await page.reads(output, /^The Codex CLI is signed in\./);
    const held = await pageHolds(app);
    assert.equal(held.includes(tokens.access_token.slice(0, 40)), false, "a token that it says is not shown");
    await page.reads("[data-testid=row-codex]", /pia@example\.com\s+Pro/);
    await page.reads("#model-name", /^GPT-/);
    await page.press("#test");
    await page.reads(stage("answer"), /answered “ready”/);
    await app.screenshot("codex-tested");
    const status = await usherJson(app, "status", "--provider", "codex-cli");
    assert.deepEqual([status.signed_in, status.account.email], [true, "pia@example.com"]);
    assert.equal(await readFile(auth, "utf8"), written(tokens), "nothing of it was changed");
    assert.equal((await sandbox.counts())["token.refresh_token"] ?? 0, 0);
  }),
);
