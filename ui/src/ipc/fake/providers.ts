// In-memory core: providers, keys, endpoints and models.

import type {
  CodexLoginEvent,
  FailureView,
  ModelsView,
  ModelView,
  NewEndpoint,
  ProviderChange,
  ProviderId,
  ProviderView,
  Role,
  RoleEdit,
  Selection,
  TestEvent,
} from "../bindings";
import { noSelection, withChoice } from "../selection";
import { Failure } from "../client";
import { FakeBase, isFailure, sleep } from "./base";
import { failure } from "./fixtures";
import { codexCli, endpoint, noModels, openai, providersView } from "./fixtures/providers";

/** Validates an address as the core does. */
export function badUrl(address: string, local: boolean): FailureView | null {
  const bad = (why: string) => failure("bad_url", `${address}: ${why}`);
  if (!URL.canParse(address)) return bad("the address must begin with https://");
  const { protocol, hostname, search, hash } = new URL(address);
  if (protocol === "http:" && !local && hostname !== "localhost" && !hostname.startsWith("127.")) {
    return bad("plain http is accepted for this computer only");
  }
  if (protocol !== "http:" && protocol !== "https:") return bad("the address must begin with https://");
  const cut = search ? "?" : "#";
  return search || hash
    ? bad(`leave out the ${cut} and what follows: a base address has no query and no fragment`)
    : null;
}

const byHand = (id: string): ModelView => ({
  id,
  name: id,
  description: "",
  context_window: null,
  efforts: [],
  default_effort: null,
  default: false,
  chosen: false,
  text: true,
  capabilities: { images: null, tools: null, parallel_tools: null, verbosity: null, fast: null },
  source: "by_hand",
});

export class FakeProviders extends FakeBase {
  #test: { emit: (event: TestEvent) => void; end: () => void } | null = null;
  #login: { emit: (event: CodexLoginEvent) => void } | null = null;

  providers() {
    const { overview, providers, accounts, tools } = this.scenario;
    const count = Math.max(1, accounts.length);
    return this.respond("providers", providersView(overview, providers, count, tools));
  }

