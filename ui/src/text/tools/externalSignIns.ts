// Texts about sign-ins of other programs on this computer.

import type { ExternalSignInView } from "../../ipc/bindings";
import * as f from "../format";

export const externalSignIns = {
  list: "Sign-ins on this computer",
  /** Text before the e-mail address, the address, and text after it. */
  title: ({ program_name, email }: ExternalSignInView): [string, string, string] =>
    email === null
      ? [`${program_name} is signed in on this computer.`, "", ""]
      : [`${program_name} is signed in on this computer as `, email, "."],
  /** Returns whether its access token has expired; only its own program refreshes it. */
  over: ({ expires_at, advice }: ExternalSignInView, now: number) =>
    advice === "link" && expires_at !== null && expires_at <= now,
  titleOver: ({ program_name, email }: ExternalSignInView): [string, string, string] =>
    email === null
      ? [`${program_name}’s sign-in on this computer has expired.`, "", ""]
      : [`${program_name}’s sign-in on this computer as `, email, " has expired."],
  linkOver: ({ program_name }: ExternalSignInView) =>
    `Only ${program_name} can renew it: choose Use it, then Run codex login. Recommended: sign in with Usher instead.`,
  trouble: ({ program_name, trouble }: ExternalSignInView) =>
    `Usher could not read ${program_name}’s sign-in: ${trouble ?? ""}.`,
  /** Text before and after the file name. */
  file: ["The file is ", ". Usher changes nothing in it."],
  where: ({ place, last_refresh }: ExternalSignInView, now: number) =>
    last_refresh === null
      ? `In ${place}.`
      : `In ${place}, renewed ${f.dayNear(now, last_refresh)} at ${f.clock(last_refresh)}.`,
  link: ({ program_name }: ExternalSignInView) =>
    `Usher only reads it and changes nothing in ${program_name}.`,
  signIn: "A copy would sign one of the two programs out. Sign in with Usher instead.",
  use: "Use it",
  useOf: ({ program_name }: ExternalSignInView) => `Use it: the ${program_name} sign-in`,
  signInButton: "Sign in",
};
