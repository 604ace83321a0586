// Names of the spend limits of a workspace, as the server distinguishes them; short enough for half a row.

import * as m from "#messages";

import type { SpendLimitScope } from "../ipc/bindings";

export const spendLimits: Record<SpendLimitScope, string> = {
  member: m.spend_limit_member(),
  role: m.spend_limit_role(),
  group_default: m.spend_limit_group_default(),
  workspace_default: m.spend_limit_workspace_default(),
  group_shared: m.spend_limit_group_shared(),
  workspace_shared: m.spend_limit_workspace_shared(),
};
