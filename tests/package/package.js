// The packages that were built, and an older one to upgrade from.
import { execFile } from "node:child_process";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

/** Runs a program; its output is text. */
export const run = (program, words, options) => promisify(execFile)(program, words, { maxBuffer: 1e8, ...options });

/** Runs a program; returns its standard output without the last line break. */
export const output = async (program, ...words) => (await run(program, words)).stdout.trim();

/** Returns the package of a kind (`deb`, `rpm`) that `./dev package` has made. */
export async function built(kind) {
  const folder = path.join(process.env.PROGRAMS, "bundle", kind);
  const [name] = (await readdir(folder)).filter((one) => one.endsWith(`.${kind}`));
  return path.join(folder, name);
}

/** Replaces a version in a program by another one of the same length. */
async function setVersion(program, from, to) {
  const text = await readFile(program, "latin1");
  await writeFile(program, text.replaceAll(from, to), "latin1");
}

/** Makes the package of an older version: the same files, and programs that say that version. */
export async function older(deb, version, to, folder) {
  const content = path.join(folder, "older");
  await mkdir(content);
  await run("dpkg-deb", ["--raw-extract", deb, content]);
  const control = path.join(content, "DEBIAN/control");
  await writeFile(control, (await readFile(control, "utf8")).replace(`Version: ${version}`, `Version: ${to}`));
  for (const program of ["usher", "usher-desktop"]) await setVersion(path.join(content, "usr/bin", program), version, to);
  const file = path.join(folder, `usher_${to}.deb`);
  await run("dpkg-deb", ["--root-owner-group", "-Znone", "--build", content, file]);
  return file;
}

export const install = (file) =>
  run("apt-get", ["install", "--yes", "--quiet", "--no-install-recommends", "--allow-downgrades", file], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });

/** Removes the package; `how` is `remove` or `purge`. */
export const uninstall = (how) => run("apt-get", [how, "--yes", "--quiet", "usher"]);

/** Returns the processes that run a program of the package: `{ pid, exe }`. */
export async function processes() {
  const found = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const exe = await output("readlink", `/proc/${pid}/exe`).catch(() => "");
    if (/^\/usr\/bin\/usher(-desktop)?( \(deleted\))?$/.test(exe)) found.push({ pid: Number(pid), exe });
  }
  return found;
}
