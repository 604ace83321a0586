// Installs clients outside of the clone for `./dev clients`, each in a folder of its own, and writes where they are.
// `node install.js CACHE [--newest] [CLIENT…]` prints the name of that file.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { definitions } from "./definitions.js";
import { replaceAll } from "./recipe.js";

const [cache, ...rest] = process.argv.slice(2);
const newest = rest.includes("--newest");
const chosen = rest.filter((name) => !name.startsWith("--"));
const today = new Date().toISOString().slice(0, 10);

const all = (await definitions()).filter(({ id }) => chosen.length === 0 || chosen.includes(id));
const places = {};
for (const client of all) {
  // The others are those of ./dev test.
  if (!newest && !client.install.pinned) continue;
  places[client.id] = install(client);
}
const file = join(cache, newest ? "newest.json" : "pinned.json");
writeFileSync(file, JSON.stringify(places));
console.log(file);

/** Installs a client if it is not there yet; returns its place. */
function install({ id, install: wanted, apis, recipe }) {
  const key = createHash("sha256").update(JSON.stringify([wanted, newest && today])).digest("hex").slice(0, 12);
  const folder = join(cache, `${id}-${key}`);
  const done = join(folder, ".installed");
  if (!existsSync(done)) {
    console.error(`Installing ${id}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const place = (wanted.npm && withNpm) || (wanted.pypi && withPip) || withCargo;
    writeFileSync(done, JSON.stringify(place(folder, wanted, recipe(apis[0]))));
  }
  return JSON.parse(readFileSync(done, "utf8"));
}

function call(program, args, cwd, env = process.env) {
  execFileSync(program, args, { cwd, env, stdio: ["ignore", 2, 2] });
}

function specs({ pinned, besides = {} }, first, equals, latest = "") {
  const packages = Object.entries({ [first]: pinned, ...besides });
  return packages.map(([name, version]) => name + (newest || !version ? latest : `${equals}${version}`));
}

function withNpm(folder, { npm, ...wanted }) {
  writeFileSync(join(folder, "package.json"), "{}");
  // Without the tag, npm takes an older version when the newest one asks for a newer Node.
  const packages = specs(wanted, npm, "@", "@latest");
  call("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...packages], folder);
  const modules = join(folder, "node_modules");
  const { version } = JSON.parse(readFileSync(join(modules, npm, "package.json"), "utf8"));
  return { version, modules, bin: join(modules, ".bin") };
}

function withPip(folder, { pypi, ...wanted }) {
  call("python3", ["-m", "venv", folder], cache);
  const python = join(folder, "bin/python");
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  call(python, [...pip, ...specs(wanted, pypi, "==")], folder);
  const print = `import importlib.metadata; print(importlib.metadata.version("${pypi}"))`;
  const version = execFileSync(python, ["-c", print], { encoding: "utf8" }).trim();
  return { version, modules: folder, bin: join(folder, "bin") };
}

/** Builds the dependencies of the recipe, which is a crate; the lock file has the version. */
function withCargo(folder, { cargo, pinned }, { files }) {
  const replaced = newest ? { [`"=${pinned}"`]: '"*"' } : {};
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), replaceAll(content, replaced));
  }
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
  const env = {
    CARGO_HOME: cargoHome,
    RUSTUP_HOME: process.env.RUSTUP_HOME ?? join(homedir(), ".rustup"),
    CARGO_TARGET_DIR: join(folder, "target"),
  };
  call("cargo", ["build", "--quiet"], folder, { ...process.env, ...env });
  const lock = join(folder, "Cargo.lock");
  const found = new RegExp(`name = "${cargo}"\nversion = "(.*)"`).exec(readFileSync(lock, "utf8"));
  const given = { env: { ...env, CARGO_NET_OFFLINE: "true" }, copied: { "Cargo.lock": lock }, replaced };
  return { version: found[1], modules: folder, bin: join(cargoHome, "bin"), ...given };
}
