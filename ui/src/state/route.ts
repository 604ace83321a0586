// Where in the page one is.

import type { ProviderId } from "../ipc/bindings";

export type Route =
  /** The plan's shows who is signed in, or how to sign in. */
  | {
      at: "provider";
      id: ProviderId;
      /** It comes on the list with its first key. */
      draft?: boolean;
    }
  | { at: "accounts" }
  | { at: "access-token" }
  | { at: "add" }
  | { at: "add-endpoint" }
  | { at: "gateway" }
  | { at: "preferences" };

export const planRoute: Route & { at: "provider" } = { at: "provider", id: "chatgpt" };

/** The item of the sidebar that a route belongs to. */
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
    case "gateway":
    case "preferences":
      return route.at;
  }
}
