// Prints the list of versions that copies of Usher read (docs/packaging.md, Updates), from the signed packages of one version.
//
// Usage: node update-list.mjs FOLDER ADDRESS, the folder with the packages and their .sig files, and the address of the list,
// where the packages will be beside it. USHER_UPDATE_PUBLIC_KEY is the key that the copies were built with.
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The platforms, as the updater names them, and the ends of the names of their packages. */
const platforms = {
  "linux-x86_64": "_amd64.AppImage",
  "darwin-aarch64": "_aarch64.app.tar.gz",
  "darwin-x86_64": "_x64.app.tar.gz",
  "windows-x86_64": "_x64-setup.exe",
};

/** Returns the lines of what Tauri writes: a file of minisign, in base64. */
const lines = (text) => Buffer.from(text, "base64").toString("utf8").split("\n");

/** Returns the number of the key of a public key or a signature: eight bytes behind two that name the algorithm. */
const keyNumber = (text) => Buffer.from(lines(text)[1] ?? "", "base64").subarray(2, 10).toString("hex");

/** Returns the version that a signature is for; the updater refuses one that names another. */
const signedVersion = (signature) => /^trusted comment: .*\tversion:(\S+)$/m.exec(lines(signature).join("\n"))?.[1];

/** Returns the list of `version`. Throws where a package is missing or not signed as this version by this key. */
export function updateList(folder, address, publicKey, version) {
  const names = readdirSync(folder);
  const entry = (end) => {
    const found = names.filter((name) => name.endsWith(end));
    if (found.length !== 1) throw new Error(`there are ${found.length} packages *${end} in ${folder}, not one`);
    const [name] = found;
    const signature = readFileSync(path.join(folder, `${name}.sig`), "utf8").trim();
    if (signedVersion(signature) !== version) throw new Error(`${name} is signed as version ${signedVersion(signature)}, not ${version}`);
    if (keyNumber(signature) !== keyNumber(publicKey)) throw new Error(`${name} is signed by another key than that of the copies`);
    return { url: new URL(encodeURIComponent(name), address).href, signature };
  };
  return { version, platforms: Object.fromEntries(Object.entries(platforms).map(([platform, end]) => [platform, entry(end)])) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, address] = process.argv.slice(2);
  const { version } = /^version = "(?<version>.*)"$/m.exec(readFileSync(path.join(import.meta.dirname, "../Cargo.toml"), "utf8")).groups;
  console.log(JSON.stringify(updateList(folder, address, process.env.USHER_UPDATE_PUBLIC_KEY ?? "", version), null, 2));
}
