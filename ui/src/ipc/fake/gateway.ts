// In-memory core: the gateway, its passes and requests.

import type {
  ActivityFormat,
  ActivityView,
  GatewayStatus,
  CreatedPass,
  NewPass,
  PassChange,
  PassOutcome,
  PassUse,
  PassView,
  RequestUpdate,
  RequestView,
  ToolSetup,
} from "../bindings";
import { Failure } from "../client";
import { FakeProviders } from "./providers";
import { failure, models } from "./fixtures";
import { usesOf } from "./fixtures/providers";
import { noActivity } from "./fixtures/activity";
import { passOf, requestOf, setups } from "./fixtures/gateway";

export class FakeGateway extends FakeProviders {
  #watch: { notify: (news: RequestUpdate) => void; end: () => void } | null = null;

  gatewayStatus(): Promise<GatewayStatus> {
    return this.respond("gateway_status", this.scenario.gateway);
  }

  async switchGateway(on: boolean): Promise<GatewayStatus> {
    await this.acknowledge(`switch_gateway ${on}`);
    this.scenario.gateway = on ? this.scenario.statusAfterSwitchOn : { at: "off", port: this.scenario.port };
    this.change(() => undefined);
    return structuredClone(this.scenario.gateway);
  }

  async lockPasses(): Promise<void> {
    await this.acknowledge("lock_passes");
    this.scenario.overview = { ...this.scenario.overview, passes_locked_at: this.now() };
  }

  async unlockPasses(): Promise<void> {
    await this.acknowledge("unlock_passes");
    this.scenario.overview = { ...this.scenario.overview, passes_locked_at: null };
  }

  async setGatewayPort(port: number): Promise<GatewayStatus> {
    await this.acknowledge(`set_gateway_port ${port}`);
    this.scenario.port = port;
    const { at } = this.scenario.gateway;
    this.scenario.gateway = at === "off" ? { at, port } : { at: "on", address: `http://127.0.0.1:${port}` };
    return structuredClone(this.scenario.gateway);
  }

  activity(days: number): Promise<ActivityView> {
    return this.respond(`activity ${days}`, this.scenario.activity(days, this.now()));
  }

  async exportActivity(days: number, format: ActivityFormat): Promise<string> {
    await this.acknowledge(`export_activity ${days} ${format}`);
    return `/home/ada/activity.${format}`;
  }

  async clearActivity(): Promise<void> {
    await this.acknowledge("clear_activity");
    this.scenario.activity = noActivity;
  }

  passes(): Promise<PassView[]> {
    return this.respond("passes", this.scenario.passes);
  }

  /** The secret is not recorded. */
  async makePass(pass: NewPass): Promise<CreatedPass> {
    await this.acknowledge(`make_pass ${JSON.stringify(pass)}`);
    if (this.scenario.passes.some((one) => one.name === pass.name)) {
      throw new Failure(failure("bad_usage", `A pass named ${pass.name} already exists.`));
    }
    const named = models(this.now()).models.find((one) => one.id === pass.model)?.name ?? pass.model;
    const { accounts, overview } = this.scenario;
    const known = [...accounts.map((card) => card.account), ...(overview.account ? [overview.account] : [])];
    const account = known.find((one) => one.id === pass.account);
    const accountName = account?.name ?? null;
    const made = passOf(this.now(), pass.name, { ...pass, account_name: accountName, model_name: named });
    made.expires_at = pass.days === null ? null : made.created_at + pass.days * 86_400;
    this.scenario.passes = [...this.scenario.passes, made];
    return { pass: structuredClone(made), secret: "usher_pass_example_9fK2mQ7xWb" };
  }

  toolSetups(pass: string): Promise<ToolSetup[]> {
    return this.respond("tool_setups", setups(pass));
  }

