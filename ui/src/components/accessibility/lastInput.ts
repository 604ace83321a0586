// Follows whether the user last used the keyboard. `:focus-visible` does not show it everywhere: WebKitGTK loses it when
// the arrow keys move the focus, and when a script moves it.

const root = document.documentElement;

/** Follows keyboard and pointer for as long as the page lives, and marks the root element for the style sheets. */
export function followInput(): void {
  const note = (kind: string) => (root.dataset["input"] = kind);
  // A modifier by itself moves no focus.
  addEventListener("keydown", ({ key }) => /^(Shift|Control|Alt|Meta)$/.test(key) || note("keyboard"), true);
  addEventListener("pointerdown", () => note("pointer"), true);
}

/** Returns whether the last input came from the keyboard; before any input it counts as one. */
export const lastInputWasKeyboard = (): boolean => root.dataset["input"] !== "pointer";
