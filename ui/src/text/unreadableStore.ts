// Texts about a store that cannot be read; part of the first paint.

import * as m from "#messages";

export const unreadableStore = {
  damaged: m.store_unreadable_damaged(),
  otherKey: m.store_unreadable_other_key(),
  next: m.store_unreadable_next(),
  startAgain: m.store_unreadable_start_again(),
};
