// What Chromium hands to screen readers. Elements outside an open dialog are on the page, but not in this tree.

import type { Page } from "@playwright/test";

/** Returns the texts of all elements with this role. */
export async function textsInTree(page: Page, role: string): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  await session.detach();
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const textOf = (id: string): string => {
    const node = byId.get(id);
    if (node?.role?.value === "StaticText") return String(node.name?.value ?? "");
    return (node?.childIds ?? []).map(textOf).join("");
  };
  return nodes
    .filter((node) => !node.ignored && node.role?.value === role)
    .map((node) => textOf(node.nodeId))
    .filter(Boolean);
}
