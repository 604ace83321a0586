// Sentences about sign-ins that other programs keep on this computer.

import type { FoundView } from "../ipc/bindings";
import * as f from "./format";

export const found = {
  list: "Sign-ins on this computer",
  /** Before the address, the address, and what comes after it. */
  title: ({ program_name, email }: FoundView): [string, string, string] =>
    email === null
      ? [`${program_name} is signed in on this computer.`, "", ""]
      : [`${program_name} is signed in on this computer as `, email, "."],
  /** Its access token has ended; only the program itself renews it. */
  over: ({ expires_at, advice }: FoundView, now: number) =>
    advice === "link" && expires_at !== null && expires_at <= now,
  titleOver: ({ program_name, email }: FoundView): [string, string, string] =>
    email === null
      ? [`The sign-in of ${program_name} on this computer has expired.`, "", ""]
      : [`The sign-in of ${program_name} on this computer for `, email, " has expired."],
  linkOver: ({ program_name }: FoundView) =>
    `Only ${program_name} renews it: choose Use it, then Run codex login. Recommended: a sign-in of Usher’s own.`,
  trouble: ({ program_name, trouble }: FoundView) =>
    `The sign-in of ${program_name} could not be read: ${trouble ?? ""}.`,
  /** Before the name of the file, and after it. */
  file: ["The file is ", ". Usher changes nothing in it."],
  where: ({ place, last_refresh }: FoundView, now: number) =>
    last_refresh === null
      ? `In ${place}.`
      : `In ${place}, renewed ${f.dayNear(now, last_refresh)} at ${f.clock(last_refresh)}.`,
  link: ({ program_name }: FoundView) => `Usher reads it and changes nothing in ${program_name}.`,
  signIn: "A copy of it would sign one of the two programs out, so Usher takes a sign-in of its own.",
  use: "Use it",
  useOf: ({ program_name }: FoundView) => `Use it: the ${program_name} sign-in`,
  signInButton: "Sign in",
};
