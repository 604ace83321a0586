// Which tools the page lists, and how. Pure functions.

import { monogram } from "../components/display/monogram";
import type { ToolUndone, ToolView } from "../ipc/bindings";
import { tools as texts } from "../text/tools/tools";

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

/** Returns which keys stay, a sentence for each file that has some. */
export const keptOf = (undone: readonly ToolUndone[]): string[] =>
  undone.flatMap(({ files }) => files.map(texts.disconnected.kept)).filter((text) => text !== null);

/** Names whose first letters would not do: two tools have the same initials. */
const letters: Record<string, string> = {
  codex: "Cx",
  "codex-app": "Ca",
  "claude-code": "Cc",
  opencode: "oc",
};

/** Returns the letters in the tile of a tool. */
export function lettersOf({ id, name }: ToolView): string {
  const known = letters[id];
  if (known) return known;
  // In small letters as the name is: "pi" for pi.
  return name === name.toLowerCase() ? name.slice(0, 2) : monogram(name);
}
