// In-memory core: tools of this computer.

import type { ToolPreview, ToolUndone, ToolView } from "../bindings";
import { Failure } from "../client";
import { failure } from "./fixtures";
import { FakeGateway } from "./gateway";

const tool = (id: string, name: string, changed: Partial<ToolView> = {}): ToolView => ({
  id,
  name,
  found: true,
  version: null,
  automatic: true,
  own_sign_in: false,
  pass_method: "helper",
  connection: null,
  ...changed,
});

export class FakeTools extends FakeGateway {
  #tools = [
    tool("codex", "Codex CLI", { version: "0.171.0", own_sign_in: true }),
    tool("claude-code", "Claude Code", { version: "2.1.332" }),
    tool("opencode", "opencode", { own_sign_in: true, pass_method: "pass_file" }),
    tool("goose", "goose", { found: false, automatic: false, own_sign_in: true, pass_method: "environment" }),
  ];

  toolsList(): Promise<ToolView[]> {
    return this.respond("tools_list", this.#tools);
  }

  toolsPreview(id: string, makeDefault: boolean): Promise<ToolPreview> {
    const { name, automatic } = this.#find(id);
    const path = `~/.${id}/settings`;
    return this.respond(`tools_preview ${id} ${makeDefault}`, {
      tool: id,
      name,
      pass: id,
      files: automatic
        ? [{ path, exists: false, becomes_private: false, keys: [], diff: `--- (no file)\n+++ ${path}\n` }]
        : [],
      conflicts: [],
      blocked: false,
      takes_over: false,
      has_default: true,
      usage: null,
      lines: automatic ? null : "export OPENAI_HOST=http://127.0.0.1:18740",
      token: id,
    });
  }

  async toolsConnect(id: string, makeDefault: boolean, token: string): Promise<ToolView> {
    await this.acknowledge(`tools_connect ${id} ${makeDefault} ${token}`);
    const found = this.#find(id);
    const connection = { pass: id, at: this.now(), interrupted: false, last_used_at: null, files: [] };
    this.#replace({ ...found, connection });
    return structuredClone(this.#find(id));
  }

  async toolsDisconnect(id: string): Promise<ToolUndone> {
    await this.acknowledge(`tools_disconnect ${id}`);
    const found = this.#find(id);
    if (!found.connection) throw new Failure(failure("bad_usage", `${found.name} is not connected`));
    this.#replace({ ...found, connection: null });
    return { tool: id, files: [], pass_revoked: true };
  }

  async toolsRestore(): Promise<ToolUndone[]> {
    await this.acknowledge("tools_restore");
    const connected = this.#tools.filter((one) => one.connection);
    for (const one of connected) this.#replace({ ...one, connection: null });
    return connected.map((one) => ({ tool: one.id, files: [], pass_revoked: true }));
  }

  #find(id: string): ToolView {
    const found = this.#tools.find((one) => one.id === id);
    if (!found) throw new Failure(failure("bad_usage", `there is no tool named ${id}`));
    return found;
  }

  #replace(changed: ToolView): void {
    this.#tools = this.#tools.map((one) => (one.id === changed.id ? changed : one));
  }
}
