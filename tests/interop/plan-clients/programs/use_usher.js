// Uses the command line of Usher.
import { execFile, execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBrowser, serve } from "./runner.js";

const { HOME: home, USHER_BIN: usher } = process.env;

/** A pipe to which the browser that Usher starts writes its address. */
const opened = join(home, "opened");
const browser = join(home, "browser");
execFileSync("mkfifo", [opened]);
writeFileSync(browser, `#!/bin/sh\nprintf %s "$1" > '${opened}'\n`, { mode: 0o755 });

const env = { ...process.env, USHER_HOME: join(home, "usher"), USHER_SECRETS: "file", BROWSER: browser };

/** Returns the JSON that a command prints; an error is thrown with its code. */
function run(...args) {
  return new Promise((resolve, reject) => {
    execFile(usher, [...args, "--json"], { env }, (error, stdout) => {
      const printed = stdout.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));
      if (error) reject(new Error(JSON.stringify(printed.at(-1))));
      else resolve(printed.at(-1));
    });
  });
}

async function signIn(options) {
  const login = run("login", "--chatgpt", ...options);
  // A login that fails before it opens a browser ends the wait.
  openBrowser(await Promise.race([readFile(opened, "utf8"), login]));
  const { account } = await login;
  return account.id.split(":").at(-1);
}

const ask = () => run("test");
const models = async () => (await run("models")).models.map(({ id }) => id);
const signOut = async () => (await run("logout", "--yes")).revoked;

serve({ sign_in: signIn, ask, models, sign_out: signOut });
