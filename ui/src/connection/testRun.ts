// State of a connection test. Pure functions: core events in, rows of the screen out.

import type { FailureView, Stage, StageView, TestEvent, TestView } from "../ipc/bindings";

export const stages: readonly Stage[] = ["credential", "token", "models", "answer"];

export interface Running {
  stage: Stage;
  model: string | null;
  /** Start by the page's clock in milliseconds, to show the elapsed time. */
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
      // Cancelled by the user: not shown as a failure, even before the report arrives.
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
    // Cancelled by the user: not a failure, even if the core reports it at a stage.
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

/** Marks the run as stopping until the core confirms. */
export const stopping = (run: TestRun): TestRun => (run.at === "running" ? { ...run, stopping: true } : run);

/** Ends the run without a report. */
export function stopped(run: TestRun): TestRun {
  if (run.at !== "running") return run;
  const done = run.done.filter((stage) => stage.ok === true);
  return { at: "stopped", done, stage: run.now?.stage ?? stages[done.length] ?? null };
}

/** Ends the run because the command failed; the failure belongs to the next stage. */
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

/** Returns one row per stage, in order, or none before the first run. */
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
