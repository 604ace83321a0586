// Texts about the name of an account, and about another account than the expected one, loaded with them.

import type { AccountView } from "../../ipc/bindings";
import * as f from "../format";

/** The longest name, in characters. */
export const maxNameChars = 60;

export const accountNames = {
  ask: "What do you call this account?",
  label: "Name of this account",
  save: "Save",
  tooLong: (over: number) => `${f.count(maxNameChars)} characters at most: ${f.count(over)} too many.`,
  /** While an account is renamed: what that does to passes. */
  keeps: (passes: readonly string[]) =>
    `A new name changes nothing for the passes that use it: ${passes.join(", ")}.`,
};

export const otherAccount = {
  title: ({ name, email }: AccountView) => `You signed in as ${email === null ? name : `${name}, ${email}`}.`,
  text: (wanted: string | null, other: string, known: boolean) =>
    `${wanted ?? "The account"} is still signed out. ${known ? `${other} is unchanged.` : `${other} is not added yet.`}`,
  again: (wanted: string | null) => (wanted === null ? "Sign in again" : `Sign in to ${wanted}`),
  use: (other: string) => `Use ${other}`,
  add: "Add as another account",
  leave: "Change nothing",
};
