// What a screen reader gets from the built window: names, roles and states of the main panel, read by libatspi.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import path from "node:path";
import { startBrowser } from "./person.js";
import { signInByCommandLine } from "./sign-in.js";
import { openWindow } from "./window.js";

const run = promisify(execFile);

/** Has the session say that a screen reader runs: the toolkit looks at it when a window starts. */
function setReaderRuns(runs) {
  const status = ["org.a11y.Status", "IsEnabled", `<${runs}>`];
  const set = ["--object-path", "/org/a11y/bus", "--method", "org.freedesktop.DBus.Properties.Set", ...status];
  return run("gdbus", ["call", "--session", "--dest", "org.a11y.Bus", ...set]);
}

let app, page, close, person;
before(async () => {
  await setReaderRuns(true);
  person = await startBrowser();
  ({ app, page, close } = await openWindow());
});
after(async () => {
  await close?.();
  await person?.close();
  await setReaderRuns(false);
});

/** Returns all elements of the page as `[role, name, states]`, in the order in which they are read out. */
async function elements() {
  const script = path.join(import.meta.dirname, "accessible-tree.py");
  const { stdout } = await run("/usr/bin/python3", [script, "usher-desktop"], { maxBuffer: 1e8 });
  // Readers speak one space for several.
  const spoken = (name) => name.replace(/\s+/g, " ").trim();
  const flat = ({ role, name, states, children }) => [[role, spoken(name), states.join(" ")], ...children.flatMap(flat)];
  return flat(JSON.parse(stdout));
}

const lines = (found) => found.map((one) => one.join(" | ")).join("\n");

/** Checks that the elements are there, each after the one before. */
function inOrder(found, expected) {
  let from = 0;
  for (const [role, name, states = ""] of expected) {
    const fits = (one) => one[0] === role && (name instanceof RegExp ? name.test(one[1]) : one[1] === name) && one[2] === states;
    const at = found.findIndex((one, index) => index >= from && fits(one));
    assert.notEqual(at, -1, `${role} ${name} ${states} is not there, or not in its place:\n${lines(found)}`);
    from = at + 1;
  }
}

test("the first run: what to press has the focus, and says what it does", async () => {
  await page.reads("#t-panel", /Sign in to OpenAI once/);
  const found = await elements();
  inOrder(found, [
    ["document web", "Usher", "focused"],
    ["link", "Skip to the panel"],
    ["landmark", "Usher"],
    ["heading", "Providers"],
    ["push button", "OpenAI Not signed in"],
    ["push button", "Gateway Off"],
    ["push button", "Preferences"],
    ["heading", "Sign in to OpenAI once"],
    ["push button", "Sign in with OpenAI", "focused"],
    ["push button", "Continue with ChatGPT"],
    ["push button", "Use a code instead For computers without a browser"],
  ]);
});

test("the main panel: account, model, effort, usage and test", async () => {
  await signInByCommandLine(app, person);
  await page.reads("[data-testid=row-usage]", /5-hour window/);
  await page.reads("#model-name", /^GPT-6\.2-Sol$/);
  const found = await elements();
  inOrder(found, [
    ["push button", "OpenAI Personal"],
    // The button that had the focus went with the first run.
    ["heading", /^OpenAI/, "focused"],
    ["toggle button", "Enabled", "checkable checked"],
    ["heading", "Account"],
    ["push button", "Accounts"],
    // A button that opens a dialog or a list is a combo box to WebKitGTK.
    ["combo box", "Disconnect", "has-popup"],
    ["heading", "Model"],
    ["combo box", "Model GPT-6.2-Sol 500K context", "has-popup"],
    ["heading", "Reasoning effort"],
    ["radio button", "Low", "checkable checked"],
    ["radio button", "High", "checkable"],
    ["heading", "Plan usage"],
    ["level bar", "5-hour window"],
    ["level bar", "Weekly window"],
    ["heading", "Connection"],
    ["push button", "Test"],
  ]);
  const unnamed = found.filter(([role, name]) => /button|link|check|radio|combo|entry|slider|level/.test(role) && name.trim() === "");
  assert.deepEqual(unnamed, [], lines(found));
});
