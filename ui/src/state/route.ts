// Routes of the page.

import type { ProviderId } from "../ipc/bindings";

export type Route =
  /** The plan shows the account, or how to sign in. */
  | {
      at: "provider";
      id: ProviderId;
      /** Not saved yet; added with its first key. */
      draft?: boolean;
    }
  | { at: "accounts" }
  | { at: "access-token" }
  | { at: "add" }
  | { at: "add-endpoint" }
  | { at: "gateway" }
  | { at: "activity" }
  | { at: "tools" }
  | { at: "sign-in-copies" }
  | { at: "preferences" };

export const planRoute: Route & { at: "provider" } = { at: "provider", id: "chatgpt" };

/** In the storage of the tab while another page is loaded that shows Preferences again. */
export const showPreferences = "preferences";

/** Returns the sidebar item of a route. */
export function sidebarItemOf(route: Route): string {
  switch (route.at) {
    case "provider":
      return route.id;
    case "accounts":
    case "access-token":
      return "chatgpt";
    case "add":
    case "add-endpoint":
      return "add";
    case "sign-in-copies":
      return "tools";
    default:
      return route.at;
  }
}
