// Follows whether the user last used the keyboard. `:focus-visible` does not show it everywhere: WebKitGTK loses it when
// the arrow keys move the focus, and when a script moves it.

let byKeyboard = true;

/** Keys that are held for a shortcut or pressed by themselves move no focus. */
const modifiers: ReadonlySet<string> = new Set(["Shift", "Control", "Alt", "Meta"]);

/** Follows keyboard and pointer for as long as the page lives, and marks the root element for the style sheets. */
export function followInput(root: HTMLElement = document.documentElement): void {
  const note = (keyboard: boolean) => {
    byKeyboard = keyboard;
    root.dataset["input"] = keyboard ? "keyboard" : "pointer";
  };
  addEventListener("keydown", ({ key }) => !modifiers.has(key) && note(true), true);
  addEventListener("pointerdown", () => note(false), true);
}

/** Returns whether the last input came from the keyboard; before any input it counts as one. */
export const lastInputWasKeyboard = (): boolean => byKeyboard;
