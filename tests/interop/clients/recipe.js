// A recipe says how a program is pointed at the gateway. The same text stands on the page of clients and is run here.
import { copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { start } from "./client.js";

/** The prompt of every recipe; a case replaces it. */
const PROMPT = "say hi";

/** Formats the content of a JSON file. */
export const json = (value) => JSON.stringify(value, null, 2);

/** Replaces each key of `pairs` by its value. */
export function replaceAll(text, pairs) {
  return Object.entries(pairs).reduce((all, [from, to]) => all.replaceAll(from, () => to), text);
}

/** Writes the files of a recipe, and starts its lines in a shell as a person does who copies them. */
export function startRecipe({ files = {}, run }, home, prompt = PROMPT) {
  const given = (text) => replaceAll(text, { ...home.replaced, [PROMPT]: prompt });
  for (const [name, content] of Object.entries(files)) {
    const path = name.startsWith("~/") ? join(home.env.HOME, name.slice(2)) : join(home.work, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, given(content));
  }
  return start(["bash", "-e", "-c", given(run)], home);
}

/** Creates a home in which the client is installed, and where `usher` is this Usher, or prints `pass`. */
export function homeOf(client, fixture, name, pass) {
  const home = fixture.home(name, fixture.usherHome);
  const own = join(home.env.HOME, "bin");
  writeScript(own, "usher", pass ? `echo ${pass}` : `exec ${process.env.USHER_BIN} "$@"`);
  for (const [program, file] of Object.entries(client.install.script ?? {}))
    writeScript(own, program, `exec node ${join(client.modules, file)} "$@"`);
  Object.assign(home.env, client.env);
  for (const [name, from] of Object.entries(client.copied ?? {})) copyFileSync(from, join(home.work, name));
  home.env.PATH = [own, client.bin, home.env.PATH].join(delimiter);
  // Where a program in the working folder looks for packages.
  const link = join(home.work, "node_modules");
  if (!existsSync(link)) symlinkSync(client.modules, link);
  return { ...home, replaced: client.replaced };
}

function writeScript(folder, name, line) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
}
