// Texts about the store of the secrets, loaded after the first paint.

import type { StoreFinding } from "../../ipc/bindings";
import { unreadableStore } from "../unreadableStore";
import { sentence } from "./sentence";

interface FindingTexts {
  title: string;
  text: string;
  detail: string | null;
  /** The button of the notice. */
  button: string;
  /** The question that is asked before anything is done. */
  question: { title: string; points: string[]; act: string; busy: string; failed: string };
}

const list = (paths: readonly string[]) => paths.join(", ");

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
          title: "Start again without the old file?",
          points: [
            sentence(finding.reason),
            `Usher keeps ${list(finding.files)} under another name.`,
            "All accounts, keys and passes have to be added again.",
          ],
          act: "Start again",
          busy: "Renaming",
          failed: "Nothing was changed.",
        },
      };
    case "open_to_others":
      return {
        title: "Others on this computer can read or change Usher’s files",
        text: "The permissions are too wide. Usher corrects them when you say so.",
        detail: list(finding.paths),
        button: "Correct permissions",
        question: {
          title: "Correct the permissions?",
          points: [`Only you will be able to read and change ${list(finding.paths)}.`],
          act: "Correct permissions",
          busy: "Correcting",
          failed: "The permissions could not be corrected.",
        },
      };
    case "lost_key_file":
      return {
        title: "The key of the file with your sign-ins was changed or removed",
        text: "This window still has it. Without it, your sign-ins are lost when the window closes, and other programs cannot use them now.",
        detail: finding.file,
        button: "Write the key back",
        question: {
          title: "Write the key back?",
          points: [
            `The key is written to ${finding.file} again.`,
            "If something lies there, Usher keeps it under another name.",
          ],
          act: "Write the key back",
          busy: "Writing",
          failed: "The key could not be written.",
        },
      };
    case "older_copy":
      return {
        title: "An older copy of the file with your sign-ins was put back",
        text: "Accounts and passes that you had removed may be in it again. Look at them, then accept the copy.",
        detail: finding.file,
        button: "Accept the copy",
        question: {
          title: "Accept the older copy?",
          points: [
            "Look at Accounts and at the passes of the Gateway first: what you had removed may be there again.",
            "Nothing in it changes. This warning goes away.",
          ],
          act: "Accept the copy",
          busy: "Accepting",
          failed: "The copy could not be accepted.",
        },
      };
  }
}
