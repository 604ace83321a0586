// The sign-ins of the page: whose they are to be, and where the page goes after them.

import { announcer } from "./components/accessibility/announcer.svelte";
import { focusOn } from "./components/accessibility/focus";
import type { Tester } from "./connection/tester.svelte";
import type { AccountId, AccountView, SignInMethod, SignInPurpose, SignInRoute } from "./ipc/bindings";
import type { Navigation } from "./navigation.svelte";
import { deferred } from "./panels/deferred/deferredLoader.svelte";
import { SignInFlow } from "./sign-in/flow.svelte";
import type { SignInState } from "./sign-in/signIn";
import type { Providers } from "./state/providers.svelte";
import { planRoute } from "./state/route";
import type { Session } from "./state/session.svelte";
import { t } from "./text";

export class SignIns {
  readonly flow: SignInFlow;
  /** The account that has just arrived, while its name is asked for. */
  arrived = $state<AccountId | null>(null);

  constructor(
    readonly session: Session,
    readonly providers: Providers,
    readonly nav: Navigation,
    readonly tester: Tester,
    /** Whether the panel of the plan is shown. */
    readonly planShown: () => boolean,
  ) {
    this.flow = new SignInFlow(session.core, (state, before) => this.#changed(state, before));
  }

  async begin(route: SignInRoute, method: SignInMethod, purpose: SignInPurpose): Promise<void> {
    await deferred.load();
    this.nav.showPlan();
    await this.flow.begin(route, method, purpose);
  }

  /** Joins a sign-in that is under way. */
  async join(): Promise<void> {
    await deferred.load();
    this.flow.join();
  }

  /** One more account; the first one may be whoever the browser remembers. */
  newPurpose(): SignInPurpose {
    return { kind: (this.session.overview?.accounts ?? 0) > 0 ? "add_account" : "any" };
  }

  /** One more account by `route`; the first one of a route may be whoever the browser remembers. */
  async addPurpose(route: SignInRoute): Promise<SignInPurpose> {
    const cards = await this.session.core.accounts().catch(() => []);
    return { kind: cards.some(({ account }) => account.route === route) ? "add_account" : "any" };
  }

  /** The route of the account in use; without one, that which serves tools. */
  planSignIn(): SignInRoute {
    return this.session.overview?.account?.route ?? "codex_client";
  }

  /** The account in use signs in again as itself. */
  planPurpose(): SignInPurpose {
    const account = this.session.overview?.account?.id;
    return account === undefined ? this.newPurpose() : { kind: "again", account };
  }

  /** The account in use is asked again whether Usher may use its plan. */
  allowPurpose(): SignInPurpose {
    const account = this.session.overview?.account?.id;
    return account === undefined ? { kind: "any" } : { kind: "allow_plan_use", account };
  }

  /** The number of accounts says whether the account of a pasted token is new. */
  async tokenSaved(account: AccountView): Promise<void> {
    const before = this.session.overview?.accounts ?? 0;
    await this.session.read();
    await this.#signedIn(account, (this.session.overview?.accounts ?? 0) > before);
  }

  /** The accounts ask whether `account` is to be used when they are shown next. */
  askToUse(account: AccountId | null): void {
    this.flow.toUse = account;
  }

  /** Returns the account whose use is to be asked about, once. */
  readonly takeToUse = (): AccountId | null => {
    const { toUse } = this.flow;
    this.flow.toUse = null;
    return toUse;
  };

  readonly named = (): void => {
    this.arrived = null;
  };

  #changed(state: SignInState, before: SignInState) {
    const { session } = this;
    deferred.module?.announceSignIn(state, before, this.flow.route);
    switch (state.at) {
      case "starting":
        session.changes.failure = null;
        session.changes.removed = null;
        void focusOn("#t-panel");
        break;
      case "checking":
        // The pressed button may be gone; the title always exists.
        void focusOn("#t-panel");
        break;
      case "failed":
        void session.read();
        break;
      case "done":
        void this.#signedIn(state.account, state.arrived);
        break;
      case "idle":
        if (before.at !== "done") void session.read().then(() => this.#left());
        break;
    }
  }

  async #signedIn({ id, email }: AccountView, isNew: boolean) {
    const { session, nav } = this;
    this.tester.forget(planRoute.id);
    await session.reload();
    await this.providers.read();
    this.arrived = isNew ? id : null;
    // One more account, or another one than that in use: the accounts say which is in use.
    const isBesides = session.overview?.account?.id !== id || (isNew && session.overview.accounts > 1);
    // Loaded before the sign-in is left, so that no other panel is shown in between.
    if (isBesides) await deferred.loadPanels();
    this.flow.leave();
    if (isBesides) {
      await nav.go({ at: "accounts" });
      announcer.say(t.announce.signedIn(email));
      return;
    }
    await nav.go(planRoute);
    const models = await session.catalog.load(false);
    announcer.say(models ? t.announce.signedInWith(email, models.models.length) : t.announce.signedIn(email));
  }

  /** Restores the focus after a cancelled sign-in. The first-run screen sets its own focus. */
  #left() {
    if (!this.planShown()) return;
    // Adding an account starts from the accounts list.
    const { purpose } = this.flow;
    const used = this.session.overview?.account?.id;
    const here =
      "account" in purpose ? purpose.account === used : purpose.kind === "any" && used === undefined;
    if (!here) void this.nav.go({ at: "accounts" });
    else void focusOn("#t-panel");
  }
}
