// Moves the focus and scrolls elements into view.

import { tick } from "svelte";
import type { Attachment } from "svelte/attachments";

/** Focuses the element when it appears, without a focus ring before the first user interaction. */
export const focusOnMount: Attachment<HTMLElement> = (element) => {
  const quiet = navigator.userActivation?.hasBeenActive === false;
  element.focus(quiet ? { focusVisible: false } : undefined);
};

/** Scrolls the element into view when it appears. */
export const scrollIntoView: Attachment<HTMLElement> = (element) => {
  element.scrollIntoView({ block: "nearest" });
};

/** Moves the focus to the first match after pending state changes are rendered. */
export async function focusOn(selector: string): Promise<void> {
  await tick();
  document.querySelector<HTMLElement>(selector)?.focus();
}
