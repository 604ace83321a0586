// Two letters that stand for a name.

/** OpenAI is known by two capitals; of other names the first two letters are taken, or those of two words. */
export function monogram(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const [first = "", second = ""] = words;
  if (name === "OpenAI") return "OA";
  const letters = second ? first.charAt(0) + second.charAt(0) : first.slice(0, 2);
  return letters.charAt(0).toUpperCase() + letters.slice(1);
}
