// The chosen appearance. `before-paint.js` applies it before the first paint, so it is kept in the web view's own storage.

export type Appearance = "system" | "light" | "dark";

export const appearances: readonly Appearance[] = ["system", "light", "dark"];

const key = "appearance";

/** Returns the chosen appearance. */
export function chosenAppearance(): Appearance {
  const stored = localStorage.getItem(key);
  return stored === "light" || stored === "dark" ? stored : "system";
}

/** Chooses an appearance and applies it. */
export function chooseAppearance(appearance: Appearance): void {
  if (appearance === "system") localStorage.removeItem(key);
  else localStorage.setItem(key, appearance);
  // The script that applied it before the first paint listens.
  dispatchEvent(new Event("appearance"));
}
