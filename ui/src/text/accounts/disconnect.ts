// Texts of disconnecting an account, and of what passes use after a change, loaded with them.

import type { PassOutcome, PassUse } from "../../ipc/bindings";
import * as f from "../format";

/** Formats "refused" or "uses OpenAI, Business, ada@example.com". */
function passUse(next: PassUse): string {
  if (next.kind === "refused") return "refused";
  return `uses ${next.account === null ? next.provider : `${next.provider}, ${next.account}`}`;
}

export const disconnect = {
  done: "Disconnected",
  doneText: (who: string | null) =>
    who === null
      ? "OpenAI has ended the sign-in, and it is deleted from this computer."
      : `OpenAI has ended the sign-in for ${who}, and it is deleted from this computer.`,
  goneText: (who: string | null) =>
    who === null
      ? "OpenAI had already ended the sign-in, and it is deleted from this computer."
      : `OpenAI had already ended the sign-in for ${who}, and it is deleted from this computer.`,
  pending: "Disconnected here, but OpenAI could not be reached",
  pendingText: (who: string | null, unix: number) =>
    who === null
      ? `The sign-in is deleted from this computer. OpenAI may list it as active until it expires. Usher keeps trying to end it there until ${f.dayOnly(unix)}.`
      : `The sign-in for ${who} is deleted from this computer. OpenAI may list it as active until it expires. Usher keeps trying to end it there until ${f.dayOnly(unix)}.`,
  forget: "Stop trying",
  trying: "Trying",
  stillPending: "OpenAI could still not be reached.",
  revoked: "OpenAI has ended the sign-in.",
  forgotten: "Usher stopped trying.",
  /** After one with plan usage. */
  listed: "Usher stays listed in ChatGPT’s settings until you remove it there",
  openSettings: "Open ChatGPT’s settings",
};

/** What passes use, now or after a change. */
export const passes = {
  title: "Your passes after this",
  after: ({ pass, next }: PassOutcome) => `${pass}: ${passUse(next)}`,
  /** The same as a sentence. */
  now: (outcomes: readonly PassOutcome[]) =>
    outcomes.map(({ pass, next }) => `${pass}: ${passUse(next)}.`).join(" "),
};
