// Positions a pop-over. Uses CSSOM, which the content policy allows, instead of style attributes.

/** Distance to the button (gap) and to the edges of the panel (margin). */
const gap = 4;
const margin = 8;
/** Minimum height. With less space the pop-over overflows and the page scrolls. */
const minHeight = 160;

export interface Space {
  above: boolean;
  height: number;
}

/** Chooses below, unless `wanted` does not fit there and above has more space. */
export function availableSpace(wanted: number, top: number, bottom: number, height: number): Space {
  const below = height - bottom - gap - margin;
  const over = top - gap - margin;
  const above = below < wanted && over > below;
  return { above, height: Math.max(minHeight, above ? over : below) };
}

/** Returns the horizontal shift that moves `from`..`to` into `start`..`end`; the start edge wins. */
export function horizontalShift(from: number, to: number, start: number, end: number): number {
  if (from < start) return start - from;
  if (to > end) return Math.max(start - from, end - to);
  return 0;
}

export function positionPopover(content: HTMLElement, anchor: HTMLElement): void {
  const around = anchor.getBoundingClientRect();
  content.style.removeProperty("--room");
  content.style.removeProperty("--shift");
  const room = availableSpace(content.offsetHeight, around.top, around.bottom, innerHeight);
  content.dataset["side"] = room.above ? "above" : "below";
  content.style.setProperty("--room", `${room.height}px`);

  const panel = content.closest(".panel");
  // Without the scrollbar.
  const left = panel ? panel.getBoundingClientRect().left + panel.clientLeft : 0;
  const right = panel ? left + panel.clientWidth : Infinity;
  const start = Math.max(0, left) + margin;
  const end = Math.min(document.documentElement.clientWidth, right) - margin;
  const own = content.getBoundingClientRect();
  content.style.setProperty("--shift", `${horizontalShift(own.left, own.right, start, end)}px`);
}
