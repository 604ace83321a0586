import { describe, expect, it } from "vitest";

import { failure, fresh, signedIn } from "../ipc/fake/scenarios";
import { statusOf } from "../providers/status";
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
    expect(seen?.text).toMatch(/in 1 h 12 min/);
    expect(attentionOf(overview, { windowSeconds: null, resetsAt: null }, now)?.text).toMatch(
      /^It does not reset/,
    );
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
