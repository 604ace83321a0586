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

/** Returns host and port, or null. */
export const hostOf = (text: string): string | null => parseUrl(text)?.host || null;

export type AddressProblem = "empty" | "scheme" | "plain";

export function addressProblem(text: string, localNetwork: boolean): AddressProblem | null {
  if (!text.trim()) return "empty";
  const { protocol = "", host = "" } = parseUrl(text) ?? {};
  if ((protocol !== "https:" && protocol !== "http:") || !host) return "scheme";
  return isPlainHttp(text) && !localNetwork ? "plain" : null;
}
