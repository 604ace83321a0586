// Which modules the first paint needs.

interface ModuleInfo {
  isEntry: boolean;
  /** The modules that import it statically. */
  importers: readonly string[];
}

/** Returns whether the entry imports a module, itself or by others that it imports. */
export function isInFirstPaint(id: string, infoOf: (id: string) => ModuleInfo | null): boolean {
  const found = new Set([id]);
  for (const one of found) {
    const info = infoOf(one);
    if (info?.isEntry) return true;
    for (const importer of info?.importers ?? []) found.add(importer);
  }
  return false;
}
