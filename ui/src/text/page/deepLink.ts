// Texts about usher:// links, loaded after the first paint.

import * as m from "#messages";

import { sentence } from "../sentence";

export const deepLink = {
  title: m.deep_link_title(),
  points: (host: string) => [m.deep_link_from(), m.deep_link_host({ host }), m.deep_link_no_key()],
  usual: m.deep_link_default(),
  labels: { act: m.deep_link_act(), busy: m.deep_link_busy(), failed: m.deep_link_failed() },
  rejected: m.deep_link_rejected_title(),
  rejectedText: m.deep_link_rejected_text(),
  cause: (cause: string) => sentence(cause),
};
