// Checks imports between folders. Only ipc imports Tauri; features import components, text, ipc and state, not each
// other. Files at the top and in `panels` combine the features. Only text imports the messages.

import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { files, source } from "./source.js";

const features = [
  "account",
  "activity",
  "codex",
  "connection",
  "deep-link",
  "endpoints",
  "external-sign-ins",
  "gateway",
  "models",
  "preferences",
  "providers",
  "sign-in",
  "storage",
  "tools",
  "usage",
];

/** Folders that each folder may import from, besides itself. */
const allowed = {
  ipc: [],
  text: ["ipc"],
  components: ["text", "ipc"],
  state: ["ipc"],
  styles: [],
  ...Object.fromEntries(features.map((feature) => [feature, ["components", "text", "ipc", "state"]])),
  /** Panels combine features, like the files at the top. */
  panels: [...features, "components", "text", "ipc", "state"],
};

/** Modules of ipc that only ipc may import: all others use the interface in ipc/client.ts. */
const internal = ["tauri", "transport", "commands", "http", "bridge", "settings", "fake"].map(
  (name) => `ipc/${name}`,
);

/** @param {string} file path below src @param {string} text */
export function breaches(file, text) {
  const found = [];
  const folder = file.includes("/") ? file.split("/")[0] : "";
  const test = file.endsWith(".test.ts");
  for (const match of text.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']/g)) {
    const target = match[1] ?? "";
    if (target.startsWith("@tauri-apps/")) {
      if (file !== "ipc/tauri.ts") found.push(`${file}: ${target} belongs to ipc/tauri.ts`);
      continue;
    }
    if (target === "#messages" && folder !== "text") found.push(`${file}: messages are behind text/`);
    if (!target.startsWith(".") || test) continue;
    const path = relative("/", join("/", dirname(file), target));
    const to = path.includes("/") ? path.split("/")[0] : path in allowed ? path : "";
    if (
      folder !== "ipc" &&
      internal.some((one) => path.replace(/\.ts$/, "") === one || path.startsWith(`${one}/`))
    ) {
      found.push(`${file}: ${path} is behind ipc/client.ts`);
    }
    if (folder === "" || to === folder) continue;
    const may = allowed[/** @type {keyof typeof allowed} */ (folder)];
    if (!may) found.push(`${file}: the folder ${folder} is not known to check-imports.js`);
    else if (!may.includes(to)) found.push(`${file}: ${folder} must not import ${path}`);
  }
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sources = files(source).filter((file) => /\.(ts|svelte)$/.test(file));
  const found = sources.flatMap((file) => breaches(relative(source, file), readFileSync(file, "utf8")));
  const long = files(source).filter(
    (file) => readFileSync(file, "utf8").split("\n").length > 400 && !file.endsWith("bindings.ts"),
  );
  for (const file of long) found.push(`${relative(source, file)}: more than 400 lines`);
  for (const breach of found) console.error(breach);
  if (found.length > 0) process.exit(1);
  console.log(`imports: ${sources.length} files, every import is allowed`);
}
