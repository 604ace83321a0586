import { describe, expect, it } from "vitest";

import { newPassphrase as texts } from "../../text/preferences/newPassphrase";
import { passphraseProblem } from "./newPassphrase";

describe("a new passphrase", () => {
  it.each([
    ["eleven char", "eleven char", { field: "first", text: texts.tooShort }],
    ["😀😀😀😀😀😀", "😀😀😀😀😀😀", { field: "first", text: texts.tooShort }],
    [" begins with a space", " begins with a space", { field: "first", text: texts.spaceAround }],
    ["correct horse", "correct house", { field: "again", text: texts.differ }],
    ["correct horse", "correct horse", null],
    ["灯".repeat(12), "灯".repeat(12), null],
  ])("%j, %j", (first, again, problem) => {
    expect(passphraseProblem(first, again)).toEqual(problem);
  });
});
