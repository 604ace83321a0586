// All providers as last read from the core, and the commands on them.

import type { NewEndpoint, ProviderChange, ProviderId, ProvidersView, ProviderView } from "../ipc/bindings";
import { failureOf, type Core } from "../ipc/client";
import { ModelCatalog } from "./modelCatalog.svelte";
import type { Changes } from "./changes.svelte";
import { coalesced } from "./coalesce";

export class Providers {
  view = $state.raw<ProvidersView | null>(null);
  #catalogs = new Map<ProviderId, { owner: string; enabled: boolean; catalog: ModelCatalog }>();

  constructor(
    readonly core: Core,
    readonly changes: Changes,
  ) {}

  readonly read = coalesced(async () => {
    try {
      this.#show(await this.core.providers());
    } catch (thrown) {
      this.changes.failure = failureOf(thrown);
    }
  });

  #show(view: ProvidersView): void {
    this.view = view;
    for (const one of view.providers) {
      const known = this.#catalogs.get(one.id);
      if (!known) continue;
      const owner = catalogIdentity(one);
      // Reloads a list that failed while the provider was off.
      const on = one.enabled && !known.enabled && known.catalog.models.at === "failed";
      if (owner !== known.owner || on) known.catalog.forget();
      known.owner = owner;
      known.enabled = one.enabled;
      known.catalog.follow(one.selection);
      known.catalog.followList(one.models_version);
    }
  }

  of(id: ProviderId): ProviderView | undefined {
    return this.view?.providers.find((one) => one.id === id);
  }

  /** Without the plan. */
  readonly others = $derived((this.view?.providers ?? []).filter((one) => one.id !== "chatgpt"));

  /** The plan's number of accounts. */
  get accounts(): number {
    const credential = this.of("chatgpt")?.credential;
    return credential?.kind === "sign_in" ? credential.accounts : 0;
  }

  /** Returns the model catalog of a provider. The plan's belongs to the session. */
  catalogOf(view: ProviderView): ModelCatalog {
    const known = this.#catalogs.get(view.id);
    if (known) return known.catalog;
    const catalog = new ModelCatalog(this.core, view.id, (command) => this.change(command));
    catalog.follow(view.selection);
    this.#catalogs.set(view.id, { owner: catalogIdentity(view), enabled: view.enabled, catalog });
    return catalog;
  }

  /** Sends a change. A failure is shown above the panel; returns whether it succeeded. */
  change(command: () => Promise<unknown>): Promise<boolean> {
    return this.changes.enqueue(command, this.read);
  }

  /** Sends a change and reads the result. The caller shows a failure beside its field. */
  async #run<T>(command: () => Promise<T>): Promise<T> {
    try {
      return await command();
    } finally {
      await this.read();
    }
  }

  async setEnabled(id: ProviderId, enabled: boolean): Promise<void> {
    if (this.view) {
      const providers = this.view.providers.map((one) => (one.id === id ? { ...one, enabled } : one));
      this.view = { ...this.view, providers };
    }
    await this.change(() => this.core.setEnabled(id, enabled));
  }

  /** Saves a key, and adds the provider first if needed. */
  saveKey(id: ProviderId, key: string): Promise<ProviderView> {
    return this.#run(async () => {
      if (!this.of(id)) await this.core.addProvider(id);
      return this.core.saveKey(id, key);
    });
  }

  forgetKey(id: ProviderId): Promise<ProviderView> {
    return this.#run(() => this.core.forgetKey(id));
  }

  add(id: ProviderId): Promise<ProviderView> {
    return this.#run(() => this.core.addProvider(id));
  }

  addEndpoint(endpoint: NewEndpoint): Promise<ProviderView> {
    return this.#run(() => this.core.addEndpoint(endpoint));
  }

  edit(id: ProviderId, change: Partial<ProviderChange>): Promise<ProviderView> {
    return this.#run(() => this.core.changeProvider(id, { ...nothingChanged, ...change }));
  }

  saveHeader(id: ProviderId, name: string, value: string): Promise<ProviderView> {
    return this.#run(() => this.core.saveHeader(id, name, value));
  }

  removeHeader(id: ProviderId, name: string): Promise<ProviderView> {
    return this.#run(() => this.core.removeHeader(id, name));
  }

  remove(id: ProviderId): Promise<void> {
    return this.#run(() => this.core.removeProvider(id));
  }
}

const nothingChanged: ProviderChange = {
  name: null,
  base_url: null,
  timeout_seconds: null,
  local_network: null,
  wire: null,
  organization: null,
  project: null,
};

/** Identifies the credential and address that a model list belongs to. */
export const catalogIdentity = ({ credential, endpoint }: ProviderView): string =>
  JSON.stringify([
    credential.kind === "codex" ? (credential.account?.id ?? null) : credential,
    endpoint?.root,
    endpoint?.organization,
    endpoint?.project,
  ]);

/** Returns whether the provider has a credential or needs none. */
export function connected({ credential }: ProviderView): boolean {
  switch (credential.kind) {
    case "missing":
    case "key_of_other_address":
      return false;
    case "codex":
      return credential.account !== null;
    default:
      return true;
  }
}
