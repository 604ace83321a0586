import { expect, test } from "vitest";

import { coloursOf } from "./accountPalette";
import { colourOf, colours } from "./colourOf";

const ids = Array.from({ length: colours }, (_, at) => `user-${at}:workspace-${at % 2}`);

test("accounts differ as long as there are colours, whatever their order", () => {
  const found = coloursOf(ids);
  expect(new Set(found.values()).size).toBe(colours);
  expect(coloursOf(ids.toReversed())).toEqual(found);
  for (const colour of found.values()) expect(colour).toBeGreaterThanOrEqual(1);
  expect(coloursOf([...ids, "one more"]).size).toBe(colours + 1);
});

test("the only account has the colour that it keeps when it is gone", () => {
  expect(coloursOf(["ada:home"]).get("ada:home")).toBe(colourOf("ada:home"));
});
