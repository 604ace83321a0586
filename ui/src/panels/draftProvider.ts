// A provider that is not on the list yet: it comes with its first key, and leaves nothing behind without.

import type { ProviderId, ProviderView } from "../ipc/bindings";
import { t } from "../text";

export const draftProvider = (id: ProviderId): ProviderView => ({
  id,
  name: t.sidebar.openaiKey,
  pays: "per_token",
  enabled: true,
  credential: { kind: "missing" },
  endpoint: null,
  selection: { model: null, effort: null, small: null },
  attention: null,
});
