// What every part of the core in memory needs: the scene, what was asked, and refusals.

import type { FailureView } from "../bindings";
import { Failure } from "../client";
import type { Scene } from "./fixtures";
import { sceneOf } from "./scenarios";

export const isFailure = (value: object | string): value is FailureView =>
  typeof value === "object" && "code" in value;

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export class FakeBase {
  scene: Scene;
  /** What was asked, in order, for tests to read. */
  readonly calls: string[] = [];
  /** Refusals by command, for the next call only. */
  readonly refuse = new Map<string, FailureView>();
  #listeners = new Set<() => void>();

  constructor(readonly state: string) {
    this.scene = sceneOf(state, this.now());
  }

  now(): number {
    return Date.now() / 1000;
  }

  /** Another process changed something. */
  change(edit: (scene: Scene) => void): void {
    edit(this.scene);
    for (const listener of this.#listeners) listener();
  }

  protected async answer<T extends object>(command: string, value: T | FailureView): Promise<T> {
    this.calls.push(command);
    const name = command.split(" ", 1)[0] ?? command;
    const refusal = this.refuse.get(command) ?? this.refuse.get(name);
    this.refuse.delete(command);
    this.refuse.delete(name);
    await sleep(0);
    if (refusal) throw new Failure(refusal);
    if (isFailure(value)) throw new Failure(value);
    return structuredClone(value);
  }

  protected async done(command: string): Promise<void> {
    await this.answer(command, {});
  }

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
