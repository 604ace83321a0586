// Labels of accounts, which may share one e-mail address.

import type { AccountView } from "../ipc/bindings";

/** Returns the user's own label, else the workspace. */
export const accountName = ({ label, workspace }: AccountView): string => label ?? workspace;

/** Returns the label for a sentence. The e-mail address alone identifies the only account. */
export function accountLabel(account: AccountView, several: boolean): string {
  const { email } = account;
  if (email === null) return accountName(account);
  return several ? `${email} (${accountName(account)})` : email;
}

/** Returns the label for a line that may be truncated: the distinguishing part comes first. */
export function accountShortLabel(account: AccountView, several: boolean): string {
  const { email } = account;
  if (email === null) return accountName(account);
  return several ? `${accountName(account)}, ${email}` : email;
}
