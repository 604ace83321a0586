import { describe, expect, it } from "vitest";

import type { TestEvent } from "../ipc/bindings";
import { failure, testEvents as events } from "../ipc/fake/scenarios";
import { started, idle, onEvent, failedToStart, stageRows, stopped, stopping, type TestRun } from "./testRun";

const play = (list: { event: TestEvent }[], from: TestRun = started) =>
  list.reduce((run, { event }) => onEvent(run, event, 1_000), from);
const shown = (run: TestRun) => stageRows(run).map((row) => row.status);

describe("a test", () => {
  it("has no rows before the start, then four", () => {
    expect(stageRows(idle)).toEqual([]);
    expect(shown(started)).toEqual(["waiting", "waiting", "waiting", "waiting"]);
  });

  it("shows a passed stage while the next one runs", () => {
    const list = events(0).slice(0, 3);
    expect(shown(play(list))).toEqual(["passed", "running", "waiting", "waiting"]);
  });

  it("passes with the sum of the stage times", () => {
    expect(play(events(7))).toMatchObject({ at: "passed", ms: 2_100, endedAt: 7 });
  });

  it("fails at a stage and skips the rest", () => {
    const run = play(events(0, { at: "models", failure: failure("proxy") }));
    expect(run).toMatchObject({ at: "failed", stage: "models", failure: { code: "proxy" } });
    expect(shown(run)).toEqual(["passed", "passed", "failed", "not_tried"]);
  });

  it("can be stopped, with or without a report", () => {
    const running = play(events(0, { at: "answer" }));
    expect(stopping(running)).toMatchObject({ stopping: true });
    expect(shown(stopped(running))).toEqual(["passed", "passed", "passed", "stopped"]);
    const cutting = events(0, { at: "token", failure: failure("cancelled") }).slice(0, 4);
    expect(shown(play(cutting))).toEqual(["passed", "running", "waiting", "waiting"]);
    const cut = play(events(0, { at: "token", failure: failure("cancelled") }));
    expect(cut.at).toBe("stopped");
    expect(shown(cut)).toEqual(["passed", "stopped", "not_tried", "not_tried"]);
  });

  it("fails at the next stage when the command fails", () => {
    expect(shown(failedToStart(started, failure("store_locked")))).toEqual([
      "failed",
      "not_tried",
      "not_tried",
      "not_tried",
    ]);
    expect(failedToStart(started, failure("cancelled")).at).toBe("stopped");
  });

  it("ignores events after its end", () => {
    const passed = play(events(0));
    expect(play(events(0), passed)).toBe(passed);
    expect(stopped(passed)).toBe(passed);
  });
});
