// What is wrong with the address of a service, as far as that can be told before the core reads it. Pure.

function parsed(text: string): URL | null {
  try {
    return new URL(text.trim());
  } catch {
    return null;
  }
}

/** This computer, by a loopback address or as `localhost`. */
export function isHere(text: string): boolean {
  const host = parsed(text)?.hostname.toLowerCase() ?? "";
  return host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
}

/** Whether requests would go unprotected to another computer. */
export const isPlain = (text: string): boolean => parsed(text)?.protocol === "http:" && !isHere(text);

/** Host and port, for the list of hosts. */
export const hostOf = (text: string): string | null => parsed(text)?.host || null;

export type AddressProblem = "empty" | "scheme" | "plain";

export function addressProblem(text: string, localNetwork: boolean): AddressProblem | null {
  if (!text.trim()) return "empty";
  const { protocol = "", host = "" } = parsed(text) ?? {};
  if ((protocol !== "https:" && protocol !== "http:") || !host) return "scheme";
  return isPlain(text) && !localNetwork ? "plain" : null;
}
