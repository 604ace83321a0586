import { describe, expect, test } from "vitest";

import type { ModelView } from "./bindings";
import { choiceOf, modelOf, noChoice, noSelection, withChoice } from "./selection";

const model = (id: string, chosen = false) => ({ id, chosen, default: chosen }) as ModelView;

describe("choices by role", () => {
  test("a role uses the model of the first role before it that has one", () => {
    const models = [model("sol", true), model("luna"), model("terra")];
    const selection = { ...noSelection, small: "luna", roles: { opus: { ...noChoice, model: "terra" } } };
    const of = (role: "opus" | "sonnet" | "haiku") =>
      modelOf(role, (one) => choiceOf(selection, one).model, models)?.id;
    expect([of("opus"), of("sonnet"), of("haiku")]).toEqual(["terra", "sol", "luna"]);
  });

  test("a role without a choice is left out", () => {
    const fast = { ...noChoice, tier: "fast" as const };
    const one = withChoice({}, "opus", fast);
    expect(one).toEqual({ opus: fast });
    expect(withChoice(one, "opus", noChoice)).toEqual({});
  });
});
