// Reloads the usage when a window of the plan was reset.

import { untrack } from "svelte";

import { minuteClock } from "../state/clock.svelte";
import type { Session } from "../state/session.svelte";

/** Call once while the page is initialised. */
export function refreshAfterReset(session: Session): void {
  $effect(() => {
    const now = minuteClock.seconds;
    const { usage } = session;
    if (usage.at !== "known" || usage.refreshing) return;
    const { windows, spend_limits } = usage.view;
    const over = [...windows, ...spend_limits].some((one) => one.resets_at !== null && one.resets_at <= now);
    if (over) untrack(() => session.refreshAfterReset());
  });
}
