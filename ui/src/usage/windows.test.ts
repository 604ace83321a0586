import { describe, expect, it } from "vitest";

import { usage } from "../ipc/fake/scenarios";
import { hasUsage, limitOf, newlyHigh, windowKey } from "./windows";

describe("usage", () => {
  it("announces a high window once per period", () => {
    const high = usage(0, 86);
    const first = newlyHigh(high, new Set());
    expect(first.map((window) => window.window_seconds)).toEqual([18_000]);
    expect(newlyHigh(high, new Set(first.map(windowKey)))).toEqual([]);
    expect(newlyHigh(usage(1, 86), new Set(first.map(windowKey)))).toHaveLength(1);
    expect(newlyHigh(usage(0, 79), new Set())).toEqual([]);
  });

  it("is shown for a member who has a spend limit only", () => {
    const nothing = { ...usage(0), windows: [] };
    expect(hasUsage(nothing)).toBe(false);
    const spend_limits = [{ scope: "member" as const, used_percent: 26, resets_at: 9_000 }];
    expect(hasUsage({ ...nothing, spend_limits })).toBe(true);
  });

  it("finds the exhausted window", () => {
    const full = { ...usage(0, 100), limit_reached: { reason: "usage_limit_reached", resets_at: 7_920 } };
    expect(limitOf(full, null, false, 0)).toEqual({ windowSeconds: 18_000, resetsAt: 7_920 });
    expect(limitOf(usage(0), null, false, 0)).toBeNull();
    expect(limitOf(full, null, false, 7_920)).toBeNull();
    expect(limitOf(null, 50, true, 0)).toEqual({ windowSeconds: null, resetsAt: 50 });
    const spent = {
      ...usage(0),
      limit_reached: { reason: "workspace_member_credits_depleted", resets_at: null },
    };
    expect(limitOf(spent, null, false, 0)).toEqual({ windowSeconds: null, resetsAt: null });
  });
});
