// What an account is called where several may share one e-mail address.

import type { AccountView } from "../ipc/bindings";

/** The person's own name, else the workspace. */
export const accountName = ({ label, workspace }: AccountView): string => label ?? workspace;

/** In a sentence. The address says enough of the only one. */
export function accountLabel(account: AccountView, several: boolean): string {
  const { email } = account;
  if (email === null) return accountName(account);
  return several ? `${email} (${accountName(account)})` : email;
}

/** In a line that may be cut: what tells it apart comes first. */
export function accountShortLabel(account: AccountView, several: boolean): string {
  const { email } = account;
  if (email === null) return accountName(account);
  return several ? `${accountName(account)}, ${email}` : email;
}
