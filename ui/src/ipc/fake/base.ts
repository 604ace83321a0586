// What every part of the core in memory needs: the scenario, what was asked, and refusals.

import type { FailureView } from "../bindings";
import { Failure } from "../client";
import type { Scenario } from "./fixtures";
import { scenarioOf } from "./scenarios";

export const isFailure = (value: object | string): value is FailureView =>
  typeof value === "object" && "code" in value;

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export class FakeBase {
  scenario: Scenario;
  /** What was asked, in order, for tests to read. */
  readonly calls: string[] = [];
  /** Refusals by command, for the next call only. */
  readonly nextFailures = new Map<string, FailureView>();
  #listeners = new Set<() => void>();

  constructor(readonly state: string) {
    this.scenario = scenarioOf(state, this.now());
  }

  now(): number {
    return Date.now() / 1000;
  }

  /** Another process changed something. */
  change(edit: (scenario: Scenario) => void): void {
    edit(this.scenario);
    for (const listener of this.#listeners) listener();
  }

  protected async respond<T extends object>(command: string, value: T | FailureView): Promise<T> {
    this.calls.push(command);
    const name = command.split(" ", 1)[0] ?? command;
    const refusal = this.nextFailures.get(command) ?? this.nextFailures.get(name);
    this.nextFailures.delete(command);
    this.nextFailures.delete(name);
    await sleep(0);
    if (refusal) throw new Failure(refusal);
    if (isFailure(value)) throw new Failure(value);
    return structuredClone(value);
  }

  protected async acknowledge(command: string): Promise<void> {
    await this.respond(command, {});
  }

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
