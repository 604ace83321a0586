// What an account is called where several may share one e-mail address.

import type { AccountView } from "../ipc/bindings";

/** The person's own name, else the workspace. */
export const nameOf = ({ label, workspace }: AccountView): string => label ?? workspace;

/** In a sentence. The address says enough of the only one. */
export function whoOf(account: AccountView, several: boolean): string {
  const { email } = account;
  if (email === null) return nameOf(account);
  return several ? `${email} (${nameOf(account)})` : email;
}

/** In a line that may be cut: what tells it apart comes first. */
export function lineOf(account: AccountView, several: boolean): string {
  const { email } = account;
  if (email === null) return nameOf(account);
  return several ? `${nameOf(account)}, ${email}` : email;
}