  #edit(id: ProviderId, change: (view: ProviderView) => ProviderView): ProviderView {
    this.scenario.providers = this.scenario.providers.map((one) => (one.id === id ? change(one) : one));
    const view = this.scenario.providers.find((one) => one.id === id);
    if (!view) throw new Failure(failure("bad_usage", `there is no provider ${id}`));
    return structuredClone(view);
  }

  #add(view: ProviderView): ProviderView {
    this.scenario.providers = [...this.scenario.providers.filter((one) => one.id !== view.id), view];
    return structuredClone(view);
  }

  async addProvider(provider: ProviderId): Promise<ProviderView> {
    await this.acknowledge(`add_provider ${provider}`);
    return this.#add(
      provider === "openai" ? openai({ kind: "missing" }, { selection: noSelection }) : codexCli(this.now()),
    );
  }

  async addEndpoint(wanted: NewEndpoint): Promise<ProviderView> {
    await this.acknowledge(`add_endpoint ${JSON.stringify(wanted)}`);
    const bad = badUrl(wanted.base_url, wanted.local_network);
    if (bad) throw new Failure(bad);
    const { hostname } = new URL(wanted.base_url);
    const here = hostname === "localhost" || hostname.startsWith("127.");
    return this.#add({
      id: `openai-compatible:${wanted.name.trim().toLowerCase().replaceAll(" ", "-")}`,
      name: wanted.name.trim(),
      pays: "service",
      enabled: true,
      credential: here ? { kind: "not_needed" } : { kind: "missing" },
      endpoint: endpoint(wanted.base_url, {
        wire: wanted.wire,
        timeout_seconds: wanted.timeout_seconds ?? 30,
        local_network: wanted.local_network,
      }),
      selection: noSelection,
      models_version: null,
      attention: null,
    });
  }

  async changeProvider(provider: ProviderId, change: ProviderChange): Promise<ProviderView> {
    await this.acknowledge(`change_provider ${provider} ${JSON.stringify(change)}`);
    const bad = change.base_url === null ? null : badUrl(change.base_url, change.local_network ?? false);
    if (bad) throw new Failure(bad);
    return this.#edit(provider, (view) => ({
      ...view,
      name: change.name ?? view.name,
      endpoint: view.endpoint && {
        ...view.endpoint,
        base_url: change.base_url ?? view.endpoint.base_url,
        timeout_seconds: change.timeout_seconds ?? view.endpoint.timeout_seconds,
        local_network: change.local_network ?? view.endpoint.local_network,
        wire: change.wire ?? view.endpoint.wire,
        organization: (change.organization ?? view.endpoint.organization) || null,
        project: (change.project ?? view.endpoint.project) || null,
      },
    }));
  }

  async removeProvider(provider: ProviderId): Promise<void> {
    await this.acknowledge(`remove_provider ${provider}`);
    this.scenario.providers = this.scenario.providers.filter((one) => one.id !== provider);
  }

  async setEnabled(provider: ProviderId, enabled: boolean): Promise<void> {
    await this.acknowledge(`set_enabled ${provider} ${enabled}`);
    if (provider === "chatgpt") this.scenario.overview = { ...this.scenario.overview, enabled };
    else this.#edit(provider, (view) => ({ ...view, enabled }));
  }

  /** The key is not recorded. */
  async saveKey(provider: ProviderId, key: string): Promise<ProviderView> {
    await this.acknowledge(`save_key ${provider}`);
    const credential = { kind: "key", ends_in: key.slice(-4), saved_at: this.now() } as const;
    return this.#edit(provider, (view) => ({ ...view, credential }));
  }

  async forgetKey(provider: ProviderId): Promise<ProviderView> {
    await this.acknowledge(`forget_key ${provider}`);
    return this.#edit(provider, (view) => ({ ...view, credential: { kind: "missing" } }));
  }

  async saveHeader(provider: ProviderId, name: string, _value: string): Promise<ProviderView> {
    await this.acknowledge(`save_header ${provider} ${name}`);
    return this.#edit(provider, (view) => ({
      ...view,
      endpoint: view.endpoint && {
        ...view.endpoint,
        headers: [...view.endpoint.headers.filter((one) => one !== name), name],
      },
    }));
  }

  async removeHeader(provider: ProviderId, name: string): Promise<ProviderView> {
    await this.acknowledge(`remove_header ${provider} ${name}`);
    return this.#edit(provider, (view) => ({
      ...view,
      endpoint: view.endpoint && {
        ...view.endpoint,
        headers: view.endpoint.headers.filter((one) => one !== name),
      },
    }));
  }

  #list(provider: ProviderId): ModelsView | FailureView {
    if (provider === "chatgpt") return this.scenario.models;
    if (provider === "codex-cli") return this.scenario.lists[provider] ?? this.scenario.models;
    return this.scenario.lists[provider] ?? noModels(provider, this.now());
  }

  #setModels(provider: ProviderId, list: ModelsView | FailureView): void {
    if (provider === "chatgpt") this.scenario.models = list;
    else this.scenario.lists = { ...this.scenario.lists, [provider]: list };
  }

  async models(provider: ProviderId, refresh: boolean): Promise<ModelsView> {
    if (refresh && provider === "chatgpt")
      this.scenario.models = this.scenario.refreshed ?? this.scenario.models;
    const list = this.#list(provider);
    if (refresh && !isFailure(list) && !list.stale) {
      this.#setModels(provider, { ...list, fetched_at: this.now() });
    }
    return this.respond(`models ${provider} ${refresh}`, this.#list(provider));
  }

  #selectionOf(provider: ProviderId): Selection | undefined {
    if (provider === "chatgpt") return this.scenario.overview.selection;
    return this.scenario.providers.find((one) => one.id === provider)?.selection;
  }

  #setSelection(provider: ProviderId, selection: Selection): void {
    if (provider === "chatgpt") this.scenario.overview = { ...this.scenario.overview, selection };
    else this.#edit(provider, (view) => ({ ...view, selection }));
  }

  async chooseRole(provider: ProviderId, role: Role, edit: RoleEdit): Promise<Selection> {
    await this.acknowledge(`choose_role ${provider} ${role} ${JSON.stringify(edit)}`);
    const now = this.#selectionOf(provider) ?? noSelection;
    const { reset, ...choice } = edit;
    const selection =
      role === "main" && !reset
        ? { ...now, tier: choice.tier }
        : { ...now, roles: withChoice(now.roles, role, choice) };
    this.#setSelection(provider, selection);
    return selection;
  }

  async choose(
    provider: ProviderId,
    model: string | null,
    effort: string | null,
    small: string | null,
  ): Promise<Selection> {
    const asked = small === null ? "" : ` small ${small}`;
    const now = this.#selectionOf(provider);
    const selection = await this.respond(`choose ${provider} ${model} ${effort}${asked}`, {
      model: model ?? now?.model ?? null,
      effort: model === null ? (effort ?? now?.effort ?? null) : effort,
      small: small === null ? (now?.small ?? null) : small || null,
      tier: now?.tier ?? null,
      roles: now?.roles ?? {},
    });
    this.#setSelection(provider, selection);
    const list = this.#list(provider);
    if (!isFailure(list)) {
      const models = list.models.map((one) => ({ ...one, chosen: one.id === selection.model }));
      this.#setModels(provider, { ...list, models });
    }
    return selection;
  }

  async addModel(provider: ProviderId, id: string): Promise<ModelsView> {
    await this.acknowledge(`add_model ${provider} ${id}`);
    const list = this.#list(provider);
    if (isFailure(list)) throw new Failure(list);
    const models = [...list.models.filter((one) => one.id !== id), byHand(id)];
    this.#setModels(provider, { ...list, models });
    return structuredClone({ ...list, models });
  }

  async removeModel(provider: ProviderId, id: string): Promise<ModelsView> {
    await this.acknowledge(`remove_model ${provider} ${id}`);
    const list = this.#list(provider);
    if (isFailure(list)) throw new Failure(list);
    const models = list.models.filter((one) => one.id !== id || one.source !== "by_hand");
    this.#setModels(provider, { ...list, models });
    return structuredClone({ ...list, models });
  }

  async runTest(provider: ProviderId, onEvent: (event: TestEvent) => void): Promise<void> {
    await this.acknowledge(`run_test ${provider}`);
    await new Promise<void>((resolve) => {
      const test = { emit: onEvent, end: resolve };
      this.#test = test;
      void (async () => {
        for (const { after, event } of this.scenario.test) {
          await sleep(after);
          if (this.#test !== test) return;
          onEvent(event);
          if (event.event === "ended") resolve();
        }
      })();
    });
  }

  async stopTest(): Promise<void> {
    await this.acknowledge("stop_test");
    const test = this.#test;
    this.#test = null;
    test?.end();
  }

  emitTestEvent(event: TestEvent): void {
    this.#test?.emit(event);
  }

  foundSignIns() {
    return this.respond("found_sign_ins", this.scenario.found);
  }

  async codexLogin(onEvent: (event: CodexLoginEvent) => void): Promise<void> {
    await this.acknowledge("codex_login");
    const steps = this.scenario.codexLogin;
    if (isFailure(steps)) throw new Failure(steps);
    const login = { emit: onEvent };
    this.#login = login;
    for (const { after, event } of steps) {
      await sleep(after);
      if (this.#login !== login) return;
      if (event.event === "ended" && event.signed_in) this.#edit("codex-cli", () => codexCli(this.now()));
      onEvent(event);
    }
    // Without an end event it stays pending, like a login that waits for the user.
    while (this.#login === login && steps.at(-1)?.event.event !== "ended") await sleep(20);
  }

  async stopCodexLogin(): Promise<void> {
    await this.acknowledge("stop_codex_login");
    const login = this.#login;
    this.#login = null;
    login?.emit({ event: "ended", signed_in: false });
  }
}
