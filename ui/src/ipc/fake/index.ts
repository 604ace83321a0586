// In-memory core for tests and for previews in a browser (`npm run dev`, then
// `?state=NAME`; the names are in scenarios.ts). It simulates errors and delays too.

import type {
  AccountCard,
  AccountId,
  AccountView,
  DisconnectView,
  Link,
  MoveDirection,
  NameHolder,
  ProviderId,
  SettingsFileView,
  SignInEvent,
  OtherAccountChoice,
  SignInMethod,
  SignInPurpose,
  SignInRoute,
  StoreFinding,
  StoreRepair,
} from "../bindings";
import { Failure, type Core } from "../client";
import { sleep } from "./base";
import {
  account,
  coded,
  failure,
  fresh,
  models,
  pendingRevocation,
  signedIn,
  usage,
  type UserInput,
} from "./fixtures";
import { card, planAccount } from "./fixtures/providers";
import { FakeTransfer } from "./transfer";

/** What repairs each finding. */
const repairs: Record<StoreFinding["kind"], StoreRepair> = {
  damaged: "set_aside",
  other_key: "set_aside",
  open_to_others: "make_private",
  lost_key_file: "write_key_back",
  older_copy: "accept_older_copy",
};

export class FakeCore extends FakeTransfer implements Core {
  /** Whether all inputs of the scenario were made. */
  reached = false;
  /** Pages opened in the browser. */
  readonly opened: Link[] = [];
  #other: AccountView | null = null;
  #attempt: {
    emit: (event: SignInEvent) => void;
    end: () => void;
    route: SignInRoute;
    purpose: SignInPurpose;
  } | null = null;

  /** Emits an event of the pending sign-in. */
  say(event: SignInEvent): void {
    this.#attempt?.emit(event);
  }

  /** Completes the sign-in as if the user chose Allow in the browser. */
  async allow(): Promise<void> {
    const plan = this.#attempt?.route === "plan_usage";
    this.say({ event: "exchanging" });
    await sleep(10);
    this.scenario.overview = {
      ...signedIn(this.now()),
      ...(plan && { account: planAccount, usage: null, plan_use_welcome: true }),
      pending_revocations: this.scenario.overview.pending_revocations,
    };
    this.say({ event: "signed_in", account: plan ? planAccount : account, arrived: false });
  }

  /** Completes the sign-in as another account, which the browser remembered. */
  async allowAs(other: AccountView): Promise<void> {
    this.say({ event: "exchanging" });
    await sleep(10);
    const accounts = this.#cards().map((one) => one.account);
    const purpose = this.#attempt?.purpose;
    const wanted = purpose?.kind === "again" ? purpose.account : this.scenario.overview.account?.id;
    const expected = accounts.find((one) => one.id === wanted) ?? null;
    const known = accounts.some((one) => one.id === other.id);
    this.#other = other;
    this.say({ event: "other_account", account: other, expected, known });
  }

  async answerOtherAccount(choice: OtherAccountChoice): Promise<void> {
    await this.acknowledge(`answer_other_account ${choice}`);
    const other = this.#other;
    if (choice === "decline" || other === null) {
      this.say({ event: "failed", ...failure("other_account") });
      return;
    }
    this.arrive(other);
  }

  /** Adds an account, or signs it in again, as a sign-in does. */
  arrive(added: AccountView): void {
    const cards = this.#cards();
    const known = cards.some((one) => one.account.id === added.id);
    if (!known) this.#setCards([...cards, card(added, this.now())]);
    this.say({ event: "signed_in", account: added, arrived: !known });
  }

  overview() {
    return this.respond("overview", { ...this.scenario.overview, accounts: this.#cards().length });
  }

  async signIn(
    route: SignInRoute,
    method: SignInMethod,
    purpose: SignInPurpose,
    onEvent: (event: SignInEvent) => void,
  ): Promise<void> {
    this.#attempt?.end();
    const words = { any: "", add_account: " add", again: " again", allow_plan_use: " allow_plan_use" };
    const plan = route === "plan_usage" ? " plan_usage" : "";
    await this.acknowledge(`sign_in ${method}${words[purpose.kind]}${plan}`);
    const joined = this.scenario.overview.signing_in;
    const now = this.now();
    const usual = method === "device" ? coded(now) : this.scenario.signIn;
    const steps = joined || this.scenario.inputs.length > 0 ? this.scenario.signIn : usual;
    await new Promise<void>((resolve) => {
      const attempt = {
        route,
        purpose,
        end: resolve,
        emit: (event: SignInEvent) => {
          onEvent(event);
          if (event.event !== "signed_in" && event.event !== "failed") return;
          this.scenario.overview = { ...this.scenario.overview, signing_in: false };
          if (this.#attempt === attempt) this.#attempt = null;
          resolve();
        },
      };
      this.#attempt = attempt;
      void (async () => {
        for (const step of steps) {
          if (step.after > 0) await sleep(step.after);
          if (this.#attempt !== attempt) return;
          const paste = method === "paste" && step.event.event === "open";
          // Another computer takes longer, as in the core.
          const until = Math.floor(now) + 15 * 60 - 28;
          const event = paste ? { ...step.event, opened: false, expires_at: until } : step.event;
          attempt.emit(event as SignInEvent);
        }
      })();
    });
  }

  async cancelSignIn(): Promise<void> {
    await this.acknowledge("cancel_sign_in");
    this.scenario.overview = { ...this.scenario.overview, signing_in: false };
    this.say({ event: "failed", ...failure("cancelled") });
  }

  async pasteRedirect(url: string): Promise<void> {
    await this.acknowledge(`paste_redirect ${url}`);
    if (!/[?&]code=/.test(url)) {
      throw new Failure(
        failure(
          "bad_url",
          "the pasted text is not the redirect address. It must begin with http://127.0.0.1:1455",
        ),
      );
    }
    void this.allow();
  }

  async openLink(link: Link): Promise<void> {
    await this.acknowledge(`open_link ${link}`);
    this.opened.push(link);
  }

  usage(provider: ProviderId) {
    if (this.scenario.usage === "never") return new Promise<never>(() => undefined);
    return this.respond(provider === "chatgpt" ? "usage" : `usage ${provider}`, this.scenario.usage);
  }

  #cards(): AccountCard[] {
    const { accounts, overview } = this.scenario;
    if (accounts.length > 0) return accounts;
    return overview.account ? [card(overview.account, this.now(), { active: true })] : [];
  }

  #setCards(cards: AccountCard[]): void {
    this.scenario.accounts = cards;
    const active = cards.find((one) => one.active);
    if (!active) return;
    const { overview } = this.scenario;
    // What is wrong belongs to the account in use.
    const attention = active.account.id === overview.account?.id ? overview.attention : active.attention;
    this.scenario.overview = { ...overview, account: active.account, attention };
  }

  accounts() {
    return this.respond("accounts", this.#cards());
  }

  async useAccount(id: AccountId): Promise<void> {
    await this.acknowledge(`use_account ${id}`);
    this.#setCards(this.#cards().map((one) => ({ ...one, active: one.account.id === id })));
  }

  async welcomeSeen(id: AccountId): Promise<void> {
    await this.acknowledge(`welcome_seen ${id}`);
    this.scenario.overview = { ...this.scenario.overview, plan_use_welcome: false };
  }

  async useProvider(id: ProviderId, used: AccountId | null): Promise<void> {
    await this.acknowledge(`use_provider ${id} ${used}`);
    this.scenario.tools = id;
    if (used === null) return;
    this.#setCards(this.#cards().map((one) => ({ ...one, active: one.account.id === used })));
  }

  async renameAccount(id: AccountId, label: string): Promise<void> {
    await this.acknowledge(`rename_account ${id} ${label}`);
    const named = (one: AccountCard) => ({
      ...one,
      account: { ...one.account, label: label || null, name: label || one.account.plan_name },
    });
    this.#setCards(this.#cards().map((one) => (one.account.id === id ? named(one) : one)));
  }

  async moveAccount(id: AccountId, direction: MoveDirection): Promise<void> {
    await this.acknowledge(`move_account ${id} ${direction}`);
    const cards = [...this.#cards()];
    const from = cards.findIndex((one) => one.account.id === id);
    const [moved] = cards.splice(from, 1);
    if (moved) cards.splice(Math.max(0, from + (direction === "up" ? -1 : 1)), 0, moved);
    this.#setCards(cards);
  }

  async saveAccessToken(token: string) {
    await this.acknowledge("save_access_token");
    if (!token.startsWith("at-")) throw new Failure(failure("bad_usage", "it does not begin with at-"));
    const view = {
      ...account,
      name: "Business",
      plan: "business",
      plan_name: "Business",
      workspace: "Analytical Ltd",
    };
    this.scenario.overview = { ...signedIn(this.now()), account: view };
    this.scenario.accounts = [card(view, this.now(), { active: true, renews: false })];
    return view;
  }

  async disconnect(id: AccountId | null, next: AccountId | null): Promise<DisconnectView> {
    const gone = id ?? this.#cards().find((one) => one.active)?.account.id ?? "";
    const view = await this.respond<DisconnectView>(
      `disconnect${id === null ? "" : ` ${id}`}${next === null ? "" : ` next ${next}`}`,
      this.scenario.disconnect,
    );
    if ("revoked" in view) {
      view.route = this.#cards().find((one) => one.account.id === gone)?.account.route ?? view.route;
      view.passes = this.outcomes({ kind: "disconnect", account: gone, next });
    }
    const revocations = view.revoked === "pending" ? [pendingRevocation(this.now())] : [];
    const cards = this.#cards().filter((one) => (id === null ? !one.active : one.account.id !== id));
    const chosen = (one: AccountCard) => (next === null ? one.active : one.account.id === next);
    this.#setCards(cards.map((one) => ({ ...one, active: chosen(one) })));
    // None of the others is used instead, unless it was chosen.
    if (cards.some(chosen)) {
      this.scenario.overview = { ...this.scenario.overview, pending_revocations: revocations };
    } else {
      this.scenario.overview = {
        ...fresh(),
        accounts: cards.length,
        pending_revocations: revocations,
      };
    }
    return view;
  }

  async retryRevocation(id: string) {
    await this.acknowledge(`retry_revocation ${id}`);
    this.#forget(id);
    return "yes" as const;
  }

  async forgetRevocation(id: string): Promise<void> {
    await this.acknowledge(`forget_revocation ${id}`);
    this.#forget(id);
  }

  #forget(id: string): void {
    const left = this.scenario.overview.pending_revocations.filter((one) => one.id !== id);
    this.scenario.overview = { ...this.scenario.overview, pending_revocations: left };
  }

  doctor() {
    return this.respond("doctor", this.scenario.checkup);
  }

  async exportDiagnostics(): Promise<string> {
    await this.acknowledge("export_diagnostics");
    return "/home/ada/Downloads/usher-diagnostics-2025-11-20.txt";
  }

  showDiagnostics(): Promise<void> {
    return this.acknowledge("show_diagnostics");
  }

  async repairStore(repair: StoreRepair): Promise<void> {
    await this.acknowledge(`repair_store ${repair}`);
    const { overview } = this.scenario;
    const findings = overview.store.findings.filter(({ kind }) => repairs[kind] !== repair);
    const attention = repair === "set_aside" ? null : overview.attention;
    this.scenario.overview = { ...overview, attention, store: { ...overview.store, findings } };
  }

  settingsFile(): Promise<SettingsFileView> {
    return this.respond("settings_file", this.scenario.settingsFile);
  }

  async nameHolder(): Promise<NameHolder | null> {
    const { nameHolder } = this.scenario;
    return nameHolder && this.respond("name_holder", nameHolder);
  }

  openSettingsFile(): Promise<void> {
    return this.acknowledge("open_settings_file");
  }

  async unlockStore(): Promise<void> {
    await this.acknowledge("unlock_store");
    await sleep(50);
    this.scenario.overview = signedIn(this.now());
  }

  async unlockSecrets(passphrase: string): Promise<void> {
    await this.acknowledge(`unlock_secrets (${passphrase.length})`);
    if (passphrase === "wrong") throw new Failure(failure("passphrase_needed"));
    this.scenario.overview = signedIn(this.now());
  }

  painted(): Promise<void> {
    return this.acknowledge("painted");
  }
}

declare global {
  interface Window {
    /** The in-memory core, for browser tests and previews. */
    fake?: FakeCore;
  }
}

async function press(one: UserInput): Promise<void> {
  const selector = typeof one === "string" ? one : one.into;
  for (let tries = 0; tries < 100; tries += 1) {
    const found = document.querySelector<HTMLElement>(selector);
    await sleep(20);
    if (!found) continue;
    found.focus();
    found.focus();
    if (typeof one === "string") found.click();
    else if (found instanceof HTMLInputElement) {
      found.value = one.type;
      found.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
    return;
  }
}

/** Creates the core of a preview and replays the scenario's user input. */
export function fakeFrom(address: Location): FakeCore {
  const core = new FakeCore(new URLSearchParams(address.search).get("state") ?? "first-run");
  window.fake = core;
  void (async () => {
    for (const one of core.scenario.inputs) await press(one);
    core.reached = true;
  })();
  return core;
}

export { failure, models, usage };
