// The outcome of each client and case: written by the tests, printed by run.js.
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";

const CASES =
  "one-shot,streaming,tools,image,structured,reasoning,limit,cut,cancel,models,count tokens,key helper";
const ROWS = [...CASES.split(","), "through the Platform", "through Chat Completions", "other hosts contacted"];

const cellsIn = (folder) => join(folder, "cells");

/** Records a cell of the table. */
export function note(client, name, outcome) {
  if (!ROWS.includes(name)) throw new Error(`the table has no row for ${name}`);
  appendFileSync(cellsIn(process.env.USHER_CLIENTS_FOLDER), `${JSON.stringify({ client, name, outcome })}\n`);
}

/** Returns the table as Markdown: a column per client, a row per case. */
export function table(folder) {
  const cells = readFileSync(cellsIn(folder), "utf8")
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const clients = [...new Set(cells.map((cell) => cell.client))].sort();
  const lines = [
    ["", ...clients],
    ["---", ...clients.map(() => "---")],
  ];
  for (const name of ROWS) {
    const outcomes = (client) =>
      cells.filter((cell) => cell.client === client && cell.name === name).map((cell) => cell.outcome);
    lines.push([name, ...clients.map((client) => [...new Set(outcomes(client))].join(", ") || "–")]);
  }
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}
