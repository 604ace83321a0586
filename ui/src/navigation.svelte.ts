// Where in the page one is, what is shown there, and where one goes when that has gone.

import { untrack } from "svelte";

import { focusOn } from "./components/focus";
import type { ProviderId, ProviderView } from "./ipc/bindings";
import { draftOf } from "./panels/draftProvider";
import { lazy } from "./panels/deferredLoader.svelte";
import { itemOf, plan, type Place } from "./state/route";
import type { Providers } from "./state/providers.svelte";
import type { Session } from "./state/session.svelte";

export class Navigation {
  place = $state.raw<Place>(plan);
  /** Where one was before. */
  #last: Place = plan;
  #order: readonly ProviderId[] = [];

  constructor(
    readonly session: Session,
    readonly providers: Providers,
  ) {
    $effect(() => this.#leaveAccounts());
    $effect(() => this.#leaveRemoved());
  }

  get planShown(): boolean {
    return this.place.at === "provider" && this.place.id === plan.id;
  }

  /** The provider that is shown, apart from the plan. */
  readonly view = $derived.by((): ProviderView | null => {
    if (this.place.at !== "provider" || this.planShown) return null;
    const { id, draft } = this.place;
    return this.providers.others.find((one) => one.id === id) ?? (draft ? draftOf(id) : null);
  });

  /** Those of the sidebar, apart from the plan: one that waits for its first key, too. */
  readonly listed = $derived.by((): readonly ProviderView[] => {
    const { others } = this.providers;
    return this.view && !others.includes(this.view) ? [...others, this.view] : others;
  });

  readonly go = async (next: Place, focus = "#t-panel"): Promise<void> => {
    this.session.changes.gone = null;
    await this.#show(next, focus);
  };

  async #show(next: Place, focus: string): Promise<void> {
    if (next.at !== "provider" || next.id !== plan.id) await lazy.load();
    this.session.changes.refused = null;
    if (itemOf(next) !== itemOf(this.place)) this.#last = this.place;
    this.place = next;
    await focusOn(focus);
  }

  readonly back = (): void => void this.go(this.#last);

  /** Without an account there is no list of them. */
  #leaveAccounts(): void {
    const { overview } = this.session;
    if (this.place.at === "accounts" && overview && !overview.account) this.place = plan;
  }

  /** What is taken off the list, here or elsewhere, gives way to what comes after it. */
  #leaveRemoved(): void {
    const ids = this.providers.others.map((one) => one.id);
    const known = this.#order;
    this.#order = ids;
    if (this.place.at !== "provider" || this.planShown) return;
    const { id, draft } = this.place;
    if (ids.includes(id)) {
      if (draft) this.place = { at: "provider", id };
    } else if (!draft) {
      const index = known.indexOf(id);
      const next = ids[index] ?? ids[index - 1] ?? plan.id;
      // What is said of it is said there.
      untrack(() => void this.#show({ at: "provider", id: next }, "#t-panel"));
    }
  }
}
