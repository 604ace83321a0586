// All providers, as the core said last, and what the person does to one of them.

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
      // What could not be had of one that was off is asked for again.
      const on = one.enabled && !known.enabled && known.catalog.models.at === "failed";
      if (owner !== known.owner || on) known.catalog.forget();
      known.owner = owner;
      known.enabled = one.enabled;
      known.catalog.follow(one.selection);
    }
  }

  of(id: ProviderId): ProviderView | undefined {
    return this.view?.providers.find((one) => one.id === id);
  }

  /** Besides the plan. */
  readonly others = $derived((this.view?.providers ?? []).filter((one) => one.id !== "chatgpt"));

  /** How many accounts the plan has. */
  get accounts(): number {
    const credential = this.of("chatgpt")?.credential;
    return credential?.kind === "sign_in" ? credential.accounts : 0;
  }

  /** The models of a provider that is not the plan's own: those belong to the session. */
  catalogOf(view: ProviderView): ModelCatalog {
    const known = this.#catalogs.get(view.id);
    if (known) return known.catalog;
    const catalog = new ModelCatalog(this.core, view.id, (ask) => this.change(ask));
    catalog.follow(view.selection);
    this.#catalogs.set(view.id, { owner: catalogIdentity(view), enabled: view.enabled, catalog });
    return catalog;
  }

  /** Shows a refusal above the panel; answers whether it was done. */
  change(ask: () => Promise<unknown>): Promise<boolean> {
    return this.changes.enqueue(ask, this.read);
  }

  /** Refusals are the caller's to show, beside the field that they are about. */
  async #ask<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
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

  /** Adds it first, if it is not there yet: a key that nobody saves leaves nothing behind. */
  saveKey(id: ProviderId, key: string): Promise<ProviderView> {
    return this.#ask(async () => {
      if (!this.of(id)) await this.core.addProvider(id);
      return this.core.saveKey(id, key);
    });
  }

  forgetKey(id: ProviderId): Promise<ProviderView> {
    return this.#ask(() => this.core.forgetKey(id));
  }

  add(id: ProviderId): Promise<ProviderView> {
    return this.#ask(() => this.core.addProvider(id));
  }

  addEndpoint(endpoint: NewEndpoint): Promise<ProviderView> {
    return this.#ask(() => this.core.addEndpoint(endpoint));
  }

  edit(id: ProviderId, change: Partial<ProviderChange>): Promise<ProviderView> {
    return this.#ask(() => this.core.changeProvider(id, { ...nothingChanged, ...change }));
  }

  saveHeader(id: ProviderId, name: string, value: string): Promise<ProviderView> {
    return this.#ask(() => this.core.saveHeader(id, name, value));
  }

  removeHeader(id: ProviderId, name: string): Promise<ProviderView> {
    return this.#ask(() => this.core.removeHeader(id, name));
  }

  remove(id: ProviderId): Promise<void> {
    return this.#ask(() => this.core.removeProvider(id));
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

/** With another key or address the models may be others. */
export const catalogIdentity = ({ credential, endpoint }: ProviderView): string =>
  JSON.stringify([
    credential.kind === "codex" ? (credential.account?.id ?? null) : credential,
    endpoint?.root,
    endpoint?.organization,
    endpoint?.project,
  ]);

/** Whether there is anything to be let in by. */
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
