import { describe, expect, it } from "vitest";

import type { LicenceView } from "../../ipc/bindings";
import { matching } from "./matching";

const one = (name: string, licence: string): LicenceView => ({
  kind: "crate",
  name,
  version: "1.0.0",
  licence,
  standard_text: false,
});

describe("a search of licences", () => {
  const all = [one("serde", "MIT OR Apache-2.0"), one("selectors", "MPL-2.0"), one("svelte", "MIT")];
  it.each([
    ["", ["serde", "selectors", "svelte"]],
    ["MPL", ["selectors"]],
    ["mit s", ["serde", "svelte"]],
    ["mit apache", ["serde"]],
    ["zlib", []],
  ])("%j", (search, names) => {
    expect(matching(all, search).map(({ name }) => name)).toEqual(names);
  });
});
