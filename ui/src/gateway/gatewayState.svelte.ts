// State of the gateway and its passes, and the commands on them.

import type { FailureView, GatewayStatus, CreatedPass, NewPass, PassView } from "../ipc/bindings";
import { failureOf, type Core } from "../ipc/client";
import type { Changes } from "../state/changes.svelte";
import { coalesced } from "../state/coalesce";

export type Passes =
  | { at: "loading" }
  | { at: "ready"; passes: readonly PassView[] }
  | { at: "failed"; failure: FailureView };

export class GatewayState {
  passes = $state.raw<Passes>({ at: "loading" });
  status = $state.raw<GatewayStatus | null>(null);
  /** The requested state until the core responds. */
  wanted = $state.raw<boolean | null>(null);

  constructor(
    readonly core: Core,
    readonly changes: Changes,
  ) {}

  readonly read = coalesced(async () => {
    await Promise.all([this.#readStatus(), this.#readPasses()]);
  });

  async #readStatus(): Promise<void> {
    try {
      this.status = await this.core.gatewayStatus();
    } catch (thrown) {
      this.changes.failure = failureOf(thrown);
    }
  }

  async #readPasses(): Promise<void> {
    try {
      this.passes = { at: "ready", passes: await this.core.passes() };
    } catch (thrown) {
      this.passes = { at: "failed", failure: failureOf(thrown) };
    }
  }

  /** Switches the gateway and returns its new status. A failure is shown above the panel. */
  async switchTo(on: boolean): Promise<GatewayStatus | null> {
    this.wanted = on;
    let status: GatewayStatus | null = null;
    await this.changes.enqueue(async () => {
      status = await this.core.switchGateway(on);
    }, this.read);
    this.wanted = null;
    return status;
  }

  /** Throws the failure; the form shows it. */
  async setPort(port: number): Promise<GatewayStatus> {
    const status = await this.core.setGatewayPort(port);
    await this.read();
    return status;
  }

  /** Throws the failure; the form shows it. */
  async make(pass: NewPass): Promise<CreatedPass> {
    const made = await this.core.makePass(pass);
    await this.read();
    return made;
  }

  /** Throws the failure; the dialog shows it. */
  async setReserve(id: string, leavesPercent: number | null): Promise<void> {
    await this.core.setPassReserve(id, leavesPercent);
    await this.read();
  }

  /** Throws the failure; the dialog shows it. */
  async revoke(id: string): Promise<void> {
    await this.core.revokePass(id);
    await this.read();
  }
}
