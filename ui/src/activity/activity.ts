// What the charts of the activity panel show, from the counts of the core.

import { nice, ticks } from "d3-array";
import { scaleBand } from "d3-scale";

import type { ActivityCounts } from "../ipc/bindings";

/** The periods to choose from, in days. */
export const periods = [7, 14, 30, 90] as const;

export type Period = (typeof periods)[number];

export interface Bar {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Returns the bars of a chart of this size. They start at zero; a value above it is at least a pixel high. */
export function barsOf(values: readonly number[], most: number, width: number, height: number): Bar[] {
  const x = scaleBand<number>(values.keys(), [0, width]).paddingInner(0.3).paddingOuter(0.1);
  const scale = height / Math.max(1, most);
  return values.map((value, at) => {
    const tall = value === 0 ? 0 : Math.max(1, value * scale);
    return { x: x(at) ?? 0, y: height - tall, width: x.bandwidth(), height: tall };
  });
}

/** Returns the numbers beside the chart: zero, a round number that no bar exceeds, and what is between. */
export function ticksOf(most: number): number[] {
  const [, top] = nice(0, Math.max(2, most), 2);
  return ticks(0, top, 2).filter(Number.isInteger);
}

/** Returns the day with most requests; the first of several. */
export function busiestOf(
  days: readonly string[],
  counts: readonly ActivityCounts[],
): { day: string; requests: number } | null {
  let busiest: { day: string; requests: number } | null = null;
  days.forEach((day, at) => {
    const requests = counts[at]?.requests ?? 0;
    if (requests > (busiest?.requests ?? 0)) busiest = { day, requests };
  });
  return busiest;
}

export const tokensOf = (counts: ActivityCounts): number => counts.tokens_in + counts.tokens_out;

export const mostOf = (rows: readonly (readonly number[])[]): number => Math.max(0, ...rows.flat());
