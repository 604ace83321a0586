// The core in memory: the gateway, its passes and requests.

import type { GatewayStatus, MadePass, NewPass, PassView, RequestNews, RequestView } from "../bindings";
import { Failure } from "../client";
import { FakeProviders } from "./providers";
import { failure, models } from "./fixtures";
import { passOf } from "./fixtures-gateway";

export class FakeGateway extends FakeProviders {
  #watch: { tell: (news: RequestNews) => void; end: () => void } | null = null;

  gatewayStatus(): Promise<GatewayStatus> {
    return this.answer("gateway_status", this.scene.gateway);
  }

  async switchGateway(on: boolean): Promise<GatewayStatus> {
    await this.done(`switch_gateway ${on}`);
    this.scene.gateway = on ? this.scene.switchedOn : { at: "off" };
    this.change(() => undefined);
    return structuredClone(this.scene.gateway);
  }

  passes(): Promise<PassView[]> {
    return this.answer("passes", this.scene.passes);
  }

  /** The secret itself is not written down. */
  async makePass(pass: NewPass): Promise<MadePass> {
    await this.done(`make_pass ${JSON.stringify(pass)}`);
    if (this.scene.passes.some((one) => one.name === pass.name)) {
      throw new Failure(failure("bad_usage", `there is a pass called ${pass.name} already; revoke it first`));
    }
    const named = models(this.now()).models.find((one) => one.id === pass.model)?.name ?? pass.model;
    const made = passOf(this.now(), pass.name, { ...pass, model_name: named });
    made.expires_at = pass.days === null ? null : made.created_at + pass.days * 86_400;
    this.scene.passes = [...this.scene.passes, made];
    return { pass: structuredClone(made), secret: "usher_pass_example_9fK2mQ7xWb" };
  }

  async revokePass(id: string): Promise<void> {
    await this.done(`revoke_pass ${id}`);
    this.scene.passes = this.scene.passes.filter((one) => one.id !== id);
  }

  async watchRequests(onNews: (news: RequestNews) => void): Promise<void> {
    await this.done("watch_requests");
    this.#watch?.end();
    await new Promise<void>((end) => {
      this.#watch = { tell: onNews, end };
      onNews({ requests: structuredClone(this.scene.requests), whole: true });
    });
  }

  async stopWatchingRequests(): Promise<void> {
    await this.done("stop_watching_requests");
    this.#watch?.end();
    this.#watch = null;
  }

  /** A request begins or ends. Nobody hears of it who does not watch. */
  request(row: RequestView): void {
    this.scene.requests = [...this.scene.requests.filter((one) => one.id !== row.id), row];
    this.#watch?.tell({ requests: [structuredClone(row)], whole: false });
  }
}
