// Labels of accounts, which may share one e-mail address.

import * as m from "#messages";

import type { AccountView } from "../ipc/bindings";

/** Returns the label for a sentence. The e-mail address alone identifies the only account. */
export function accountLabel({ name, email }: AccountView, several: boolean): string {
  if (email === null) return name;
  return several ? m.list_with_brackets({ text: email, more: name }) : email;
}
