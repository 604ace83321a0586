// Texts of the Codex CLI provider, loaded with its panel.

import * as m from "#messages";

export const codex = {
  about: m.codex_about(),
  label: m.codex_label(),
  from: (place: string) => m.codex_from({ place }),
  never: m.codex_never(),
  notSignedIn: m.codex_not_signed_in(),
  disconnect: m.codex_disconnect(),
  expiredTitle: m.codex_expired_title(),
  expired: m.codex_expired(),
  signedOutTitle: m.codex_signed_out_title(),
  signedOut: m.codex_signed_out(),
  signIn: m.codex_sign_in(),
  run: m.codex_run(),
  running: m.codex_running(),
  runningWith: (version: string) => m.codex_running_with({ version }),
  output: m.codex_output(),
  stop: m.codex_stop(),
  done: m.codex_done(),
  notDone: m.codex_not_done(),
  missing: m.codex_missing(),
  missingNext: m.codex_missing_next(),
  install: "npm install -g @openai/codex",
  copy: m.codex_copy(),
  removeTitle: m.codex_remove_title(),
  removeReads: m.codex_remove_reads(),
  removeRefused: m.codex_remove_refused(),
  removeStays: m.codex_remove_stays(),
  removedText: m.codex_removed_text(),
  removed: m.codex_removed(),
};
