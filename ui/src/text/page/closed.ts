// Texts of a page in a browser that has no session of `usher settings`, or no longer.

import * as m from "#messages";

import type { Ending } from "../../ipc/connect";

export const closed: Record<Ending, { title: string; text: string }> = {
  refused: {
    title: m.closed_refused_title(),
    text: m.closed_refused_text(),
  },
  no_link: {
    title: m.closed_no_link_title(),
    text: m.closed_no_link_text(),
  },
  replaced: {
    title: m.closed_replaced_title(),
    text: m.closed_replaced_text(),
  },
  ended: {
    title: m.closed_ended_title(),
    text: m.closed_ended_text(),
  },
};
