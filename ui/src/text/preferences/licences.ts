// Texts of the licences of what is built into Usher.

import * as m from "#messages";

export const licences = {
  show: m.licences_show(),
  title: m.licences_title(),
  about: m.licences_about(),
  search: m.licences_search(),
  none: m.licences_none(),
  standard: m.licences_standard(),
  failed: m.licences_failed(),
};
