// In-memory core: tools of this computer.

import type { SignInCopiesView, ToolTrialView, ToolPreview, ToolUndone, ToolView } from "../bindings";
import { Failure } from "../client";
import { isFailure } from "./base";
import { failure } from "./fixtures";
import { passOf } from "./fixtures/gateway";
import { connectionOf, previewOf, undoneOf } from "./fixtures/tools";
import { FakeGateway } from "./gateway";

export class FakeTools extends FakeGateway {
  toolsList(): Promise<ToolView[]> {
    return this.respond("tools_list", this.scenario.toolList);
  }

  async toolsPreview(id: string, makeDefault: boolean): Promise<ToolPreview> {
    const changed = this.scenario.toolPreviews[id] ?? {};
    const preview = isFailure(changed) ? changed : { ...previewOf(this.#find(id), makeDefault), ...changed };
    return this.respond<ToolPreview>(`tools_preview ${id} ${makeDefault}`, preview);
  }

  async toolsConnect(
    id: string,
    makeDefault: boolean,
    restoreAfter: number | null,
    token: string,
  ): Promise<ToolView> {
    const silence = restoreAfter === null ? "" : ` ${restoreAfter}`;
    await this.acknowledge(`tools_connect ${id} ${makeDefault} ${token}${silence}`);
    this.#connection(id, connectionOf(id, this.now(), { restore_after_minutes: restoreAfter }));
    this.scenario.passes = [...this.scenario.passes, passOf(this.now(), id)];
    this.change(() => undefined);
    return structuredClone(this.#find(id));
  }

  async toolsRestoreIfSilent(id: string, minutes: number | null): Promise<ToolView> {
    await this.acknowledge(`tools_restore_if_silent ${id} ${minutes}`);
    const { connection } = this.#find(id);
    if (connection) this.#connection(id, { ...connection, restore_after_minutes: minutes });
    this.change(() => undefined);
    return structuredClone(this.#find(id));
  }

  toolsCopies(): Promise<SignInCopiesView> {
    return this.respond("tools_copies", this.scenario.copies);
  }

  async toolsTry(id: string): Promise<ToolTrialView> {
    const ended: ToolTrialView = {
      tool: id,
      command: previewOf(this.#find(id), false).trial ?? "",
      outcome: this.scenario.toolTrial,
      last_line: this.scenario.toolTrial === "answered" ? "hello" : "error: 401 unknown pass",
      took_ms: 2_300,
    };
    return this.respond(`tools_try ${id}`, ended);
  }

  async toolsDisconnect(id: string): Promise<ToolUndone> {
    await this.acknowledge(`tools_disconnect ${id}`);
    const found = this.#find(id);
    if (!found.connection) throw new Failure(failure("bad_usage", `${found.name} is not connected`));
    return this.#undo(id);
  }

  async toolsRestore(): Promise<ToolUndone[]> {
    await this.acknowledge("tools_restore");
    return this.scenario.toolList.filter((one) => one.connection).map((one) => this.#undo(one.id));
  }

  #undo(id: string): ToolUndone {
    this.#connection(id, null);
    this.scenario.passes = this.scenario.passes.filter(({ name }) => name !== id);
    this.change(() => undefined);
    return { ...undoneOf(id), ...this.scenario.toolsUndone[id] };
  }

  #find(id: string): ToolView {
    const found = this.scenario.toolList.find((one) => one.id === id);
    if (!found) throw new Failure(failure("bad_usage", `there is no tool named ${id}`));
    return found;
  }

  #connection(id: string, connection: ToolView["connection"]): void {
    const { toolList } = this.scenario;
    this.scenario.toolList = toolList.map((one) => (one.id === id ? { ...one, connection } : one));
    const connected = connection !== null;
    const copies = this.scenario.copies.copies.map((one) => (one.tool === id ? { ...one, connected } : one));
    this.scenario.copies = { ...this.scenario.copies, copies };
  }
}
