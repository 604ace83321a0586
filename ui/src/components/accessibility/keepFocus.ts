// Keeps the focus on the page. Where the focused element is removed, for example a button with its notice, a browser gives
// the focus to the body: screen readers fall silent there, and the next Tab begins at the top of the page.

import { lastInputWasKeyboard } from "./lastInput";

const items = "li, tr";
const headings = "h1, h2, h3";
const controls = "button, input, select, textarea, summary, a[href], [tabindex='0']";

/** Where something was removed. */
interface Gap {
  removed: Node;
  parent: Element;
  before: Node | null;
}

/** The element that had the focus last. */
let last: HTMLElement | null = null;

/**
 * Moves the focus on when the element that has it is removed, by the page or because another process changed something:
 * to the next item of its list, else to the nearest heading. What moves the focus itself comes first.
 */
export function keepFocus(): void {
  // The page may have given the focus before.
  if (document.activeElement instanceof HTMLElement) last = document.activeElement;
  addEventListener("focusin", ({ target }) => (last = target as HTMLElement), true);
  new MutationObserver((records) => {
    const gap = last && gapOf(last, records);
    if (gap) setTimeout(() => restore(gap));
  }).observe(document, { childList: true, subtree: true });
}

/** Returns where the outermost element that was removed with `lost` was; null where it was not removed. */
function gapOf(lost: Node, records: readonly MutationRecord[]): Gap | null {
  const rest = [...records];
  let inner = lost;
  for (;;) {
    const at = rest.findIndex(({ removedNodes }) => [...removedNodes].some((node) => node.contains(inner)));
    const [record] = at < 0 ? [] : rest.splice(at, 1);
    const removed = [...(record?.removedNodes ?? [])].find((node) => node.contains(inner));
    if (!record || !removed) return null;
    const { target, previousSibling: before } = record;
    if (target.isConnected) return { removed, parent: target as Element, before };
    // Removed from something that was removed too.
    inner = target;
  }
}

function restore(gap: Gap): void {
  if (document.activeElement !== document.body) return;
  // An element that moves in the document loses the focus, too.
  const target = last?.isConnected ? last : (itemBeside(gap) ?? headingNear(gap.parent));
  target?.focus({ preventScroll: !lastInputWasKeyboard() });
}

/** Returns the first control of the next item of the list, else of the last one. */
function itemBeside({ removed, parent, before }: Gap): HTMLElement | null {
  if (!(removed instanceof Element && removed.matches(items))) return null;
  const left = [...parent.children].filter((one) => one.matches(items));
  const follows = (one: Element) =>
    !before || before.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING;
  return (left.find(follows) ?? left.at(-1))?.querySelector<HTMLElement>(controls) ?? null;
}

/**
 * Returns the first heading of the nearest part of the page that has one, inside of an open dialog. Dialogs of no panel are
 * beside all parts: what follows them is on the panel.
 */
function headingNear(place: Element): HTMLElement | null {
  const dialog = [...document.querySelectorAll("dialog")].at(-1);
  const beside = place.closest("main, nav, aside") ? place : (document.querySelector("main") ?? place);
  let part = dialog?.contains(place) ? place : (dialog ?? beside);
  for (;;) {
    const heading = part.querySelector<HTMLElement>(headings);
    if (heading) {
      if (!heading.hasAttribute("tabindex")) heading.tabIndex = -1;
      return heading;
    }
    if (!part.parentElement || part.matches("main")) return document.querySelector("main");
    part = part.parentElement;
  }
}
