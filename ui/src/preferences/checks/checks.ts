// States of the checks and of the export. Pure functions.

import type { Check, DoctorReport, FailureView, Verdict } from "../../ipc/bindings";

export type Checks =
  | { at: "idle" }
  | { at: "running"; before: readonly Check[] }
  | { at: "done"; checks: readonly Check[]; bad: number }
  | { at: "failed"; failure: FailureView };

export const idle: Checks = { at: "idle" };

/** Returns the last results while the checks run again. */
export const running = (before: Checks): Checks => ({ at: "running", before: shown(before) });

export const done = ({ checks }: DoctorReport): Checks => ({
  at: "done",
  checks,
  bad: checks.filter((check) => check.verdict === "bad").length,
});

/** Groups checks by how they came out, each in its order. */
export const byVerdict = (checks: readonly Check[]): Record<Verdict, readonly Check[]> => ({
  good: checks.filter((check) => check.verdict === "good"),
  note: checks.filter((check) => check.verdict === "note"),
  bad: checks.filter((check) => check.verdict === "bad"),
});

export function shown(state: Checks): readonly Check[] {
  if (state.at === "done") return state.checks;
  return state.at === "running" ? state.before : [];
}

export type Export =
  | { at: "idle" }
  | { at: "running" }
  | { at: "done"; file: string }
  | { at: "failed"; failure: FailureView };
