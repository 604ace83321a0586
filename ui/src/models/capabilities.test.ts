import { describe, expect, it } from "vitest";

import { modelFixture } from "../ipc/fake/fixtures";
import { capabilityLabels } from "./capabilities";

const model = modelFixture("m", "M", 1_000, "", ["low", "high"]);
const nothing = { images: null, tools: null, parallel_tools: null, verbosity: null, fast: null };

describe("capabilities of a model", () => {
  it("are listed only if known", () => {
    expect(capabilityLabels(model)).toEqual(["Image input", "Tools, several at once"]);
    expect(capabilityLabels({ ...model, capabilities: nothing })).toEqual([]);
    const some = { ...nothing, images: false, tools: true, fast: true };
    expect(capabilityLabels({ ...model, capabilities: some })).toEqual(["Tools"]);
  });

  it("include the effort if there is only one", () => {
    const one = modelFixture("m", "M", 1_000, "", ["medium"]);
    expect(capabilityLabels({ ...one, capabilities: nothing })).toEqual(["Medium effort only"]);
  });
});
