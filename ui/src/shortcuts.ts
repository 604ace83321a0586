// Keyboard shortcuts with Ctrl or Command.

export interface Shortcuts {
  /** Opens a sidebar item, zero-based from the top. */
  item: (index: number) => void;
  preferences: () => void;
  /** Clicks a button of the panel; returns whether it exists. */
  press: (selector: string) => boolean;
}

/** Runs the shortcut of the event; returns whether there was one. */
export function shortcut(event: KeyboardEvent, to: Shortcuts): boolean {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return false;
  if (document.querySelector("dialog[open]")) return false;
  if (/^[1-9]$/.test(event.key)) to.item(Number(event.key) - 1);
  else if (event.key === ",") to.preferences();
  else if (event.key === "f") return to.press("#model");
  else if (event.key === "t") return to.press("#test");
  else return false;
  return true;
}
