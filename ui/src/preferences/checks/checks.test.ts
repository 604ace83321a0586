import { describe, expect, it } from "vitest";

import { checkup } from "../../ipc/fake/fixtures/providers";
import { done, idle, running, shown } from "./checks";

describe("the checks", () => {
  it("count failed checks", () => {
    expect(done(checkup)).toMatchObject({ at: "done", bad: 1 });
    expect(done({ checks: [] })).toMatchObject({ bad: 0 });
  });

  it("keep the last results while they run again", () => {
    expect(shown(running(idle))).toEqual([]);
    expect(shown(running(done(checkup)))).toEqual(checkup.checks);
    expect(shown({ at: "failed", failure: { code: "bad_usage", cause: "", retry_at: null } })).toEqual([]);
  });
});
