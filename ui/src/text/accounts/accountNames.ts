// Texts about the name of an account, and about another account than the expected one, loaded with them.

import * as m from "#messages";

import type { AccountView } from "../../ipc/bindings";
import * as f from "../format";

/** The longest name, in characters. */
export const maxNameChars = 60;

export const accountNames = {
  ask: m.account_names_ask(),
  label: m.account_names_label(),
  save: m.account_names_save(),
  tooLong: (over: number) => m.account_names_too_long({ most: f.count(maxNameChars), over: f.count(over) }),
  /** While an account is renamed: what that does to passes. */
  keeps: (passes: readonly string[]) => m.account_names_keeps({ passes: f.list(passes) }),
};

export const otherAccount = {
  title: ({ name, email }: AccountView) => {
    const who = email === null ? name : f.list([name, email]);
    return m.other_account_title({ who });
  },
  text: (wanted: string | null, other: string, known: boolean) =>
    f.sentences(
      wanted === null ? m.other_account_signed_out() : m.other_account_signed_out_of({ wanted }),
      known ? m.other_account_unchanged({ other }) : m.other_account_not_added({ other }),
    ),
  again: (wanted: string | null) =>
    wanted === null ? m.other_account_again() : m.other_account_again_as({ wanted }),
  use: (other: string) => m.other_account_use({ other }),
  add: m.other_account_add(),
  leave: m.other_account_leave(),
};
