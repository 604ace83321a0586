// A test run as one union. Pure: events of the core go in, the stageRows of the screen come out.

import type { FailureView, Stage, StageView, TestEvent, TestView } from "../ipc/bindings";

export const stages: readonly Stage[] = ["credential", "token", "models", "answer"];

export interface Running {
  stage: Stage;
  model: string | null;
  /** By the page's clock, in milliseconds, for the time that is counted while waiting. */
  since: number;
}

export type TestRun =
  | { at: "idle" }
  | { at: "running"; done: readonly StageView[]; now: Running | null; stopping: boolean }
  | { at: "stopped"; done: readonly StageView[]; stage: Stage | null }
  | { at: "passed"; done: readonly StageView[]; ms: number; endedAt: number }
  | { at: "failed"; done: readonly StageView[]; stage: Stage; failure: FailureView };

export const idle: TestRun = { at: "idle" };
export const started: TestRun = { at: "running", done: [], now: null, stopping: false };

export function onEvent(run: TestRun, event: TestEvent, now: number): TestRun {
  if (run.at !== "running") return run;
  switch (event.event) {
    case "started":
      return { ...run, now: { stage: event.stage, model: event.model, since: now } };
    case "finished":
      // Cut off by Stop: no failure, not even until the report comes.
      if (event.result.failure?.code === "cancelled") return { ...run, stopping: true };
      return { ...run, done: [...run.done, event.result], now: null };
    case "ended":
      return ended(run, event.report);
  }
}

function ended(run: TestRun & { at: "running" }, report: TestView): TestRun {
  const done = report.stages;
  const bad = done.find((stage) => stage.ok === false);
  if (bad) {
    // Stopped by the person: not a failure, even if the core reports where it was cut off.
    if (bad.failure?.code === "cancelled") {
      return { at: "stopped", done: done.filter((stage) => stage.ok === true), stage: bad.stage };
    }
    return { at: "failed", done, stage: bad.stage, failure: bad.failure ?? unexplained };
  }
  if (!report.ok) return stopped(run);
  const ms = done.reduce((sum, stage) => sum + (stage.ms ?? 0), 0);
  return { at: "passed", done, ms, endedAt: report.ended_at };
}

const unexplained: FailureView = { code: "upstream_error", cause: "", retry_at: null };

/** The person asked to stop; the core still has to say that it did. */
export const stopping = (run: TestRun): TestRun => (run.at === "running" ? { ...run, stopping: true } : run);

/** The run is over without a report. */
export function stopped(run: TestRun): TestRun {
  if (run.at !== "running") return run;
  const done = run.done.filter((stage) => stage.ok === true);
  return { at: "stopped", done, stage: run.now?.stage ?? stages[done.length] ?? null };
}

/** The command itself was refused: that is a failure of the stage that would have come next. */
export function failedToStart(run: TestRun, failure: FailureView): TestRun {
  if (run.at !== "running") return run;
  if (failure.code === "cancelled") return stopped(run);
  const stage = run.now?.stage ?? stages[run.done.length] ?? "credential";
  const row: StageView = { stage, ok: false, ms: null, failure, finding: null };
  return { at: "failed", done: [...run.done, row], stage, failure };
}

export type StageRow =
  | { stage: Stage; status: "passed"; view: StageView }
  | { stage: Stage; status: "failed"; view: StageView; failure: FailureView }
  | { stage: Stage; status: "running"; running: Running }
  | { stage: Stage; status: "stopped" }
  | { stage: Stage; status: "waiting" }
  | { stage: Stage; status: "not_tried" };

/** Always four, in order. */
export function stageRows(run: TestRun): StageRow[] {
  if (run.at === "idle") return [];
  return stages.map((stage): StageRow => {
    const view = run.done.find((done) => done.stage === stage);
    if (view?.ok === true) return { stage, status: "passed", view };
    if (view?.ok === false) return { stage, status: "failed", view, failure: view.failure ?? unexplained };
    if (run.at === "running") {
      return run.now?.stage === stage
        ? { stage, status: "running", running: run.now }
        : { stage, status: "waiting" };
    }
    if (run.at === "stopped" && run.stage === stage) return { stage, status: "stopped" };
    return { stage, status: "not_tried" };
  });
}
