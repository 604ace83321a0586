// Repeats the failures at the end of a run, because often only the end of a long log is kept.

import type { FullResult, Reporter, Suite } from "@playwright/test/reporter";

/** Enough lines for expected, actual and location. */
const mostLines = 30;
const colours = new RegExp(String.raw`\u001b\[[0-9;]*m`, "g");

export default class Failures implements Reporter {
  #suite: Suite | undefined;

  onBegin(_config: unknown, suite: Suite): void {
    this.#suite = suite;
  }

  onEnd(result: FullResult): void {
    if (result.status === "passed") return;
    for (const test of this.#suite?.allTests() ?? []) {
      if (test.ok()) continue;
      const words = test.results.flatMap(({ errors }) => errors.map((one) => one.message ?? one.value ?? ""));
      const lines = words.join("\n").replaceAll(colours, "").split("\n").slice(0, mostLines);
      process.stdout.write(`\n${test.titlePath().filter(Boolean).join(" › ")}\n${lines.join("\n")}\n`);
    }
  }

  printsToStdio(): boolean {
    return false;
  }
}
