// The status line of a provider in the sidebar, and whether it needs attention.

import type { AccountId, ErrorCode, Overview, ProviderView } from "../ipc/bindings";
import { providerKindOf, t } from "../text";

export interface ProviderStatus {
  text: string;
  attention: boolean;
  /** The account that the text names. */
  account?: AccountId;
}

const attentionTexts: Partial<Record<ErrorCode, string>> = {
  sign_in_expired: t.sidebar.expired,
  sign_in_revoked: t.sidebar.ended,
  sign_in_reused: t.sidebar.ended,
  sign_in_moved: t.sidebar.ended,
  usage_limit_reached: t.sidebar.limit,
  store_locked: t.sidebar.locked,
  passphrase_needed: t.sidebar.passphrase,
  invalid_key: t.sidebar.keyRefused,
};

const neutral = (text: string): ProviderStatus => ({ text, attention: false });
const needsAttention = (code: ErrorCode): ProviderStatus => ({
  text: attentionTexts[code] ?? t.sidebar.attention,
  attention: true,
});

/** Returns the status of the plan. */
export function statusOf(overview: Overview | null, limited: boolean): ProviderStatus {
  if (!overview) return neutral("");
  const { attention, account, enabled } = overview;
  if (attention && attention.code !== "sign_in_required") return needsAttention(attention.code);
  if (!account) return neutral(t.sidebar.notSignedIn);
  if (account.plan_use === "not_allowed") return needsAttention("plan_use_not_allowed");
  if (limited) return { text: t.sidebar.limit, attention: true };
  if (!enabled) return neutral(t.sidebar.off);
  return { ...neutral(account.name), account: account.id };
}

/** Returns the status of any other provider. */
export function statusOfProvider(view: ProviderView, now: number): ProviderStatus {
  const { attention, credential, enabled, endpoint } = view;
  if (attention && attention.code !== "sign_in_required") return needsAttention(attention.code);
  if (credential.kind === "key_of_other_address") return { text: t.sidebar.attention, attention: true };
  if (credential.kind === "missing") {
    return neutral(providerKindOf(view.id) === "codex" ? t.sidebar.notSignedIn : t.sidebar.noKey);
  }
  if (credential.kind === "codex") {
    if (!credential.account) return neutral(t.sidebar.notSignedIn);
    const over = credential.expires_at !== null && credential.expires_at <= now;
    if (over) return { text: t.sidebar.expired, attention: true };
  }
  if (!enabled) return neutral(t.sidebar.off);
  switch (credential.kind) {
    case "sign_in":
      return neutral(credential.account.name);
    case "codex":
      return neutral(credential.account?.email ?? credential.account?.name ?? "");
    case "environment":
      return neutral(t.sidebar.environment);
    default:
      // The first test detects the service's API.
      return neutral(endpoint?.wire === null ? t.sidebar.untested : t.sidebar.connected);
  }
}
