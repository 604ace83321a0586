// Moving the focus: always to something that exists now.

import { tick } from "svelte";
import type { Attachment } from "svelte/attachments";

/** Takes the focus when it appears; before anything was pressed without a ring, as nobody moved it. */
export const focusOnMount: Attachment<HTMLElement> = (element) => {
  const quiet = navigator.userActivation?.hasBeenActive === false;
  element.focus(quiet ? { focusVisible: false } : undefined);
};

/** Comes into view when it appears. */
export const seen: Attachment<HTMLElement> = (element) => {
  element.scrollIntoView({ block: "nearest" });
};

/** Moves the focus to the first match, once the page shows what was just set. */
export async function focusOn(selector: string): Promise<void> {
  await tick();
  document.querySelector<HTMLElement>(selector)?.focus();
}
