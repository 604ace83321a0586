// Texts of models that are added by hand, loaded with their form.

import * as m from "#messages";

export const addModel = {
  open: m.models_add(),
  label: m.models_add_label(),
  placeholder: m.models_add_placeholder(),
  send: m.models_add_send(),
  empty: m.models_add_empty(),
  added: (id: string) => m.models_added({ id }),
  remove: (id: string) => m.models_remove({ id }),
  removed: (id: string) => m.models_removed({ id }),
};
