// The tables of the page of this sign-in: each field of each request, of every client beside Usher.
import { join } from "node:path";
import { pagePart } from "../page-part.js";
import { clients } from "./clients.js";
import { KINDS } from "./sent.js";
import { reasons, usher } from "./usher.js";

const NAME = "sign-in-with-chatgpt";
const PAGE = join(import.meta.dirname, "../../../docs/protocol", `${NAME}.md`);

export const part = pagePart(PAGE, "requests", { writer: "npm test -- --write in tests/interop/plan-clients" });

/** Returns the tables. Where Usher sends what nobody else does, the last column has the reason; an error without one. */
export function tables(sent) {
  const unused = new Set(Object.keys(reasons));
  const all = KINDS.map(({ id, title }) => `**${title}**\n\n${table(id, sent, unused)}`);
  if (unused.size > 0) throw new Error(`usher.js has reasons for what is no difference: ${[...unused].join(", ")}`);
  return all.join("\n\n");
}

function table(kind, sent, unused) {
  const others = clients.filter((client) => sent[client.id][kind]);
  const columns = [...others.map((client) => sent[client.id][kind]), usher[kind]];
  const names = [...new Set(columns.flatMap(Object.keys))].sort();
  const head = ["Field", ...others.map(({ id, version }) => `${id} ${version}`), "Usher", "Why"];
  const rows = names.map((name) => {
    const cells = columns.map((fields) => fields[name] ?? "–");
    const key = `${kind} ${name}`;
    const isOwn = !cells.slice(0, -1).includes(cells.at(-1));
    if (isOwn && !reasons[key]) throw new Error(`usher.js has no reason for ${key}: ${cells.join(" | ")}`);
    if (isOwn) unused.delete(key);
    return [name.startsWith("header") ? name : `\`${name}\``, ...cells, isOwn ? reasons[key] : ""];
  });
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`.replaceAll("|  |", "| |")).join("\n");
}

/** Requires that Usher sent what usher.js has: every field there that has no "or –", and none besides. */
export function checkUsher(sent) {
  for (const [kind, fields] of Object.entries(usher)) {
    const names = new Set([...Object.keys(fields), ...Object.keys(sent[kind] ?? {})]);
    for (const name of names) {
      const [expected, seen] = [fields[name], sent[kind]?.[name]].map((words) => (words ?? "–").split(" or "));
      if (!seen.every((words) => expected.includes(words)))
        throw new Error(`usher.js has ${expected.join(" or ")} for ${kind} ${name}; Usher sent ${seen.join(" or ")}`);
    }
  }
}
