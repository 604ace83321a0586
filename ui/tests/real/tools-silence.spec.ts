// A tool whose files come back while the gateway is silent, on the real core, with a scheduler that does nothing.

import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect, test, type RealPage } from "./support/real";

/** Puts a `systemctl` on the search path, and starts the core with it. */
async function startWithScheduler(usher: RealPage): Promise<void> {
  const folder = path.join(usher.home, "bin");
  await mkdir(folder);
  await writeFile(path.join(folder, "systemctl"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  await usher.start({ PATH: `${folder}:${process.env["PATH"] ?? ""}` });
}

const units = (usher: RealPage) => readdir(path.join(usher.home, ".config/systemd/user"));

async function minutes(usher: RealPage): Promise<number | null | undefined> {
  const { document } = await usher.run("tools");
  const tools = document["tools"] as {
    id: string;
    connection: { restore_after_minutes: number | null } | null;
  }[];
  return tools.find(({ id }) => id === "codex")?.connection?.restore_after_minutes;
}

test("the tick sets a timer, and Stop this removes it", async ({ usher }) => {
  await mkdir(path.join(usher.home, ".codex"));
  await startWithScheduler(usher);
  await usher.openSignedIn();
  await usher.item("go-tools").click();
  const codex = usher.tool("codex");
  await usher.button("Connect Codex CLI").click();
  await codex.getByLabel("Turn on the gateway, too.").uncheck();
  await codex.locator("[data-restore]").check();
  await codex.locator(".btn-primary").click();
  await expect(codex).toContainText("if the gateway has not answered for 10 minutes");
  expect(await minutes(usher)).toBe(10);
  expect(await units(usher)).toHaveLength(2);
  await usher.button("Stop this: Codex CLI keeps its settings").click();
  await expect(codex).not.toContainText("has not answered");
  expect(await minutes(usher)).toBeNull();
  expect(await units(usher)).toEqual([]);
});
