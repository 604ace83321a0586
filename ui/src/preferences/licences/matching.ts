// Which packages a search finds.

import type { LicenceView } from "../../ipc/bindings";

/** Returns those whose name or licence contains each word of `search`, in any case. */
export function matching(packages: readonly LicenceView[], search: string): readonly LicenceView[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return packages.filter(({ name, licence }) => {
    const text = `${name} ${licence}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
