// Fixtures: places on this computer that hold a sign-in of OpenAI.

import type { SignInCopiesView, SignInCopyView } from "../bindings";
import { day, hour, minute } from "./fixtures";

const copyOf = (
  program: string,
  program_name: string,
  place: string,
  changed: Partial<SignInCopyView> = {},
): SignInCopyView => ({
  program,
  program_name,
  place,
  email: "ada@example.com",
  plan_name: "Plus",
  account: null,
  account_name: null,
  last_refresh: null,
  renewed_last: false,
  same_as: null,
  tool: null,
  connected: false,
  problem: null,
  ...changed,
});

const own = (now: number) =>
  copyOf("usher", "Usher", "~/.local/share/usher/secrets.usher", {
    account: "user-ada/acct-1",
    account_name: "Personal",
    last_refresh: Math.floor(now - 12 * minute),
    renewed_last: true,
  });

const codex = (now: number) =>
  copyOf("codex", "Codex CLI", "~/.codex/auth.json", {
    account: "user-ada/acct-1",
    account_name: "Personal",
    last_refresh: Math.floor(now - 3 * day),
    tool: "codex",
  });

/** Each program has a sign-in of its own. */
export const copies = (now: number): SignInCopiesView => ({
  one_writer: true,
  copies: [
    own(now),
    codex(now),
    copyOf("missy", "Missy", "~/.missy/secrets/openai-oauth.json", {
      email: "ada@work.example",
      plan_name: "Business",
      last_refresh: Math.floor(now - 5 * hour),
    }),
  ],
  not_looked_at: ["Zed", "cc-switch"],
});

/** opencode has a copy of the Codex CLI's. */
export const sharedCopies = (now: number): SignInCopiesView => ({
  ...copies(now),
  one_writer: false,
  copies: [
    ...copies(now).copies,
    copyOf("opencode", "opencode", "~/.local/share/opencode/auth.json", {
      last_refresh: Math.floor(now - 3 * day),
      same_as: "~/.codex/auth.json",
      tool: "opencode",
    }),
  ],
});

/** A file that is not what its program writes. */
export const unreadableCopies = (now: number): SignInCopiesView => ({
  ...copies(now),
  copies: [
    ...copies(now).copies,
    copyOf("goose", "goose", "~/.config/goose/chatgpt_codex/tokens.json", {
      email: null,
      plan_name: null,
      tool: "goose",
      problem: "it is not what goose writes",
    }),
  ],
});
