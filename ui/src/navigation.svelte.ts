// The current route, what it shows, and where to go when that is removed.

import { tick, untrack } from "svelte";

import { focusOn } from "./components/accessibility/focus";
import type { ProviderId, ProviderView } from "./ipc/bindings";
import { draftProvider } from "./panels/draftProvider";
import { deferred } from "./panels/deferred/deferredLoader.svelte";
import { sidebarItemOf, planRoute, type Route } from "./state/route";
import type { Providers } from "./state/providers.svelte";
import type { Session } from "./state/session.svelte";

export class Navigation {
  route = $state.raw<Route>(planRoute);
  /** The previous route. */
  #last: Route = planRoute;
  /** How often another route was asked for. */
  #asked = 0;
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

  /** The shown provider, unless it is the plan. */
  readonly view = $derived.by((): ProviderView | null => {
    if (this.route.at !== "provider" || this.planShown) return null;
    const { id, draft } = this.route;
    return this.providers.others.find((one) => one.id === id) ?? (draft ? draftProvider(id) : null);
  });

  /** Providers in the sidebar besides the plan, including a draft without a key. */
  readonly listed = $derived.by((): readonly ProviderView[] => {
    const { others } = this.providers;
    return this.view && !others.includes(this.view) ? [...others, this.view] : others;
  });

  readonly go = async (next: Route, focus = "#t-panel"): Promise<void> => {
    this.session.changes.removed = null;
    await this.#show(next, focus);
  };

  async #show(next: Route, focus: string): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    if (next.at !== "provider" || next.id !== planRoute.id) await deferred.loadPanels();
    // Something else was chosen while the panels were loaded.
    if (asked !== this.#asked) return;
    this.session.changes.failure = null;
    if (sidebarItemOf(next) !== sidebarItemOf(this.route)) this.#last = this.route;
    this.route = next;
    await tick();
    // The panel before may have been scrolled.
    document.querySelector("#panel")?.scrollTo(0, 0);
    await focusOn(focus);
  }

  /** Shows the panel of the plan at once, whatever is loaded. Sets no focus. */
  showPlan(): void {
    this.#asked += 1;
    this.route = planRoute;
  }

  readonly back = (): void => void this.go(this.#last);

  /** Leaves the accounts list when no account is left. */
  #leaveAccounts(): void {
    const { overview } = this.session;
    if (this.route.at === "accounts" && overview?.accounts === 0 && !overview.account) {
      this.route = planRoute;
    }
  }

  /** Shows the next provider when the shown one is removed, in this or another process. */
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
      // The notice about the removal is shown there.
      untrack(() => void this.#show({ at: "provider", id: next }, "#t-panel"));
    }
  }
}
