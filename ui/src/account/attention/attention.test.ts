import { describe, expect, it } from "vitest";

import { planAccount } from "../../ipc/fake/fixtures/providers";
import { failure, fresh, signedIn } from "../../ipc/fake/scenarios";
import { statusOf } from "../../providers/status";
import { signInUsable } from "../../state/session.svelte";
import { attentionOf } from "./attention";

const now = Date.UTC(2025, 10, 20, 16, 28) / 1000;

describe("needs attention", () => {
  it("has a primary button for what the user can fix", () => {
    const overview = { ...signedIn(now), attention: failure("sign_in_expired") };
    expect(attentionOf(overview, null, now)).toMatchObject({
      title: "Your sign-in has expired",
      action: "sign_in",
      filled: true,
    });
    expect(statusOf(overview, false)).toEqual({ text: "Sign-in expired", attention: true });
  });

  it("names the window of a limit and has no primary button for it", () => {
    const overview = { ...signedIn(now), attention: failure("usage_limit_reached") };
    const seen = attentionOf(overview, { windowSeconds: 18_000, resetsAt: now + 4_320 }, now);
    expect(seen).toMatchObject({ title: "The 5-hour limit of your plan is reached", filled: false });
    expect(seen?.text).toMatch(/in 1\u00a0h\u00a012\u00a0min/);
    expect(attentionOf(overview, { windowSeconds: null, resetsAt: null }, now)?.text).toMatch(
      /^It does not reset/,
    );
  });

  it("promises no time at a limit that ChatGPT says nothing about, and leads to Manage usage first", () => {
    const overview = { ...signedIn(now), account: planAccount, usage: null };
    const limited = { ...overview, attention: failure("usage_limit_reached") };
    const noTime = { windowSeconds: null, resetsAt: null };
    for (const seen of [attentionOf(limited, noTime, now), attentionOf(overview, noTime, now)]) {
      expect(seen).toMatchObject({
        title: "Usage limit reached",
        action: "manage_usage",
        filled: true,
        limit: null,
      });
    }
    expect(attentionOf(overview, null, now)).toBeNull();
  });

  it("offers two ways on where plan use is not allowed, and no new attempt where it is not offered", () => {
    const account = { ...planAccount, plan_use: "not_allowed" as const };
    const overview = { ...signedIn(now), account };
    expect(attentionOf(overview, null, now)).toMatchObject({
      action: "allow_plan_use",
      second: { action: "other_ways" },
    });
    expect(statusOf(overview, false)).toEqual({ text: "Needs attention", attention: true });
    expect(signInUsable(overview)).toBe(false);
    const refused = { ...overview, account: planAccount, attention: failure("usage_not_included") };
    expect(attentionOf(refused, null, now)?.action).toBe("other_ways");
    // An ended sign-in comes before anything else.
    const ended = { ...overview, attention: failure("sign_in_revoked") };
    expect(attentionOf(ended, null, now)).toMatchObject({ key: "sign_in_revoked", action: "sign_in" });
  });

  it("is null when nothing is wrong", () => {
    expect(attentionOf(fresh(), null, now)).toBeNull();
    expect(attentionOf({ ...fresh(), attention: failure("sign_in_required") }, null, now)).toBeNull();
    expect(statusOf(fresh(), false)).toEqual({ text: "Not signed in", attention: false });
    expect(statusOf({ ...signedIn(now), enabled: false }, false).text).toBe("Off");
    expect(statusOf(signedIn(now), false).text).toBe("Personal");
    expect(statusOf(null, false).text).toBe("");
  });
});
