// Where the panels are that a link can open.

import type { LinkPanel } from "../ipc/bindings";
import { planRoute, type Route } from "../state/route";

export const panelRoutes: Record<LinkPanel, Route> = {
  plan: planRoute,
  accounts: { at: "accounts" },
  add: { at: "add" },
  gateway: { at: "gateway" },
  tools: { at: "tools" },
  activity: { at: "activity" },
  preferences: { at: "preferences" },
};
