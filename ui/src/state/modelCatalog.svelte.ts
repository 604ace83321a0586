// The models of one provider, and the chosen one.

import type {
  FailureView,
  ModelsView,
  ModelView,
  ProviderId,
  Role,
  RoleEdit,
  Selection,
} from "../ipc/bindings";
import { failureOf, type Core } from "../ipc/client";
import { noSelection } from "../ipc/selection";

export type Models =
  | { at: "none" }
  | { at: "loading" }
  | { at: "ready"; view: ModelsView; refreshing: boolean }
  | { at: "failed"; failure: FailureView; refreshing: boolean };

interface Loading {
  refresh: boolean;
  result: Promise<ModelsView | null>;
}

export class ModelCatalog {
  models = $state.raw<Models>({ at: "none" });
  selection = $state.raw<Selection>(noSelection);
  /** Incremented when account or key change; responses for an older value are dropped. */
  #owner = 0;
  #loading: Loading | null = null;
  /** The version that was loaded for last, so that a list that cannot be had is not loaded again and again. */
  #followed: string | null = null;

  /** `change` sends a choice to the core and reads the result. */
  constructor(
    readonly core: Core,
    readonly provider: ProviderId,
    readonly change: (command: () => Promise<unknown>) => Promise<unknown>,
  ) {}

  /** Discards the list, for another account or key. */
  forget(): void {
    this.#owner += 1;
    this.#loading = null;
    this.models = { at: "none" };
  }

  /** Applies the core's selection, which another process may have changed. */
  follow(selection: Selection): void {
    this.selection = selection;
    if (selection.model !== null) this.#mark(selection.model);
  }

  /** Loads the shown list again when the core, or another process, has kept another one since. */
  followList(version: string | null): void {
    if (version === null || this.models.at === "none") return;
    if (this.#loading) {
      // What runs may have begun before that list was kept.
      void this.#loading.result.then(() => this.followList(version));
      return;
    }
    const shown = this.models.at === "ready" ? this.models.view.version : null;
    if (version === shown || version === this.#followed) return;
    this.#followed = version;
    void this.load(false);
  }

  /**
   * Loads the list; null if that failed. Concurrent calls share one request, but a refresh waits for a load that may show a
   * kept list, and then asks for a new one.
   */
  load(refresh: boolean): Promise<ModelsView | null> {
    const running = this.#loading;
    if (running && (running.refresh || !refresh)) return running.result;
    const owner = this.#owner;
    if (running) this.#showLoading(refresh);
    const result = running
      ? running.result.then(() => (owner === this.#owner ? this.#load(refresh) : null))
      : this.#load(refresh);
    const loading = { refresh, result };
    this.#loading = loading;
    void result.finally(() => {
      if (this.#loading === loading) this.#loading = null;
    });
    return result;
  }

  /** Keeps what is shown; only a refresh is shown beside it. */
  #showLoading(refresh: boolean): void {
    const { models } = this;
    const shown = models.at === "ready" || models.at === "failed";
    this.models = shown ? { ...models, refreshing: refresh } : { at: "loading" };
  }

  async #load(refresh: boolean): Promise<ModelsView | null> {
    const owner = this.#owner;
    this.#showLoading(refresh);
    try {
      const view = await this.core.models(this.provider, refresh);
      if (owner !== this.#owner) return null;
      this.models = { at: "ready", view, refreshing: false };
      return view;
    } catch (thrown) {
      if (owner !== this.#owner) return null;
      this.models = { at: "failed", failure: failureOf(thrown), refreshing: false };
      return null;
    }
  }

  /** Returns the model in use: the chosen one, else the default. */
  get current(): ModelView | undefined {
    if (this.models.at !== "ready") return undefined;
    const { models } = this.models.view;
    return models.find((one) => one.chosen) ?? models.find((one) => one.default);
  }

  /** Marks the chosen model in the list; does nothing if it is not listed. */
  #mark(chosen: string): void {
    if (this.models.at !== "ready") return;
    const wanted = this.models.view.models.find((one) => one.id === chosen);
    if (!wanted || wanted.chosen) return;
    const models = this.models.view.models.map((one) => ({ ...one, chosen: one === wanted }));
    this.models = { ...this.models, view: { ...this.models.view, models } };
  }

  async choose(model: string, effort: string | null): Promise<void> {
    this.follow({ ...this.selection, model, effort });
    await this.change(() => this.core.choose(this.provider, model, effort, null));
  }

  /** Sets the background model; null means the chosen model. */
  async chooseSmall(small: string | null): Promise<void> {
    if (small === this.selection.small) return;
    this.follow({ ...this.selection, small });
    await this.change(() => this.core.choose(this.provider, null, null, small ?? ""));
  }

  /** Changes what is chosen for a role. */
  async chooseRole(role: Role, edit: RoleEdit): Promise<void> {
    await this.change(async () => {
      const selection = await this.core.chooseRole(this.provider, role, edit);
      this.follow({ ...this.selection, tier: selection.tier, roles: selection.roles });
    });
  }

  /** Adds a model; returns the failure, if any. */
  add(id: string): Promise<FailureView | null> {
    return this.#edit(() => this.core.addModel(this.provider, id));
  }

  remove(id: string): Promise<FailureView | null> {
    return this.#edit(() => this.core.removeModel(this.provider, id));
  }

  async #edit(command: () => Promise<ModelsView>): Promise<FailureView | null> {
    const owner = this.#owner;
    try {
      const view = await command();
      if (owner === this.#owner) this.models = { at: "ready", view, refreshing: false };
      return null;
    } catch (thrown) {
      return failureOf(thrown);
    }
  }
}
