// The core behind `usher settings`, which serves this page to a browser. Its link opens the page once: it is exchanged for a
// cookie, which no script can read, and a key, which this tab keeps.

import type { Core } from "./client";
import { httpCore, type Ending } from "./http";

const keyName = "key";
const linkName = "open";

const linkIn = (address: Location) => new URLSearchParams(address.hash.slice(1)).get(linkName);

/** Exchanges a link for the cookie and the key. Returns why there is none. */
async function exchange(link: string): Promise<Ending | null> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ link });
  const response = await fetch("/session", { method: "POST", headers, body }).catch(() => null);
  if (!response) return "ended";
  if (!response.ok) return "refused";
  const { key } = (await response.json()) as { key: string };
  sessionStorage.setItem(keyName, key);
  return null;
}

/** Returns the core, or null after `onEnd` was called. */
export async function settingsCore(onEnd: (ending: Ending) => void): Promise<Core | null> {
  // Another link in the address of this tab.
  addEventListener("hashchange", () => linkIn(location) !== null && location.reload());
  const link = linkIn(location);
  if (link !== null) {
    // A used link is of no use in the history.
    history.replaceState(null, "", location.pathname);
    const why = await exchange(link);
    if (why) {
      onEnd(why);
      return null;
    }
  }
  const key = sessionStorage.getItem(keyName);
  if (key === null) {
    onEnd("no_link");
    return null;
  }
  return httpCore({ base: "", headers: { "x-usher-key": key }, onEnd });
}
