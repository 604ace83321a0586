import { expect, test } from "vitest";

import { passphraseProblem } from "./passphrase";

test("a new passphrase is long enough and typed twice", () => {
  expect(passphraseProblem("short", "short")).toBe("short");
  expect(passphraseProblem("           x", "           x")).toBe("short");
  expect(passphraseProblem("seven lanterns", "seven lantern")).toBe("differs");
  expect(passphraseProblem("seven lanterns", "seven lanterns")).toBeNull();
  expect(passphraseProblem("灯".repeat(12), "灯".repeat(12))).toBeNull();
});
