// The tools of this computer, the one whose changes are shown, and what was done last.

import type {
  FailureView,
  GatewayStatus,
  PassView,
  ToolTrialView,
  ToolPreview,
  ToolUndone,
  ToolView,
} from "../ipc/bindings";
import { failureOf, type Core } from "../ipc/client";
import type { Changes } from "../state/changes.svelte";
import { coalesced } from "../state/coalesce";

export type ToolList =
  | { at: "loading" }
  | { at: "ready"; tools: readonly ToolView[] }
  | { at: "failed"; failure: FailureView };

/** The tool whose changes, or lines, are shown. */
export interface OpenTool {
  readonly tool: string;
  readonly preview: ToolPreview | null;
  readonly makeDefault: boolean;
  /** The preview is that of the choice before. */
  readonly loading: boolean;
  /** Why there is no preview, or why the tool was not connected. */
  readonly failure: FailureView | null;
}

/** The smallest command of a tool: it runs, it ended, or it could not be run. */
export type ToolTrial =
  | { at: "running" }
  | { at: "ended"; view: ToolTrialView }
  | { at: "failed"; failure: FailureView };

/** What was done last. */
export type ToolResult =
  | { kind: "connected"; tool: string; preview: ToolPreview; madeDefault: boolean; trial: ToolTrial | null }
  /** Without a name all of them were. */
  | { kind: "disconnected"; name: string | null; undone: readonly ToolUndone[] };

export class ToolsState {
  list = $state.raw<ToolList>({ at: "loading" });
  open = $state.raw<OpenTool | null>(null);
  result = $state.raw<ToolResult | null>(null);
  /** The tool that is being connected or disconnected. */
  busy = $state<string | null>(null);
  status = $state.raw<GatewayStatus | null>(null);
  /** Whether connecting a tool turns on a gateway that is off. */
  turnsOn = $state(true);
  /** After how many minutes of silence the files of the tool that is connected come back; null for never. */
  restoreAfter = $state<number | null>(null);
  /** Null while unknown. */
  passes = $state.raw<readonly PassView[] | null>(null);

  constructor(
    readonly core: Core,
    readonly changes: Changes,
  ) {}

  readonly read = coalesced(async () => {
    await Promise.all([this.#readTools(), this.#readGateway()]);
  });

  async #readTools(): Promise<void> {
    try {
      this.list = { at: "ready", tools: await this.core.toolsList() };
    } catch (thrown) {
      this.list = { at: "failed", failure: failureOf(thrown) };
    }
  }

  /** Failures are ignored here: the panel of the gateway shows them. */
  async #readGateway(): Promise<void> {
    this.status = await this.core.gatewayStatus().catch(() => this.status);
    this.passes = await this.core.passes().catch(() => this.passes);
  }

  get isOff(): boolean {
    return this.status?.at === "off" || this.status?.at === "failed";
  }

  /** Shows what would change. Nothing is changed; returns whether it is shown. */
  async show(tool: string, makeDefault = false): Promise<boolean> {
    const before = this.open?.tool === tool ? this.open.preview : null;
    if (this.open?.tool !== tool) {
      this.turnsOn = true;
      this.restoreAfter = null;
    }
    const opened: OpenTool = { tool, preview: before, makeDefault, loading: true, failure: null };
    this.open = opened;
    try {
      const preview = await this.core.toolsPreview(tool, makeDefault);
      // Another tool, or the other choice, may have been opened meanwhile.
      if (this.open !== opened) return false;
      this.open = { ...opened, preview, loading: false };
    } catch (thrown) {
      if (this.open !== opened) return false;
      this.open = { ...opened, preview: null, loading: false, failure: failureOf(thrown) };
    }
    return true;
  }

  close(): void {
    this.open = null;
  }

  /** Connects the open tool as its preview shows it. Returns the failure, after which the preview is a new one. */
  async connect(): Promise<FailureView | null> {
    const { open } = this;
    if (!open?.preview || open.loading || this.busy !== null) return null;
    const { tool, preview, makeDefault } = open;
    this.busy = tool;
    try {
      this.#replace(await this.core.toolsConnect(tool, makeDefault, this.restoreAfter, preview.token));
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (this.open === open && (await this.show(tool, makeDefault)) && this.open) {
        this.open = { ...this.open, failure };
      }
      return failure;
    } finally {
      this.busy = null;
    }
    if (this.open?.tool === tool) this.open = null;
    if (this.turnsOn && this.isOff) await this.turnOn();
    else await this.read();
    this.result = { kind: "connected", tool, preview, madeDefault: makeDefault, trial: null };
    return null;
  }

  /** Runs the smallest command of the tool that was just connected. Returns null if that is not shown any more. */
  async try(): Promise<ToolTrial | null> {
    const { result } = this;
    if (result?.kind !== "connected" || result.trial?.at === "running") return null;
    const running: ToolResult = { ...result, trial: { at: "running" } };
    this.result = running;
    let trial: ToolTrial;
    try {
      trial = { at: "ended", view: await this.core.toolsTry(result.tool) };
    } catch (thrown) {
      trial = { at: "failed", failure: failureOf(thrown) };
    }
    if (this.result !== running) return null;
    this.result = { ...running, trial };
    await this.read();
    return trial;
  }

  #replace(changed: ToolView): void {
    if (this.list.at !== "ready") return;
    const tools = this.list.tools.map((one) => (one.id === changed.id ? changed : one));
    this.list = { at: "ready", tools };
  }

  /** Puts the files of a tool back and revokes its pass. A failure is shown above the panel. */
  async disconnect({ id, name }: { id: string; name: string }): Promise<ToolUndone | null> {
    if (this.busy !== null) return null;
    this.busy = id;
    let undone: ToolUndone | null = null;
    await this.changes.attempt(async () => {
      undone = await this.core.toolsDisconnect(id);
    });
    this.busy = null;
    await this.read();
    if (undone) this.result = { kind: "disconnected", name, undone: [undone] };
    return undone;
  }

  /** Leaves the files of a tool as they are while the gateway does not answer. A failure is shown above the panel. */
  async neverRestore(id: string): Promise<boolean> {
    const done = await this.changes.attempt(() => this.core.toolsRestoreIfSilent(id, null));
    await this.read();
    return done;
  }

  /** Puts the files of all tools back and revokes their passes. Those that can be are, also when one fails. */
  async restore(): Promise<void> {
    let undone: ToolUndone[];
    try {
      undone = await this.core.toolsRestore();
    } finally {
      await this.read();
    }
    this.result = { kind: "disconnected", name: null, undone };
  }

  /** Creates a pass for what is in use. Lines read it by its name, so its secret is not kept. */
  async createPass(name: string): Promise<boolean> {
    const pass = {
      name,
      provider: null,
      account: null,
      any_provider: false,
      pay_per_token: false,
      model: null,
      folder: null,
      leaves_percent: null,
      roles: {},
      days: null,
    };
    const done = await this.changes.attempt(() => this.core.makePass(pass));
    await this.read();
    return done;
  }

  async turnOn(): Promise<GatewayStatus | null> {
    await this.changes.attempt(async () => {
      this.status = await this.core.switchGateway(true);
    });
    if (this.status?.at === "failed") this.changes.failure = this.status.failure;
    await this.read();
    return this.status;
  }
}
