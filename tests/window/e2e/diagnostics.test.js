// The export of diagnostics asks where to save, by the system's dialog.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { inWindow } from "./window.js";

const run = promisify(execFile);

/** Returns the titles of all windows of the display. */
const titles = async () => (await run("wmctrl", ["-l"])).stdout;

/** Waits until a dialog is there besides the window, or is gone; then keys reach the one or the other. */
async function dialog(open) {
  while ((await titles()).trim().split("\n").length !== (open ? 2 : 1)) await pause(50);
}

const press = (...keys) => run("xdotool", ["key", "--clearmodifiers", ...keys]);

test("diagnostics are saved where the person chooses, or not at all", (t) =>
  inWindow(async ({ app, page }) => {
    await page.press("[data-testid=go-preferences]");

    await page.press("#export");
    await dialog(true);
    await press("Escape");
    await dialog(false);
    await page.gone("#export[aria-disabled]");
    assert.equal(await page.$("#show-export").isExisting(), false, "nothing was saved");

    await page.press("#export");
    await dialog(true);
    const file = path.join(app.folder, "for-support.txt");
    await press("ctrl+a");
    await run("xdotool", ["type", file]);
    await app.screenshot("export-dialog");
    await press("Return");
    await dialog(false);
    await page.reads("[data-testid=row-diagnostics]", /Saved as .*for-support\.txt/);
    assert.match(await readFile(file, "utf8"), /port_1455/);
    assert.equal((await stat(file)).mode & 0o777, 0o600, "nobody else can read it");
    await app.screenshot("export-saved");
  })(t));
