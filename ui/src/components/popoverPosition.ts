// Where a pop-over goes. Written through CSSOM, which the content policy allows.

/** Distance from the button, and from the edges of the panel. */
const gap = 4;
const margin = 8;
/** Less room than this helps nobody: then it covers what is there and the page scrolls. */
const least = 160;

export interface Room {
  above: boolean;
  height: number;
}

/** Below, unless what is wanted does not fit there and above has more room. */
export function roomFor(wanted: number, top: number, bottom: number, height: number): Room {
  const below = height - bottom - gap - margin;
  const over = top - gap - margin;
  const above = below < wanted && over > below;
  return { above, height: Math.max(least, above ? over : below) };
}

/** How far to move sideways so that `from`..`to` lies within `start`..`end`; the start edge wins. */
export function shiftFor(from: number, to: number, start: number, end: number): number {
  if (from < start) return start - from;
  if (to > end) return Math.max(start - from, end - to);
  return 0;
}

export function place(content: HTMLElement, anchor: HTMLElement): void {
  const around = anchor.getBoundingClientRect();
  content.style.removeProperty("--room");
  content.style.removeProperty("--shift");
  const room = roomFor(content.offsetHeight, around.top, around.bottom, innerHeight);
  content.dataset["side"] = room.above ? "above" : "below";
  content.style.setProperty("--room", `${room.height}px`);

  const panel = content.closest(".panel")?.getBoundingClientRect();
  const start = Math.max(0, panel?.left ?? 0) + margin;
  const end = Math.min(document.documentElement.clientWidth, panel?.right ?? Infinity) - margin;
  const own = content.getBoundingClientRect();
  content.style.setProperty("--shift", `${shiftFor(own.left, own.right, start, end)}px`);
}
