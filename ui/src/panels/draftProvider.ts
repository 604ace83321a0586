// A provider that is not saved yet. It is added with its first key, so leaving the form leaves nothing behind.

import type { ProviderId, ProviderView } from "../ipc/bindings";
import { noSelection } from "../ipc/selection";
import { t } from "../text";

export const draftProvider = (id: ProviderId): ProviderView => ({
  id,
  name: t.sidebar.openaiKey,
  pays: "per_token",
  enabled: true,
  credential: { kind: "missing" },
  endpoint: null,
  selection: noSelection,
  models_version: null,
  attention: null,
});
