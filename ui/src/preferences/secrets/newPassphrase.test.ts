import { describe, expect, it } from "vitest";

import { secrets as texts } from "../../text/panels/secrets";
import { passphraseProblem } from "./newPassphrase";

describe("a new passphrase", () => {
  it.each([
    ["seven c", "seven c", texts.tooShort],
    [" begins with a space", " begins with a space", texts.spaceAround],
    ["correct horse", "correct house", texts.differ],
    ["correct horse", "correct horse", null],
    ["😀😀😀😀😀😀😀😀", "😀😀😀😀😀😀😀😀", null],
  ])("%j, %j", (first, second, problem) => {
    expect(passphraseProblem(first, second)).toBe(problem);
  });
});
