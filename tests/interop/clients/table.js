// The outcome of each client and case: written by the tests, printed by run.js, kept on the page of docs.js.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The cases of the programs that have test files of their own, and those that every client of definitions/ has. */
const CASES = {
  own: [
    ..."one-shot,streaming,tools,image,structured,reasoning,limit,cut,cancel,models,count tokens,key helper".split(","),
    ..."through the Platform,through Chat Completions,other hosts contacted".split(","),
  ],
  defined: ["recipe", "tools", "limit", "bad pass", "cut", "other hosts contacted"],
};

const cellsIn = (folder) => join(folder, "cells");

/** Records a cell of the table `kind`. */
export function note(client, name, outcome, kind = "own") {
  if (!CASES[kind].includes(name)) throw new Error(`the table has no place for ${name}`);
  appendFileSync(cellsIn(process.env.USHER_CLIENTS_FOLDER), `${JSON.stringify({ kind, client, name, outcome })}\n`);
}

function cellsOf(folder, kind) {
  if (!existsSync(cellsIn(folder))) return [];
  const lines = readFileSync(cellsIn(folder), "utf8").trim().split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line)).filter((cell) => cell.kind === kind);
}

/** Returns a table as Markdown: a row per client, a column per case. */
export function table(folder, kind) {
  const cells = cellsOf(folder, kind);
  const clients = [...new Set(cells.map((cell) => cell.client))].sort((a, b) => a.localeCompare(b, "en"));
  const outcomes = (client, name) => {
    const found = cells.filter((cell) => cell.client === client && cell.name === name);
    return [...new Set(found.map((cell) => cell.outcome))].join(", ") || "–";
  };
  const rows = clients.map((client) => [client, ...CASES[kind].map((name) => outcomes(client, name))]);
  const head = ["", ...CASES[kind]];
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
