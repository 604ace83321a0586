// Texts of new versions, loaded with their row of Preferences.

import * as m from "#messages";

import type { UpdateProgress } from "../../ipc/bindings";
import * as f from "../format";

export const updates = {
  package: m.updates_package(),
  notSetUp: m.updates_not_set_up(),
  check: m.updates_check(),
  checking: m.updates_checking(),
  none: m.updates_none(),
  found: (version: string) => m.updates_found({ version }),
  notes: (version: string) => m.updates_notes({ version }),
  install: m.updates_install(),
  question: (version: string) => m.updates_question({ version }),
  points: [m.updates_point_signature(), m.updates_point_wait(), m.updates_point_restart()],
  act: m.updates_act(),
  progress: (progress: UpdateProgress) => {
    switch (progress.at) {
      case "downloading":
        return progress.percent === null
          ? m.updates_downloading()
          : m.updates_downloading_percent({ percent: f.percentOf(progress.percent) });
      case "waiting":
        return m.updates_waiting({ count: progress.requests });
      case "waiting_for_gateway":
        return m.updates_waiting_gateway({ process: progress.process });
      case "installing":
        return m.updates_installing();
    }
  },
  cancel: m.updates_cancel(),
  cancelled: m.updates_cancelled(),
  automatic: m.updates_automatic(),
  automaticAbout: m.updates_automatic_about(),
};
