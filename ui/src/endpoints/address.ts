// Validates the address of an endpoint before the core does. Pure functions.

function parseUrl(text: string): URL | null {
  try {
    return new URL(text.trim());
  } catch {
    return null;
  }
}

/** Returns whether the address is a loopback address or `localhost`. */
export function isLoopback(text: string): boolean {
  const host = parseUrl(text)?.hostname.toLowerCase() ?? "";
  return host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
}

/** Returns whether requests would go unencrypted to another computer. */
export const isPlainHttp = (text: string): boolean =>
  parseUrl(text)?.protocol === "http:" && !isLoopback(text);

/** Ends of names that only a local network knows (RFC 6762, RFC 8375, and what routers use). */
const localNames = /(^[^.]+|\.(local|lan|home|internal|intranet|localdomain|home\.arpa))$/;
/** Private, link-local and shared addresses (RFC 1918, RFC 3927, RFC 6598, RFC 4193). */
const localAddresses =
  /^(10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|\[f[cd]|\[fe[89ab])/;

/** Returns whether the host can be one of the local network, which a public name or address is not. */
export function isLocalNetwork(text: string): boolean {
  const host = parseUrl(text)?.hostname.toLowerCase() ?? "";
  if (host.startsWith("[") || /^[\d.]+$/.test(host)) return localAddresses.test(host);
  return localNames.test(host);
}

/** Returns host and port, or null. */
export const hostOf = (text: string): string | null => parseUrl(text)?.host || null;

export type AddressProblem = "empty" | "scheme" | "plain";

export function addressProblem(text: string, localNetwork: boolean): AddressProblem | null {
  if (!text.trim()) return "empty";
  const { protocol = "", host = "" } = parseUrl(text) ?? {};
  if ((protocol !== "https:" && protocol !== "http:") || !host) return "scheme";
  return isPlainHttp(text) && !localNetwork ? "plain" : null;
}
