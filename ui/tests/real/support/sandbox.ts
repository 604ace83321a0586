// The sandbox that stands in for OpenAI, and its control endpoint; see crates/sandbox/README.md.

import { program, Speaker, surroundings } from "./processes";

interface Listening {
  event: string;
  issuer: string;
  chatgpt: string;
  platform: string;
  compatible: string;
}

export type Fault = { kind: string } & Record<string, unknown>;

export class Sandbox {
  private constructor(
    readonly address: Listening,
    readonly end: () => Promise<void>,
  ) {}

  static async start(): Promise<Sandbox> {
    const speaker = new Speaker<Listening>(program("USHER_SANDBOX_BIN"), ["--json"], surroundings({}));
    return new Sandbox(await speaker.next("listening"), () => speaker.end());
  }

  get environment(): Record<string, string> {
    const { issuer, chatgpt, platform } = this.address;
    return { USHER_ISSUER_URL: issuer, USHER_CHATGPT_URL: chatgpt, USHER_PLATFORM_URL: platform };
  }

  async #control<T>(path: string, body?: unknown): Promise<T> {
    const headers = { "content-type": "application/json" };
    const sent = body === undefined ? {} : { method: "POST", body: JSON.stringify(body), headers };
    const response = await fetch(`${this.address.issuer}/control/${path}`, sent);
    const text = await response.text();
    if (!response.ok) throw new Error(`the sandbox refused ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }

  set(settings: Record<string, unknown>): Promise<unknown> {
    return this.#control("settings", settings);
  }

  /** Injects a fault once, or with `times` 0 until {@link reset}. */
  fault(at: string, fault: Fault, times = 1): Promise<unknown> {
    return this.#control("faults", { at, times, fault });
  }

  /** Resets faults and counts. */
  reset(): Promise<unknown> {
    return this.#control("reset", {});
  }

  grants(op: "expire_access" | "invalidate" | "expire_refresh" | "reuse"): Promise<unknown> {
    return this.#control("grants", { op });
  }

  counts(): Promise<Record<string, number>> {
    return this.#control("counts");
  }

  /** Resolves when `name` reached the count. */
  counted(name: string, atLeast = 1): Promise<unknown> {
    return this.#control(`wait?name=${name}&at_least=${atLeast}`);
  }

  /** Completes the sign-in page without a browser; returns the redirect address. */
  async approve(authorizeUrl: string, account: string): Promise<string> {
    const form = (fields: Record<string, string>, cookie = "") =>
      ({
        method: "POST",
        redirect: "manual",
        body: new URLSearchParams(fields),
        headers: { cookie },
      }) as const;
    const at = (path: string) => `${this.address.issuer}/sandbox/${path}`;
    const authorized = await fetch(authorizeUrl, { redirect: "manual" });
    const to = new URL(authorized.headers.get("location") ?? "", authorizeUrl);
    const request = to.searchParams.get("request") ?? "";
    const known = await fetch(at("login"), form({ request, account }));
    const cookie = known.headers
      .getSetCookie()
      .map((one) => one.split(";")[0])
      .join("; ");
    const sent = await fetch(at("consent"), form({ request, decision: "allow" }, cookie));
    const location = sent.headers.get("location");
    if (!location) throw new Error(`no redirect from the sandbox: ${sent.status} ${await sent.text()}`);
    return location;
  }
}
