// Texts of disconnecting an account, and of what passes use after a change, loaded with them.

import * as m from "#messages";

import type { PassOutcome, PassUse } from "../../ipc/bindings";
import * as f from "../format";

/** Formats "refused" or "uses OpenAI, Business, ada@example.com". */
function passUse(next: PassUse): string {
  if (next.kind === "refused") return m.passes_next_refused();
  const who = next.account === null ? next.provider : f.list([next.provider, next.account]);
  return m.passes_next_uses({ who });
}

const passAfter = ({ pass, next }: PassOutcome) => m.passes_after({ pass, next: passUse(next) });

export const disconnect = {
  done: m.disconnect_done(),
  doneText: (who: string | null) =>
    who === null ? m.disconnect_done_text() : m.disconnect_done_text_of({ who }),
  goneText: (who: string | null) =>
    who === null ? m.disconnect_gone_text() : m.disconnect_gone_text_of({ who }),
  pending: m.disconnect_pending(),
  pendingText: (who: string | null, unix: number) =>
    who === null
      ? m.disconnect_pending_text({ day: f.dayOnly(unix) })
      : m.disconnect_pending_text_of({ who, day: f.dayOnly(unix) }),
  forget: m.disconnect_forget(),
  trying: m.disconnect_trying(),
  stillPending: m.disconnect_still_pending(),
  revoked: m.disconnect_revoked(),
  forgotten: m.disconnect_forgotten(),
  /** After one with plan usage. */
  listed: m.disconnect_listed(),
  openSettings: m.disconnect_open_settings(),
};

/** What passes use, now or after a change. */
export const passes = {
  title: m.passes_title(),
  after: passAfter,
  /** The same as a sentence. */
  now: (outcomes: readonly PassOutcome[]) =>
    f.sentences(...outcomes.map((outcome) => f.ended(passAfter(outcome)))),
};
