// Decides what needs the user's attention for providers other than the plan. Pure functions.

import { codexSignInStatus } from "../../codex/login";
import type { ProviderView } from "../../ipc/bindings";
import { providerKindOf, t } from "../../text";
import { codex } from "../../text/tools/codex";
import { keys } from "../../text/providers/keys";
import { textsOf } from "../../text/providers/service";

export interface Need {
  /** Identifies the problem; a new key is announced again. */
  key: string;
  title: string;
}

export function providerAttentionOf(view: ProviderView, now: number): Need | null {
  const { id, name, attention, credential } = view;
  const need = (what: string, title: string): Need => ({ key: `${id}/${what}`, title });
  if (providerKindOf(id) === "codex") {
    const status = codexSignInStatus(view, now);
    if (status === "expired") return need(status, codex.expiredTitle);
    if (status !== "other") return null;
  }
  if (attention && attention.code !== "sign_in_required") {
    return need(attention.code, t.panel.noticeTitle(textsOf(view).failure(attention.code).title));
  }
  if (credential.kind === "key_of_other_address") return need(credential.kind, keys.otherAddressOf(name));
  return null;
}
