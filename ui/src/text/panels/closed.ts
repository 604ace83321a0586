// Texts of a page in a browser that has no session of `usher settings`, or no longer.

import type { Ending } from "../../ipc/connect";

export const closed: Record<Ending, { title: string; text: string }> = {
  refused: {
    title: "This link was already used or has expired",
    text: "A link opens the settings once, within ten minutes. End usher settings with Ctrl-C and run it again for a new one:",
  },
  no_link: {
    title: "Open the settings by their link",
    text: "They are open in one tab only, the one that was opened by the link. For a new link, end usher settings with Ctrl-C and run it again:",
  },
  replaced: {
    title: "This tab is not connected any more",
    text: "A newer link was used, or usher settings was started again. For a new link, end it with Ctrl-C and run it again:",
  },
  ended: {
    title: "The settings are closed",
    text: "They were stopped with Ctrl-C, or nobody used them for a while. If you came through ssh -L, the connection may be interrupted: then reload this page. To open the settings again, run:",
  },
};
