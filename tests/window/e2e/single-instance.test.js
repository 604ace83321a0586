// Another program holds the name by which a second start finds the open window: a window opens all the same and says so.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { stop } from "./processes.js";
import { instanceNameOf } from "./single-instance.js";
import { inWindow } from "./window.js";

const run = promisify(execFile);

/** Whether the session bus knows an owner of a name. */
async function isHeld(name) {
  const words = ["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"];
  const { stdout } = await run("dbus-send", [...words, "org.freedesktop.DBus.NameHasOwner", `string:${name}`]);
  return stdout.includes("boolean true");
}

/** Starts a program that holds `name` and, by its mode, answers every call with nothing or never answers. */
async function holdName(name, mode, program = "dbus-test-tool") {
  const holder = spawn(program, [mode, "--session", `--name=${name}`], { stdio: "ignore" });
  while (!(await isHeld(name))) {
    assert.equal(holder.exitCode, null, "the program that holds the name has ended");
    await pause(20);
  }
  return holder;
}

for (const [mode, what] of [
  ["black-hole", "never answers"],
  ["echo", "answers without a window"],
]) {
  test(`a window opens and tells of a program that holds its name and ${what}`, async (t) => {
    let holder;
    const beforeStart = async (home) => {
      holder = await holdName(instanceNameOf(home), mode);
    };
    try {
      await inWindow(
        async ({ app, page }) => {
          await page.reads(".notice", /Another program uses Usher’s name/);
          await page.reads(".notice", new RegExp(`dbus-test-tool, process ${holder.pid}`));
          await app.screenshot(`name-held-${mode}`);
        },
        { beforeStart },
      )(t);
    } finally {
      await stop(holder);
    }
  });
}

/** Waits until a start asks the owner of the name to bring its window forward. */
async function callOf(monitor) {
  for await (const line of createInterface({ input: monitor.stdout })) {
    if (line.includes("member=ExecuteCallback")) return;
  }
  throw new Error("dbus-monitor has ended");
}

test("a window that ends while it is asked leaves the place to the next, without a notice", async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), "usher-ending-"));
  const ending = path.join(folder, path.basename(process.env.USHER_DESKTOP_BIN));
  await copyFile((await run("which", ["dbus-test-tool"])).stdout.trim(), ending);
  const monitor = spawn("dbus-monitor", ["--session", "interface='org.SingleInstance.DBus'"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let holder;
  let ended;
  const beforeStart = async (home) => {
    holder = await holdName(instanceNameOf(home), "black-hole", ending);
    ended = callOf(monitor).then(() => stop(holder));
  };
  try {
    await inWindow(
      async ({ app, page }) => {
        await ended;
        assert.equal(await page.$(".notice").isExisting(), false);
        assert.ok(await isHeld(instanceNameOf(app.home)), "the new window can be found");
      },
      { beforeStart },
    )(t);
  } finally {
    await Promise.all([holder, monitor].filter(Boolean).map(stop));
    await rm(folder, { recursive: true });
  }
});
