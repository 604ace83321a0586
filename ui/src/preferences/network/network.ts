// How the proxy of the settings is chosen.

/** What can be chosen: the system's proxy, none, or one by its address. */
export type ProxyChoice = "system" | "none" | "address";

/** Returns which choice a value of the settings is. */
export function choiceOf(proxy: string): ProxyChoice {
  return proxy === "system" || proxy === "none" ? proxy : "address";
}

/** Returns whether an address names a user, who may have a password. */
export function hasUser(address: string): boolean {
  return /^(?:[a-z0-9]+:\/\/)?[^/?#]+@/i.test(address);
}
