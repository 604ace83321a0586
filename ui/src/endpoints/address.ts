// What is wrong with the address of a service, as far as that can be told before the core reads it. Pure.

function parseUrl(text: string): URL | null {
  try {
    return new URL(text.trim());
  } catch {
    return null;
  }
}

/** This computer, by a loopback address or as `localhost`. */
export function isLoopback(text: string): boolean {
  const host = parseUrl(text)?.hostname.toLowerCase() ?? "";
  return host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
}

/** Whether requests would go unprotected to another computer. */
export const isPlainHttp = (text: string): boolean =>
  parseUrl(text)?.protocol === "http:" && !isLoopback(text);

/** Host and port, for the list of hosts. */
export const hostOf = (text: string): string | null => parseUrl(text)?.host || null;

export type AddressProblem = "empty" | "scheme" | "plain";

export function addressProblem(text: string, localNetwork: boolean): AddressProblem | null {
  if (!text.trim()) return "empty";
  const { protocol = "", host = "" } = parseUrl(text) ?? {};
  if ((protocol !== "https:" && protocol !== "http:") || !host) return "scheme";
  return isPlainHttp(text) && !localNetwork ? "plain" : null;
}
