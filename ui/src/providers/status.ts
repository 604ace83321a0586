// The status line of a provider in the sidebar, and whether it needs attention.

import type { ErrorCode, Overview, ProviderView } from "../ipc/bindings";
import { providerKindOf, accountShortLabel, t } from "../text";

export interface ProviderStatus {
  text: string;
  attention: boolean;
}

const attentionTexts: Partial<Record<ErrorCode, string>> = {
  sign_in_expired: t.sidebar.expired,
  sign_in_revoked: t.sidebar.ended,
  sign_in_reused: t.sidebar.ended,
  usage_limit_reached: t.sidebar.limit,
  store_locked: t.sidebar.locked,
  invalid_key: t.sidebar.keyRefused,
};

const calm = (text: string): ProviderStatus => ({ text, attention: false });
const needsPerson = (code: ErrorCode): ProviderStatus => ({
  text: attentionTexts[code] ?? t.sidebar.attention,
  attention: true,
});

/** Returns the status of the plan. */
export function statusOf(overview: Overview | null, limited: boolean, accounts: number): ProviderStatus {
  if (!overview) return calm("");
  const { attention, account, enabled } = overview;
  if (attention && attention.code !== "sign_in_required") return needsPerson(attention.code);
  if (!account) return calm(t.sidebar.notSignedIn);
  if (limited) return { text: t.sidebar.limit, attention: true };
  if (!enabled) return calm(t.sidebar.off);
  return calm(accountShortLabel(account, accounts > 1));
}

/** Returns the status of any other provider. */
export function statusOfProvider(view: ProviderView, now: number): ProviderStatus {
  const { attention, credential, enabled, endpoint } = view;
  if (attention && attention.code !== "sign_in_required") return needsPerson(attention.code);
  if (credential.kind === "key_of_other_address") return { text: t.sidebar.attention, attention: true };
  if (credential.kind === "missing") {
    return calm(providerKindOf(view.id) === "codex" ? t.sidebar.notSignedIn : t.sidebar.noKey);
  }
  if (credential.kind === "codex") {
    if (!credential.account) return calm(t.sidebar.notSignedIn);
    const over = credential.expires_at !== null && credential.expires_at <= now;
    if (over) return { text: t.sidebar.expired, attention: true };
  }
  if (!enabled) return calm(t.sidebar.off);
  switch (credential.kind) {
    case "sign_in":
      return calm(accountShortLabel(credential.account, credential.accounts > 1));
    case "codex":
      return calm(credential.account?.email ?? credential.account?.workspace ?? "");
    case "environment":
      return calm(t.sidebar.environment);
    default:
      // The first test detects the service's API.
      return calm(endpoint?.wire === null ? t.sidebar.untested : t.sidebar.connected);
  }
}
