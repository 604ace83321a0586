// Lines of a diff in the unified format. Pure functions.

export interface DiffLine {
  /** A gap stands for lines that do not change and are not shown. */
  kind: "same" | "added" | "removed" | "gap";
  text: string;
}

const kinds: Record<string, DiffLine["kind"]> = { " ": "same", "+": "added", "-": "removed" };

/** Returns the lines of a diff without its headers. */
export function diffLines(diff: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let inside = false;
  for (const line of diff.split("\n")) {
    const hunk = /^@@ -(\d+)/.exec(line);
    if (hunk) {
      // The first lines of a file are not hidden lines.
      if (inside || Number(hunk[1]) > 1) lines.push({ kind: "gap", text: "" });
      inside = true;
      continue;
    }
    const kind = kinds[line.charAt(0)];
    // Before the first hunk are the names of the files; a backslash says that the last line has no end.
    if (inside && kind) lines.push({ kind, text: line.slice(1) });
  }
  return lines;
}

export interface ChangeCounts {
  added: number;
  changed: number;
  removed: number;
}

/** Counts lines; one that is removed where another is added counts as changed. */
export function changeCounts(lines: readonly DiffLine[]): ChangeCounts {
  const counts = { added: 0, changed: 0, removed: 0 };
  let block = { added: 0, removed: 0 };
  const close = () => {
    const changed = Math.min(block.added, block.removed);
    counts.changed += changed;
    counts.added += block.added - changed;
    counts.removed += block.removed - changed;
    block = { added: 0, removed: 0 };
  };
  for (const { kind } of lines) {
    if (kind === "added" || kind === "removed") block[kind] += 1;
    else close();
  }
  close();
  return counts;
}
