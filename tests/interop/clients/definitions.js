// The clients of definitions/, with where they are installed. A client is one file: its recipe is run by
// defined.test.js, and stands on the page of clients together with the outcome. A definition has
//
// - `name`, and `install`: `npm`, `pypi` or `cargo`, the package; `build`, the package that is installed in its place here;
//   `script`, programs that are files of packages; `pinned` and `besides`, the versions of a client that only
//   `./dev clients` installs; the others are in package.json and requirements.txt;
// - `apis`: `responses`, `chat`, `messages`, the preferred one first;
// - `recipe(api)`: `files` that a person writes, and the lines to `run`, with the prompt "say hi"; `note` is added to it;
// - `streamed(api)`: the recipe that streams, if the first does not;
// - `tool`: a prompt with which the client calls a tool that prints "from-the-tool";
// - `cases(api)`: what the client does by itself when the plan is used up (`limit`), at a `bad pass`, or when an answer is
//   `cut`. `again`: it asks more than three times; `waits`: as long as the answer says; `exit` and `says`: its own status or
//   words; `reason`: why. Without them it must fail with the reason in words.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { npmVersion, pypiVersion, python } from "./packages.js";

const here = import.meta.dirname;

/** A file of `./dev clients` that says where it has installed clients, and in which version. */
const installed = process.env.USHER_CLIENTS_INSTALLED
  ? JSON.parse(readFileSync(process.env.USHER_CLIENTS_INSTALLED, "utf8"))
  : {};

const APIS = { responses: "Responses", chat: "Chat Completions", messages: "Messages" };

/** Loads a definition; `row(api)` names its row in the table. */
export async function definition(id) {
  const { default: client } = await import(`./definitions/${id}.js`);
  const place = installed[id] ?? (client.install.pinned ? { version: client.install.pinned } : placeHere(client));
  const row = (api) => `${client.name} ${place.version}${client.apis.length > 1 ? `, ${APIS[api]}` : ""}`;
  return { ...client, ...place, id, row, api: (api) => APIS[api] };
}

/** Loads all definitions, sorted by name. */
export async function definitions() {
  const ids = readdirSync(join(here, "definitions")).map((file) => file.replace(/\.js$/, ""));
  const all = await Promise.all(ids.map(definition));
  return all.sort((a, b) => a.name.localeCompare(b.name, "en"));
}

/** Returns where a client is that `./dev test` installs; without Python, those of PyPI are nowhere. */
function placeHere({ install: { npm, pypi, build } }) {
  const modules = join(here, "node_modules");
  if (pypi) return { version: pypiVersion(pypi), modules, bin: python && dirname(python) };
  return { version: npmVersion(build ?? npm), modules, bin: join(modules, build ? `${build}/bin` : ".bin") };
}
