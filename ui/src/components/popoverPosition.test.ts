import { describe, expect, it } from "vitest";

import { roomFor, shiftFor } from "./popoverPosition";

describe("a pop-over", () => {
  it("goes below while it fits, above when there is more room", () => {
    expect(roomFor(300, 100, 132, 680)).toEqual({ above: false, height: 536 });
    expect(roomFor(300, 500, 532, 680)).toEqual({ above: true, height: 488 });
    expect(roomFor(300, 100, 132, 400).above).toBe(false);
  });

  it("is never too low to read", () => {
    expect(roomFor(300, 100, 132, 260)).toEqual({ above: false, height: 160 });
  });

  it("stays inside sideways, and at the start when it is too wide", () => {
    expect(shiftFor(100, 300, 8, 500)).toBe(0);
    expect(shiftFor(400, 600, 8, 500)).toBe(-100);
    expect(shiftFor(-20, 100, 8, 500)).toBe(28);
    expect(shiftFor(20, 700, 8, 500)).toBe(-12);
  });
});
