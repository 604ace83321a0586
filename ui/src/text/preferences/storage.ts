// Texts about the store of the secrets, loaded after the first paint.

import * as m from "#messages";

import type { StoreFinding } from "../../ipc/bindings";
import * as f from "../format";
import { unreadableStore } from "../unreadableStore";
import { sentence } from "../sentence";

interface FindingTexts {
  title: string;
  text: string;
  detail: string | null;
  /** The button of the notice. */
  button: string;
  /** The question that is asked before anything is done. */
  question: { title: string; points: string[]; act: string; busy: string; failed: string };
}

/** Returns what is shown and asked about a finding. */
export function findingTexts(finding: StoreFinding): FindingTexts {
  switch (finding.kind) {
    case "damaged":
    case "other_key":
      return {
        title: finding.kind === "damaged" ? unreadableStore.damaged : unreadableStore.otherKey,
        text: unreadableStore.next,
        detail: sentence(finding.reason),
        button: unreadableStore.startAgain,
        question: {
          title: m.store_unreadable_question_title(),
          points: [
            sentence(finding.reason),
            m.store_unreadable_question_points_usher_keeps_under({ files: f.list(finding.files) }),
            m.store_unreadable_question_points_all_accounts_keys(),
          ],
          act: m.store_unreadable_question_act(),
          busy: m.store_unreadable_question_busy(),
          failed: m.store_unreadable_question_failed(),
        },
      };
    case "open_to_others":
      return {
        title: m.store_open_to_others_title(),
        text: m.store_open_to_others_text(),
        detail: f.list(finding.paths),
        button: m.store_open_to_others_button(),
        question: {
          title: m.store_open_to_others_question_title(),
          points: [m.store_open_to_others_question_points({ paths: f.list(finding.paths) })],
          act: m.store_open_to_others_question_act(),
          busy: m.store_open_to_others_question_busy(),
          failed: m.store_open_to_others_question_failed(),
        },
      };
    case "lost_key_file":
      return {
        title: m.store_lost_key_file_title(),
        text: m.store_lost_key_file_text(),
        detail: finding.file,
        button: m.store_lost_key_file_button(),
        question: {
          title: m.store_lost_key_file_question_title(),
          points: [
            m.store_lost_key_file_question_points_key_written_again({ file: finding.file }),
            m.store_lost_key_file_question_points_if_something_lies(),
          ],
          act: m.store_lost_key_file_question_act(),
          busy: m.store_lost_key_file_question_busy(),
          failed: m.store_lost_key_file_question_failed(),
        },
      };
    case "older_copy":
      return {
        title: m.store_older_copy_title(),
        text: m.store_older_copy_text(),
        detail: finding.file,
        button: m.store_older_copy_button(),
        question: {
          title: m.store_older_copy_question_title(),
          points: [
            m.store_older_copy_question_points_look_at_accounts(),
            m.store_older_copy_question_points_nothing_in_changes(),
          ],
          act: m.store_older_copy_question_act(),
          busy: m.store_older_copy_question_busy(),
          failed: m.store_older_copy_question_failed(),
        },
      };
  }
}