  async tryPass(pass: string): Promise<void> {
    await this.acknowledge(`try_pass ${pass}`);
    const id = Math.max(0, ...this.scenario.requests.map((one) => one.id)) + 1;
    this.request(requestOf(id, this.now(), pass, "done", { took_ms: 900, tokens_in: 12, tokens_out: 1 }));
  }

  passOutcomes(change: PassChange | null): Promise<PassOutcome[]> {
    return this.respond("pass_outcomes", this.outcomes(change));
  }

  /** As the core decides it: a pass belongs to its provider and account, and one that belongs to none follows. */
  protected outcomes(change: PassChange | null): PassOutcome[] {
    return this.scenario.passes.map((pass) => {
      const [now, next] = [this.#useAfter(pass, null), this.#useAfter(pass, change)];
      return { pass: pass.name, next, changed: JSON.stringify(now) !== JSON.stringify(next) };
    });
  }

  #useAfter(pass: PassView, change: PassChange | null): PassUse {
    const refused = (cause: string): PassUse => ({
      kind: "refused",
      failure: failure("sign_in_required", cause),
    });
    const { overview, accounts, providers, tools } = this.scenario;
    if (change?.kind === "revoke" && change.pass === pass.id) return refused("the pass was revoked");
    const chosen = change?.kind === "use_provider" ? change.provider : tools;
    const provider = pass.provider ?? chosen ?? "chatgpt";
    const gone = change?.kind === "switch_off" || change?.kind === "remove" || change?.kind === "forget_key";
    if (gone && change.provider === provider) return refused(`${provider} is switched off`);
    if (provider !== "chatgpt") {
      const known = providers.some(
        (one) => one.id === provider && one.enabled && one.credential.kind !== "missing",
      );
      return known ? usesOf(provider, null, providers) : refused(`${provider} was removed`);
    }
    if (!overview.enabled) return refused("chatgpt is switched off");
    let kept = accounts.map((card) => card.account);
    if (kept.length === 0 && overview.account) kept = [overview.account];
    let active = overview.account?.id ?? null;
    if (change?.kind === "disconnect") {
      kept = kept.filter((one) => one.id !== change.account);
      if (active === change.account || change.next !== null) active = change.next;
    } else if (change?.kind === "use_account" || change?.kind === "use_provider")
      active = change.account ?? active;
    const own = kept.find((one) => one.id === (pass.account ?? active)) ?? null;
    const ofOwn =
      own?.id === overview.account?.id ? overview : accounts.find((card) => card.account.id === own?.id);
    if (ofOwn?.attention?.code.startsWith("sign_in_")) return refused("the sign-in has ended");
    return usesOf("chatgpt", own, providers);
  }

  async setPassReserve(id: string, leavesPercent: number | null): Promise<void> {
    await this.acknowledge(`set_pass_reserve ${id} ${leavesPercent}`);
    this.scenario.passes = this.scenario.passes.map((one) =>
      one.id === id ? { ...one, leaves_percent: leavesPercent } : one,
    );
  }

  async revokePass(id: string): Promise<void> {
    await this.acknowledge(`revoke_pass ${id}`);
    this.scenario.passes = this.scenario.passes.filter((one) => one.id !== id);
  }

  async watchRequests(onNews: (news: RequestUpdate) => void): Promise<void> {
    await this.acknowledge("watch_requests");
    this.#watch?.end();
    await new Promise<void>((end) => {
      this.#watch = { notify: onNews, end };
      onNews({ requests: structuredClone(this.scenario.requests), whole: true });
    });
  }

  async stopWatchingRequests(): Promise<void> {
    await this.acknowledge("stop_watching_requests");
    this.#watch?.end();
    this.#watch = null;
  }

  /** Starts or ends a request; only a subscribed page is notified. */
  request(row: RequestView): void {
    this.scenario.requests = [...this.scenario.requests.filter((one) => one.id !== row.id), row];
    this.#watch?.notify({ requests: [structuredClone(row)], whole: false });
  }
}
