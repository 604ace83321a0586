// Texts of the page with every sign-in on this computer, loaded with its panel.

import type { SignInCopiesView, SignInCopyView } from "../../ipc/bindings";
import * as f from "../format";

/** Says whether two programs renew the same sign-in; null where nothing was found. */
function badge({ one_writer: oneWriter, copies }: SignInCopiesView): string | null {
  if (copies.length === 0) return null;
  if (!oneWriter) return "Two programs renew the same sign-in";
  return copies.every(({ problem }) => problem === null)
    ? "One writer"
    : "One writer, as far as it could be read";
}

/** Names the two programs that renew the same sign-in, what follows, and what to do. */
function shared({ copies }: SignInCopiesView): { title: string; text: string } | null {
  const copy = copies.find(({ same_as }) => same_as !== null);
  if (!copy) return null;
  const other = copies.find(({ place }) => place === copy.same_as);
  const name = other?.program_name ?? copy.same_as;
  return {
    title:
      copy.connected || other?.connected
        ? "End the one that is not needed any more"
        : "Move one of them to a pass",
    text: `${name} and ${copy.program_name} hold the same sign-in. The first one that renews it signs the other one out.`,
  };
}

/** Says when a sign-in was renewed last. */
function renewed({ last_refresh: at, renewed_last: last }: SignInCopyView, now: number): string | null {
  if (at === null) return null;
  const time = `Renewed ${f.dayNear(now, at)} at ${f.clock(at)}`;
  return last ? `${time}, the last of this account.` : `${time}.`;
}

/** Says whose sign-in it is, besides what the first line has. */
function whose({ program, account_name: name }: SignInCopyView): string | null {
  return program === "usher" || name === null
    ? null
    : `Your account ${name} of Usher, with a sign-in of its own.`;
}

/** Says how the sign-in of a program that uses Usher is ended. */
function ending({ program, program_name: name, same_as: same }: SignInCopyView): string {
  const end = program === "codex" ? "run codex logout" : `sign out in ${name}`;
  const both = same === null ? "" : ` That ends the one in ${same}, too.`;
  return `Uses Usher. Its own sign-in is not needed any more; to end it, ${end}.${both}`;
}

export const signInCopies = {
  title: "Sign-ins on this computer",
  linkAbout: "Which programs hold one, and whether two renew the same.",
  lead: "Every place that holds a sign-in to OpenAI. Usher copies and deletes none of them.",
  loading: "Looking for sign-ins",
  back: "Tools",
  lookAgain: "Look again",
  looked: (found: number) => f.plural(found, { one: "# sign-in found.", other: "# sign-ins found." }),
  list: "Sign-ins on this computer",
  badge,
  shared,
  who: ({ email, plan_name: plan }: SignInCopyView) =>
    [email ?? "No e-mail", plan].filter(Boolean).join(", "),
  renewed,
  whose,
  same: (place: string) => `The same sign-in as in ${place}.`,
  ending,
  /** Text before and after the file name. */
  file: ["In ", "."],
  problem: ({ problem }: SignInCopyView) => `Usher could not read it: ${problem ?? ""}.`,
  move: "Move to a pass",
  moveName: (name: string) => `Move to a pass: ${name}`,
  notLookedAt: (names: readonly string[]) =>
    `Not looked at, because their files are not documented: ${names.join(", ")}.`,
  empty: {
    title: "No sign-in found",
    text: "No program that Usher knows holds a sign-in to OpenAI here.",
  },
};
