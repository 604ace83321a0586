import { expect, test } from "vitest";

import { choiceOf, hasUser } from "./network";

test("a value of the settings is the system's proxy, none, or an address", () => {
  expect(["system", "none", "http://proxy.example:3128"].map(choiceOf)).toEqual([
    "system",
    "none",
    "address",
  ]);
});

test("an address with a user may have a password", () => {
  expect(hasUser("http://ada@proxy.example:3128")).toBe(true);
  expect(hasUser("ada@proxy.example")).toBe(true);
  expect(hasUser("http://proxy.example:3128/a@b")).toBe(false);
  expect(hasUser("")).toBe(false);
});
