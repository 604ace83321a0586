// Ctrl, or Command, and one key; wherever one is.

export interface Shortcuts {
  /** The sidebar's items from the top, counted from 0. */
  item: (index: number) => void;
  preferences: () => void;
  /** Presses a button of the panel, if it is there. */
  press: (selector: string) => boolean;
}

/** Does what the key stands for; answers whether it stood for something. */
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
