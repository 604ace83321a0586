// What appears when a field is left must not move the button away from under the pointer that left it.

let down = false;
globalThis.addEventListener?.("pointerdown", () => (down = true), true);
for (const end of ["pointerup", "pointercancel"]) {
  globalThis.addEventListener?.(end, () => (down = false), true);
}

/** At once, or when the press that is under way has done its work; nothing if `element` has gone by then. */
export function afterPointerUp(element: HTMLElement, act: () => void): void {
  if (!down) return act();
  // A timer of the release comes after the click that belongs to it.
  const later = () => setTimeout(() => element.isConnected && act());
  addEventListener("pointerup", later, { once: true });
}
