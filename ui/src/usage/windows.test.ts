import { describe, expect, it } from "vitest";

import { usage } from "../ipc/fake/scenarios";
import { hasUsage, isHigh, limitOf, newlyHigh, percentLeft, usedAt, wasReset, windowKey } from "./windows";

describe("usage", () => {
  it("announces a high window once per period", () => {
    const high = usage(0, 86);
    const first = newlyHigh(high, new Set(), 0);
    expect(first.map((window) => window.window_seconds)).toEqual([18_000]);
    expect(newlyHigh(high, new Set(first.map(windowKey)), 0)).toEqual([]);
    expect(newlyHigh(usage(1, 86), new Set(first.map(windowKey)), 0)).toHaveLength(1);
    expect(newlyHigh(usage(0, 79), new Set(), 0)).toEqual([]);
  });

  it("is nothing that counts after the reset", () => {
    const [window] = usage(0, 86).windows;
    const share = { used_percent: 86, resets_at: 7_920 };
    expect(window).toMatchObject(share);
    const at = (now: number) => [wasReset(share, now), usedAt(share, now), isHigh(share, now)];
    expect(at(7_919)).toEqual([false, 86, true]);
    expect(at(7_920)).toEqual([true, 0, false]);
    expect(usedAt({ ...share, resets_at: null }, 7_920)).toBe(86);
    expect(newlyHigh(usage(0, 86), new Set(), 7_920)).toEqual([]);
    expect(percentLeft(usage(0, 86), 7_919)).toBe(14);
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
