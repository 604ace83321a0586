import { describe, expect, it } from "vitest";

import { availableSpace, horizontalShift } from "./popoverPosition";

describe("a pop-over", () => {
  it("goes below while it fits, above when there is more room", () => {
    expect(availableSpace(300, 100, 132, 680)).toEqual({ above: false, height: 536 });
    expect(availableSpace(300, 500, 532, 680)).toEqual({ above: true, height: 488 });
    expect(availableSpace(300, 100, 132, 400).above).toBe(false);
  });

  it("has a minimum height", () => {
    expect(availableSpace(300, 100, 132, 260)).toEqual({ above: false, height: 160 });
  });

  it("stays inside sideways, and at the start when it is too wide", () => {
    expect(horizontalShift(100, 300, 8, 500)).toBe(0);
    expect(horizontalShift(400, 600, 8, 500)).toBe(-100);
    expect(horizontalShift(-20, 100, 8, 500)).toBe(28);
    expect(horizontalShift(20, 700, 8, 500)).toBe(-12);
  });
});
