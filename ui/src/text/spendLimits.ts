// Names of the spend limits of a workspace, as the server distinguishes them; short enough for half a row.

import type { SpendLimitScope } from "../ipc/bindings";

export const spendLimits: Record<SpendLimitScope, string> = {
  member: "Your spend limit",
  role: "Spend limit, role",
  group_default: "Spend limit, group",
  workspace_default: "Spend limit, workspace",
  group_shared: "Shared limit, group",
  workspace_shared: "Shared limit, workspace",
};
