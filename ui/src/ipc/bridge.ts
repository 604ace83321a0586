// The core behind a local test server, so that browser tests drive the real one. Test builds only.
// `?bridge=BASE#token=TOKEN`; BASE is an origin or, through the preview server, `/bridge/PORT`.

import type { Core } from "./client";
import { httpCore } from "./http";

export function bridgeFrom(address: Location): Core | null {
  const base = new URLSearchParams(address.search).get("bridge")?.replace(/\/$/, "");
  if (base === undefined) return null;
  const token = new URLSearchParams(address.hash.slice(1)).get("token") ?? "";
  return httpCore({ base, headers: { authorization: `Bearer ${token}` } });
}
