// What a person does with a tool on a page that lists it: each step is announced and moves the focus.

import { announcer } from "../components/accessibility/announcer.svelte";
import { focusOn } from "../components/accessibility/focus";
import type { FailureView } from "../ipc/bindings";
import { detailOf, failures, sentences, t } from "../text";
import { tools as texts } from "../text/tools/tools";
import { keptOf } from "./listed";
import type { ToolsState } from "./toolsState.svelte";

/** Returns an element in the item of a tool. */
const within = (id: string, selector: string) => `[data-tool="${CSS.escape(id)}"] ${selector}`;

export function announceFailure(failure: FailureView): void {
  const text = failures[failure.code];
  announcer.warn(t.announce.failure(text.title, detailOf(failure) ?? text.next));
}

export class ToolActions {
  constructor(readonly state: ToolsState) {}

  async show(tool: { id: string; name: string; automatic: boolean }, makeDefault = false): Promise<void> {
    const { id, name, automatic } = tool;
    this.state.result = null;
    if (!(await this.state.show(id, makeDefault))) return;
    const failure = this.state.open?.failure;
    if (failure) announceFailure(failure);
    else announcer.say(automatic ? texts.preview.shown(name) : texts.byHand.shown(name));
    await focusOn(within(id, ":is([data-first], [data-first-group] .btn)"));
  }

  async setDefault(id: string, makeDefault: boolean): Promise<void> {
    await this.state.show(id, makeDefault);
    const failure = this.state.open?.failure;
    if (failure) announceFailure(failure);
  }

  async cancel(id: string): Promise<void> {
    this.state.close();
    await focusOn(within(id, "[data-connect]"));
  }

  async connect(id: string, name: string): Promise<void> {
    const failure = await this.state.connect();
    if (failure) {
      announceFailure(failure);
      return focusOn(within(id, "[data-first]"));
    }
    if (this.state.result?.kind !== "connected") return;
    announcer.say(texts.connected.title(name));
    await focusOn("#tool-result");
  }

  async tryIt(): Promise<void> {
    const { result } = this.state;
    const done = await this.state.try();
    if (result?.kind !== "connected" || done === null || done.at === "running") return;
    if (done.at === "failed") return announceFailure(done.failure);
    const text = texts.connected.tried(done.view, result.preview.name);
    if (done.view.outcome === "answered") announcer.say(text);
    else announcer.warn(text);
  }

  async disconnect(tool: { id: string; name: string }): Promise<void> {
    const undone = await this.state.disconnect(tool);
    if (!undone) return;
    announcer.say(sentences(texts.disconnected.title(tool.name), ...keptOf([undone])));
    await focusOn("#tool-result");
  }

  async neverRestore({ id, name }: { id: string; name: string }): Promise<void> {
    if (!(await this.state.neverRestore(id))) return;
    announcer.say(texts.silence.ended(name));
    await focusOn(within(id, "[data-disconnect]"));
  }

  async closeResult(): Promise<void> {
    this.state.result = null;
    await focusOn("#t-panel");
  }
}
