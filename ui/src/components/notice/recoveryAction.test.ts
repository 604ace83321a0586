import { describe, expect, it } from "vitest";

import { recoveryHandler } from "./recoveryAction";

describe("the button of a failure", () => {
  const done: string[] = [];
  const act = recoveryHandler(
    (link) => done.push(`open ${link}`),
    { unlock: () => done.push("unlock") },
    () => done.push("otherwise"),
  );

  it("opens pages, and leaves other actions to the screen", () => {
    act("plans");
    act("keys_page");
    act("unlock");
    act("retry");
    expect(done).toEqual(["open pricing", "open platform_keys", "unlock", "otherwise"]);
  });
});
