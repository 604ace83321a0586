// Decides what needs the user's attention for the plan: an ended sign-in, a locked store or a limit. Pure functions.

import type { ErrorCode, Overview } from "../../ipc/bindings";
import { unreadable } from "../../state/storeFindings";
import {
  attentions,
  buttonOf,
  detailOf,
  isPlanUsage,
  planUsage,
  planUsageDiffers,
  planUsageFailure,
  t,
  unreadableStore,
  type RecoveryAction,
} from "../../text";

export interface LimitSeen {
  resetsAt: number | null;
}

export interface Attention {
  /** Identifies the problem; a new key is announced again. */
  key: string;
  title: string;
  text: string;
  detail: string | null;
  button: string;
  action: RecoveryAction;
  /** What else can be done. */
  second?: { button: string; action: RecoveryAction };
  /** Whether the button is primary. For a limit it is not: the user can only wait. */
  filled: boolean;
  limit: LimitSeen | null;
}

export const limitSentence = (limit: LimitSeen, now: number): string =>
  limit.resetsAt === null ? t.panel.limitNoTime : t.panel.limitUntil(now, limit.resetsAt);

/** Returns the code of what is wrong with an account of plan usage, if that has a text of its own. */
function codeOfPlanUsage({ account, attention }: Overview, limited: boolean): ErrorCode | null {
  if (attention) return planUsageDiffers(attention.code) ? attention.code : null;
  if (account?.plan_use === "not_allowed") return "plan_use_not_allowed";
  return limited ? "usage_limit_reached" : null;
}

function attentionOfPlanUsage(code: ErrorCode): Attention {
  const text = planUsageFailure(code);
  const second = { button: planUsage.otherWays, action: "other_ways" as const };
  return {
    key: code,
    title: t.panel.noticeTitle(text.title),
    text: text.next,
    detail: null,
    button: buttonOf(text),
    action: text.action,
    ...(code === "plan_use_not_allowed" && { second }),
    filled: true,
    limit: null,
  };
}

/** Returns what needs attention, or null. `limit` is the exhausted usage window, if there is one. */
export function attentionOf(
  overview: Overview,
  limit: { windowSeconds: number | null; resetsAt: number | null } | null,
  now: number,
): Attention | null {
  const code = isPlanUsage(overview.account) ? codeOfPlanUsage(overview, limit !== null) : null;
  if (code) return attentionOfPlanUsage(code);
  const failure = overview.attention;
  const found = unreadable(overview.store.findings);
  if (failure && found && (found.kind === "damaged" || found.kind === "other_key")) {
    return {
      key: failure.code,
      title: found.kind === "damaged" ? unreadableStore.damaged : unreadableStore.otherKey,
      text: unreadableStore.next,
      detail: detailOf({ code: failure.code, cause: `${found.reason}.` }),
      button: unreadableStore.startAgain,
      action: "set_aside",
      filled: true,
      limit: null,
    };
  }
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
