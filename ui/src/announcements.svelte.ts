// Announces problems and failures to screen readers.

import { announcer } from "./components/accessibility/announcer.svelte";
import type { Changes } from "./state/changes.svelte";
import { failures, t } from "./text";

/** A problem that needs the user. A null title is not announced yet. */
export interface Need {
  key: string;
  title: string | null;
}

/** Announces each problem once, including those present at the start, and again when it comes back. */
export function announceAttention(all: () => readonly Need[]): void {
  let known: ReadonlySet<string> = new Set();
  $effect(() => {
    const needs = all();
    const titles = needs.filter(({ key }) => !known.has(key)).map(({ title }) => title);
    const text = titles.filter((title) => title !== null).join(". ");
    if (text) announcer.warn(text);
    known = new Set(needs.map(({ key }) => key));
  });
}

export function announceFailures(changes: Changes): void {
  $effect(() => {
    if (!changes.failure) return;
    const text = failures[changes.failure.code];
    announcer.warn(t.announce.failure(text.title, text.next));
  });
}
