// Texts of buttons that copy, loaded with them.

import * as m from "#messages";

export const copy = {
  copied: m.common_copied(),
  announced: m.common_copied_announced(),
  failed: m.common_copy_failed(),
};
