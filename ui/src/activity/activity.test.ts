import { expect, test } from "vitest";

import type { ActivityCounts } from "../ipc/bindings";
import { barsOf, busiestOf, ticksOf } from "./activity";
import { noonOf } from "../text/gateway/activity";

test("bars start at zero, and the smallest one can be seen", () => {
  const bars = barsOf([0, 1, 1000], 1000, 300, 100);
  expect(bars.map((bar) => bar.height)).toEqual([0, 1, 100]);
  expect(bars.map((bar) => bar.y + bar.height)).toEqual([100, 100, 100]);
  expect(bars.every((bar) => bar.x >= 0 && bar.x + bar.width <= 300)).toBe(true);
  expect(barsOf([0, 0], 0, 100, 10).map((bar) => bar.height)).toEqual([0, 0]);
});

test("ticks are round and above every bar", () => {
  for (const most of [0, 1, 7, 164, 12_345]) {
    const ticks = ticksOf(most);
    expect(ticks[0]).toBe(0);
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(most);
    expect(ticks.length).toBeLessThan(6);
  }
  expect(ticksOf(164)).toEqual([0, 100, 200]);
});

test("the busiest day is the first of those with most requests", () => {
  const counts = [0, 3, 3].map((requests) => ({ requests }) as ActivityCounts);
  const days = ["2026-11-27", "2026-11-28", "2026-11-29"];
  expect(busiestOf(days, counts)).toEqual({ day: "2026-11-28", requests: 3 });
  expect(busiestOf(days, [])).toBe(null);
  expect(new Date(noonOf("2026-11-29") * 1000).getDate()).toBe(29);
});
