// Which tools the page lists, and how. Pure functions.

import type { ToolView } from "../ipc/bindings";
import { monogram } from "../components/display/monogram";

/** The person's own scripts, which have a section of their own. */
const scripts = "scripts";

/** Returns the tools of this computer, and those that are connected although they are gone. */
export const listedTools = (tools: readonly ToolView[]): ToolView[] =>
  tools.filter(({ id, found, connection }) => id !== scripts && (found || connection !== null));

/** Returns the names of the tools that are not on this computer. */
export const absentTools = (tools: readonly ToolView[]): string[] =>
  tools
    .filter(({ id, found, connection }) => id !== scripts && !found && connection === null)
    .map(({ name }) => name);

export const connectedCount = (tools: readonly ToolView[]): number =>
  tools.filter(({ connection }) => connection !== null).length;

/** Two tools have the same initials; others write their names in small letters. */
const letters: Record<string, string> = { codex: "Cx", "codex-app": "Ca", "claude-code": "Cc" };

/** Returns the letters in the tile of a tool. */
export function lettersOf({ id, name }: ToolView): string {
  const known = letters[id];
  if (known) return known;
  // As its own name begins: "oc" for opencode, "pi" for pi.
  return name === name.toLowerCase() ? name.slice(0, 2) : monogram(name);
}
