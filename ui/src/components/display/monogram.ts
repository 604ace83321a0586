// Initials of a provider's name.

/** Returns "OA" for OpenAI, else the initials of two words or the first two letters of one. */
export function monogram(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const [first = "", second = ""] = words;
  if (name === "OpenAI") return "OA";
  const letters = second ? first.charAt(0) + second.charAt(0) : first.slice(0, 2);
  return letters.charAt(0).toUpperCase() + letters.slice(1);
}
