// Writes the parts of the page of clients that come from definitions/ and from a run: `node docs.js` the recipes, and
// `./dev clients` the tables.
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { pagePart } from "../page-part.js";
import { definitions } from "./definitions.js";

const NAME = "clients";
const PAGE = join(import.meta.dirname, "../../../docs/user", `${NAME}.md`);
const LANGUAGES = { ".json": "json", ".toml": "toml", ".yaml": "yaml", ".mjs": "js", ".py": "python", ".rs": "rust" };

const partOf = (name) => pagePart(PAGE, name, { writer: "./dev clients" });

/** Returns a part of the page. */
export const committed = (name) => partOf(name).committed();

/** Replaces parts of the page. */
export function commit(parts) {
  for (const [name, text] of Object.entries(parts)) partOf(name).commit(text);
}

/** Returns the recipes as they stand on the page. */
export async function recipes() {
  return (await definitions()).map(section).join("\n\n");
}

/** Returns what clients do by themselves, as it stands below the table. */
export async function reasons() {
  const lines = [];
  for (const client of await definitions()) {
    const found = new Map();
    for (const api of client.apis)
      for (const [name, { again, reason = again } = {}] of Object.entries(client.cases?.(api) || {}))
        if (reason) found.set(`${name}: ${reason}`, [...(found.get(`${name}: ${reason}`) ?? []), client.api(api)]);
    for (const [text, apis] of found)
      lines.push(`- **${client.name}**${apis.length < client.apis.length ? ` (${apis.join(", ")})` : ""}, ${text}.`);
  }
  return lines.join("\n");
}

function section(client) {
  const { files = {}, run } = client.recipe(client.apis[0]);
  const written = Object.entries(files).map(
    ([name, content]) => `In \`${name}\`:\n\n${fenced(LANGUAGES[extname(name)], content)}`,
  );
  const parts = [`### ${client.name}`, ...written, fenced("sh", run), client.note];
  return parts.filter(Boolean).join("\n\n");
}

const fenced = (language, text) => `\`\`\`${language}\n${text}\n\`\`\``;

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  commit({ recipes: await recipes(), reasons: await reasons() });
