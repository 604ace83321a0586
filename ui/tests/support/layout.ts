// What must hold of the layout of any screen: nothing scrolls sideways, is cut off, or lies over something else.

import { expect, type Page } from "@playwright/test";

/** Expects that nothing is wider than the window. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const wide = await page.evaluate(() =>
    [document.documentElement, document.body, ...document.querySelectorAll<HTMLElement>(".panel, .page")]
      .filter((element) => element.scrollWidth > element.clientWidth + 1)
      .map(
        (element) =>
          `${element.className || element.tagName} ${element.scrollWidth} > ${element.clientWidth}`,
      ),
  );
  expect(wide).toEqual([]);
}

/**
 * Returns texts that lie over each other, those that their own box cuts off, and words that are broken within a line's
 * reach. What a dialog covers, or is scrolled out of sight, is left out.
 */
export function textsInTheWay(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const ancestors = (element: Element | null): Element[] =>
      element ? [element, ...ancestors(element.parentElement)] : [];
    const isHidden = (element: Element) =>
      !element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) ||
      element.closest("script, style, select, [inert]") !== null ||
      ancestors(element).some((one) => getComputedStyle(one).clipPath !== "none");
    const top = document.querySelector("dialog[open]") ?? document.body;
    /** What of a box is in sight within the elements that scroll or hide it. */
    const inSight = (box: DOMRect, element: Element) => {
      for (const one of ancestors(element)) {
        if (getComputedStyle(one).overflow === "visible") continue;
        const frame = one.getBoundingClientRect();
        const [x, y] = [Math.max(box.left, frame.left), Math.max(box.top, frame.top)];
        const width = Math.max(0, Math.min(box.right, frame.right) - x);
        const height = Math.max(0, Math.min(box.bottom, frame.bottom) - y);
        box = new DOMRect(x, y, width, height);
      }
      return box;
    };
    /** Long ones, as in an address, may be broken; so may those that get a hyphen. */
    const brokenWords = (node: Node, style: CSSStyleDeclaration) => {
      if (style.hyphens === "auto" || style.wordBreak === "break-all") return [];
      const words = [...(node.nodeValue ?? "").matchAll(/(?<![\w./:@-])[A-Za-zÀ-ÿ]{2,12}(?![\w./:@-])/g)];
      return words.filter(({ index, 0: word }) => {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        const [first, ...others] = range.getClientRects();
        return first && others.some((box) => box.top > first.top + first.height / 2);
      });
    };

    const boxes: { text: string; box: DOMRect; region: Element | null }[] = [];
    const cut: string[] = [];
    const walk = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const { nodeValue, parentElement } = walk.currentNode;
      const text = nodeValue?.trim() ?? "";
      if (text === "" || !parentElement || isHidden(parentElement)) continue;
      const style = getComputedStyle(parentElement);
      if (style.overflowX === "hidden" && parentElement.scrollWidth > parentElement.clientWidth + 1)
        cut.push(`cut off: ${text}`);
      const range = document.createRange();
      range.selectNodeContents(walk.currentNode);
      // What stays in view while the rest scrolls, and what pops up, covers the rest on purpose.
      const region =
        ancestors(parentElement).find(
          (one) => one.matches(".pop") || getComputedStyle(one).position === "sticky",
        ) ?? null;
      for (const box of range.getClientRects())
        boxes.push({ text, box: inSight(box, parentElement), region });
      for (const [word] of brokenWords(walk.currentNode, style)) cut.push(`broken: ${word} in “${text}”`);
    }
    const covers = boxes.flatMap((one, at) =>
      boxes
        .slice(at + 1)
        .filter(({ text, box, region }) => {
          const width = Math.min(one.box.right, box.right) - Math.max(one.box.left, box.left);
          const height = Math.min(one.box.bottom, box.bottom) - Math.max(one.box.top, box.top);
          return text !== one.text && region === one.region && width > 3 && height > 6;
        })
        .map(({ text }) => `“${text}” lies over “${one.text}”`),
    );
    return [...new Set([...cut, ...covers])];
  });
}
