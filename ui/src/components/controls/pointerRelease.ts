// Delays layout changes on blur until the pointer is released, so that a button does not move away under it.

let down = false;
globalThis.addEventListener?.("pointerdown", () => (down = true), true);
for (const end of ["pointerup", "pointercancel"]) {
  globalThis.addEventListener?.(end, () => (down = false), true);
}

/** Runs `act` now, or after a pressed pointer is released. Does nothing if `element` was removed by then. */
export function afterPointerUp(element: HTMLElement, act: () => void): void {
  if (!down) return act();
  // A timer set on release runs after the click event of that release.
  const later = () => setTimeout(() => element.isConnected && act());
  addEventListener("pointerup", later, { once: true });
}
