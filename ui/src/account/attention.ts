// What of the provider needs the person: a dead sign-in, a locked store, or a limit. Pure.

import type { Overview } from "../ipc/bindings";
import { attentions, buttonOf, detailOf, t, type RecoveryAction } from "../text";

export interface LimitSeen {
  resetsAt: number | null;
}

export interface Attention {
  /** Changes when something else needs attention; then it is said aloud. */
  key: string;
  title: string;
  text: string;
  detail: string | null;
  button: string;
  action: RecoveryAction;
  /** A limit is nobody's to mend, so its button is not the one thing to do. */
  filled: boolean;
  limit: LimitSeen | null;
}

export const limitSentence = (limit: LimitSeen, now: number): string =>
  limit.resetsAt === null ? t.panel.limitNoTime : t.panel.limitUntil(now, limit.resetsAt);

/** `limit` is what the usage says is used up, if anything is. */
export function attentionOf(
  overview: Overview,
  limit: { windowSeconds: number | null; resetsAt: number | null } | null,
  now: number,
): Attention | null {
  const failure = overview.attention;
  if (failure && failure.code !== "usage_limit_reached" && failure.code !== "sign_in_required") {
    const text = attentions[failure.code];
    return {
      key: failure.code,
      title: text.title,
      text: text.next,
      detail: detailOf(failure),
      button: buttonOf(text),
      action: text.action,
      filled: true,
      limit: null,
    };
  }
  if (!limit || overview.account === null) return null;
  const text = attentions.usage_limit_reached;
  const seen = { resetsAt: limit.resetsAt };
  return {
    key: `limit/${limit.windowSeconds ?? ""}/${limit.resetsAt ?? ""}`,
    title: t.panel.limitTitle(limit.windowSeconds),
    text: limitSentence(seen, now),
    detail: null,
    button: buttonOf(text),
    action: text.action,
    filled: false,
    limit: seen,
  };
}
