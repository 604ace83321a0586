import { describe, expect, it } from "vitest";

import type { SignInEvent } from "../ipc/bindings";
import { account } from "../ipc/fake/scenarios";
import {
  failed,
  idle,
  methodOf,
  onEvent,
  allowedOrigin,
  spellOut,
  withoutScheme,
  starting,
  isPending,
  waitSeconds,
  type SignInState,
} from "./signIn";

const open: SignInEvent = {
  event: "open",
  url: "https://auth.openai.com/oauth/authorize?x=1",
  opened: true,
  expires_at: 300,
};
const code: SignInEvent = {
  event: "code",
  user_code: "F7KM-4QX2P",
  url: "https://auth.openai.com/codex/device",
  expires_at: 900,
};
const after = (...events: SignInEvent[]): SignInState => events.reduce(onEvent, starting("browser"));

describe("a sign-in", () => {
  it("waits for the browser, checks, and is done", () => {
    expect(after(open)).toMatchObject({ at: "waiting", method: "browser", ignored: 0 });
    expect(after(open, { event: "exchanging" })).toEqual({ at: "checking", method: "browser" });
    expect(after(open, { event: "exchanging" }, { event: "signed_in", account, arrived: false })).toEqual({
      at: "done",
      account,
      arrived: false,
    });
  });

  it("keeps the taken port, reported before or after the page", () => {
    const taken: SignInEvent = { event: "port_taken", port: 1455, holder: null, using: 1457 };
    const port = { port: 1455, holder: null, using: 1457 };
    expect(after(taken, open)).toMatchObject({ at: "waiting", port });
    expect(after(open, taken)).toMatchObject({ at: "waiting", port });
  });

  it("does not end on a response of another sign-in", () => {
    expect(after(open, { event: "answer_ignored" }, { event: "answer_ignored" })).toMatchObject({
      at: "waiting",
      ignored: 2,
    });
  });

  it("shows a code for any method", () => {
    expect(after(code)).toMatchObject({ at: "code", userCode: "F7KM-4QX2P" });
    expect(methodOf(after(code))).toBe("device");
    expect(waitSeconds(after(code))).toBe(900);
    expect(waitSeconds(after(open))).toBe(300);
  });

  it("keeps the method of a failure and resets on cancel", () => {
    const denied: SignInEvent = { event: "failed", code: "access_denied", cause: "", retry_at: null };
    expect(after(open, denied)).toMatchObject({
      at: "failed",
      method: "browser",
      failure: { code: "access_denied" },
    });
    expect(after(code, denied)).toMatchObject({ at: "failed", method: "device" });
    expect(after(open, { ...denied, code: "cancelled" })).toEqual(idle);
    expect(failed(starting("paste"), { code: "offline", cause: "", retry_at: null })).toMatchObject({
      method: "paste",
    });
  });

  it("waits for a decision about another account", () => {
    const work = { ...account, id: "user-ada/acct-2", name: "Business" };
    const asked: SignInEvent = { event: "other_account", account: work, expected: account, known: false };
    const other = after(open, { event: "exchanging" }, asked);
    expect(other).toEqual({ at: "other", method: "browser", account: work, expected: account, known: false });
    expect(isPending(other)).toBe(true);
    expect(onEvent(other, { event: "signed_in", account: work, arrived: true })).toMatchObject({
      arrived: true,
    });
  });

  it("ignores events after its end", () => {
    const done = after(open, { event: "signed_in", account, arrived: false });
    expect(onEvent(done, open)).toBe(done);
    expect(onEvent(idle, open)).toBe(idle);
    expect(isPending(done)).toBe(false);
    expect(isPending(after(open))).toBe(true);
  });
});

describe("text for screen readers", () => {
  it("spells the code", () => {
    expect(spellOut("F7KM-4QX2P", "dash")).toBe("F 7 K M, dash, 4 Q X 2 P");
    expect(spellOut("ABCD", "dash")).toBe("A B C D");
  });

  it("returns only the origin of the authorization server", () => {
    expect(allowedOrigin("https://auth.openai.com/oauth/authorize", "auth.openai.com")).toBe(
      "https://auth.openai.com",
    );
    expect(allowedOrigin("http://127.0.0.1:4000/oauth/authorize", "127.0.0.1:4000")).toBe(
      "http://127.0.0.1:4000",
    );
    expect(allowedOrigin("https://evil.example/oauth", "auth.openai.com")).toBe("https://auth.openai.com");
    expect(allowedOrigin("nonsense", "https://auth.openai.com/")).toBe("https://auth.openai.com");
  });

  it("omits the scheme of a URL", () => {
    expect(withoutScheme("https://auth.openai.com/codex/device")).toBe("auth.openai.com/codex/device");
  });
});
