// Announces sign-in progress, problems and failures to screen readers.

import { announcer } from "./components/accessibility/announcer.svelte";
import { spellOut, type SignInState } from "./sign-in/signIn";
import type { Changes } from "./state/changes.svelte";
import { codeFailures, failures, signInFailures, t } from "./text";

function waitingText({ opened, method }: SignInState & { at: "waiting" }): string {
  if (opened) return t.announce.browserOpened;
  return method === "paste" ? t.signIn.linkReady : t.signIn.notOpened;
}

export function announceSignIn(state: SignInState, before: SignInState): void {
  switch (state.at) {
    case "waiting":
      if (before.at !== "waiting") announcer.say(waitingText(state));
      else if (state.ignored > before.ignored) announcer.say(t.signIn.ignored);
      break;
    case "code":
      announcer.say(t.code.announced(spellOut(state.userCode, t.code.dash)));
      break;
    case "failed": {
      const texts = state.method === "device" ? codeFailures : signInFailures;
      const text = texts[state.failure.code];
      announcer.warn(t.announce.failure(text.title, text.next));
      break;
    }
    default:
  }
}

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
