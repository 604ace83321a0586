// One line about a provider for the sidebar, and whether it needs the person.

import type { ErrorCode, Overview } from "../ipc/bindings";
import { t } from "../text";

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
};

export function statusOf(overview: Overview | null, limited: boolean): ProviderStatus {
  if (!overview) return { text: "", attention: false };
  const { attention, account, enabled } = overview;
  if (attention && attention.code !== "sign_in_required") {
    return { text: attentionTexts[attention.code] ?? t.sidebar.attention, attention: true };
  }
  if (!account) return { text: t.sidebar.notSignedIn, attention: false };
  if (limited) return { text: t.sidebar.limit, attention: true };
  if (!enabled) return { text: t.sidebar.off, attention: false };
  return { text: account.email ?? account.workspace, attention: false };
}
