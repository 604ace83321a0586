// Texts of the page with every sign-in on this computer, loaded with its panel.

import * as m from "#messages";

import type { SignInCopiesView, SignInCopyView } from "../../ipc/bindings";
import * as f from "../format";

/** Says whether two programs renew the same sign-in; null where nothing was found. */
function badge({ one_writer: oneWriter, copies }: SignInCopiesView): string | null {
  if (copies.length === 0) return null;
  if (!oneWriter) return m.sign_in_copies_badge_two();
  return copies.every(({ problem }) => problem === null)
    ? m.sign_in_copies_badge_one()
    : m.sign_in_copies_badge_one_as_read();
}

/** Names the two programs that renew the same sign-in, what follows, and what to do. */
function shared({ copies }: SignInCopiesView): { title: string; text: string } | null {
  const copy = copies.find(({ same_as }) => same_as !== null);
  if (!copy) return null;
  const other = copies.find(({ place }) => place === copy.same_as);
  const name = other?.program_name ?? copy.same_as ?? "";
  return {
    title:
      copy.connected || other?.connected ? m.sign_in_copies_shared_end() : m.sign_in_copies_shared_move(),
    text: m.sign_in_copies_shared_text({ name, programName: copy.program_name }),
  };
}

/** Says when a sign-in was renewed last. */
function renewed({ last_refresh: at, renewed_last: last }: SignInCopyView, now: number): string | null {
  if (at === null) return null;
  const [day, time] = [f.dayNear(now, at), f.clock(at)];
  return last ? m.sign_in_copies_renewed_last({ day, time }) : m.sign_in_copies_renewed({ day, time });
}

/** Says whose sign-in it is, besides what the first line has. */
function whose({ program, account_name: name }: SignInCopyView): string | null {
  return program === "usher" || name === null ? null : m.sign_in_copies_whose({ name });
}

/** Says how the sign-in of a program that uses Usher is ended. */
function ending({ program, program_name: name, same_as: same }: SignInCopyView): string {
  return f.sentences(
    program === "codex" ? m.sign_in_copies_ending_codex() : m.sign_in_copies_ending({ name }),
    same === null ? "" : m.sign_in_copies_ending_both({ same }),
  );
}

export const signInCopies = {
  title: m.sign_in_copies_title(),
  linkAbout: m.sign_in_copies_link_about(),
  lead: m.sign_in_copies_lead(),
  loading: m.sign_in_copies_loading(),
  back: m.sign_in_copies_back(),
  lookAgain: m.sign_in_copies_look_again(),
  looked: (found: number) => m.sign_in_copies_looked({ count: found }),
  list: m.sign_in_copies_list(),
  badge,
  shared,
  who: ({ email, plan_name: plan }: SignInCopyView) =>
    f.list([email ?? m.sign_in_copies_no_email(), ...(plan ? [plan] : [])]),
  renewed,
  whose,
  same: (place: string) => m.sign_in_copies_same({ place }),
  ending,
  /** Text before and after the file name. */
  file: f.around((file) => m.sign_in_copies_file({ file })),
  problem: ({ problem }: SignInCopyView) => m.sign_in_copies_problem({ problem: problem ?? "" }),
  move: m.sign_in_copies_move(),
  moveName: (name: string) => m.sign_in_copies_move_name({ name }),
  notLookedAt: (names: readonly string[]) => m.sign_in_copies_not_looked_at({ names: f.list(names) }),
  empty: {
    title: m.sign_in_copies_empty_title(),
    text: m.sign_in_copies_empty_text(),
  },
};
