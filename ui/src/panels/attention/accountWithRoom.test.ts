import { describe, expect, it } from "vitest";

import { card, club, personal, work } from "../../ipc/fake/fixtures/providers";
import { failure, usage } from "../../ipc/fake/scenarios";
import { mostLeft } from "./accountWithRoom";

describe("the account that is offered at a limit", () => {
  it("has the most left", () => {
    const limit_reached = { reason: "usage_limit_reached", resets_at: 7_200 };
    const active = card(personal, 0, { active: true, usage: usage(0, 0) });
    const full = card(club, 0, { usage: { ...usage(0, 100), limit_reached } });
    const some = card(work, 0, { usage: usage(0, 38) });
    expect(mostLeft([active, full, some], 0)).toEqual({ id: work.id, name: work.name, left: 39 });
    expect(mostLeft([active, full], 0), "at its limit").toBeNull();
    expect(mostLeft([active, full], 8_000), "reset since").toMatchObject({ id: club.id, left: 39 });
    expect(mostLeft([active, card(work, 0, { attention: failure("sign_in_expired") })], 0)).toBeNull();
    expect(mostLeft([active, card(work, 0, { usage: null })], 0), "not known").toBeNull();
  });
});
