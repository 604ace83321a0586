// Where in the page one is, what is shown there, and where one goes when that has gone.

import { untrack } from "svelte";

import { focusOn } from "./components/focus";
import type { ProviderId, ProviderView } from "./ipc/bindings";
import { draftProvider } from "./panels/draftProvider";
import { deferred } from "./panels/deferredLoader.svelte";
import { sidebarItemOf, planRoute, type Route } from "./state/route";
import type { Providers } from "./state/providers.svelte";
import type { Session } from "./state/session.svelte";

export class Navigation {
  route = $state.raw<Route>(planRoute);
  /** Where one was before. */
  #last: Route = planRoute;
  #order: readonly ProviderId[] = [];

  constructor(
    readonly session: Session,
    readonly providers: Providers,
  ) {
    $effect(() => this.#leaveAccounts());
    $effect(() => this.#leaveRemoved());
  }

  get planShown(): boolean {
    return this.route.at === "provider" && this.route.id === planRoute.id;
  }

  /** The provider that is shown, apart from the planRoute. */
  readonly view = $derived.by((): ProviderView | null => {
    if (this.route.at !== "provider" || this.planShown) return null;
    const { id, draft } = this.route;
    return this.providers.others.find((one) => one.id === id) ?? (draft ? draftProvider(id) : null);
  });

  /** Those of the sidebar, apart from the planRoute: one that waits for its first key, too. */
  readonly listed = $derived.by((): readonly ProviderView[] => {
    const { others } = this.providers;
    return this.view && !others.includes(this.view) ? [...others, this.view] : others;
  });

  readonly go = async (next: Route, focus = "#t-panel"): Promise<void> => {
    this.session.changes.removed = null;
    await this.#show(next, focus);
  };

  async #show(next: Route, focus: string): Promise<void> {
    if (next.at !== "provider" || next.id !== planRoute.id) await deferred.load();
    this.session.changes.failure = null;
    if (sidebarItemOf(next) !== sidebarItemOf(this.route)) this.#last = this.route;
    this.route = next;
    await focusOn(focus);
  }

  readonly back = (): void => void this.go(this.#last);

  /** Without an account there is no list of them. */
  #leaveAccounts(): void {
    const { overview } = this.session;
    if (this.route.at === "accounts" && overview && !overview.account) this.route = planRoute;
  }

  /** What is taken off the list, here or elsewhere, gives way to what comes after it. */
  #leaveRemoved(): void {
    const ids = this.providers.others.map((one) => one.id);
    const known = this.#order;
    this.#order = ids;
    if (this.route.at !== "provider" || this.planShown) return;
    const { id, draft } = this.route;
    if (ids.includes(id)) {
      if (draft) this.route = { at: "provider", id };
    } else if (!draft) {
      const index = known.indexOf(id);
      const next = ids[index] ?? ids[index - 1] ?? planRoute.id;
      // What is said of it is said there.
      untrack(() => void this.#show({ at: "provider", id: next }, "#t-panel"));
    }
  }
}
