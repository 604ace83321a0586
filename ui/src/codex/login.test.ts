import { describe, expect, it } from "vitest";

import type { CodexLoginEvent } from "../ipc/bindings";
import { codexCli } from "../ipc/fake/fixtures/providers";
import { failure } from "../ipc/fake/scenarios";
import { started, failed, idle, linesOf, onEvent, codexSignInStatus } from "./login";

const play = (...events: CodexLoginEvent[]) => events.reduce(onEvent, started);

describe("codex login", () => {
  it("collects output lines and the result", () => {
    const line = { event: "line", text: "Opening the browser" } as const;
    expect(play({ event: "version", version: "codex-cli 0.171.0" }, line)).toEqual({
      at: "running",
      version: "codex-cli 0.171.0",
      lines: ["Opening the browser"],
    });
    expect(play(line, { event: "ended", signed_in: true })).toMatchObject({ at: "ended", signedIn: true });
    expect(onEvent(play({ event: "ended", signed_in: true }), line)).toMatchObject({ lines: [] });
  });

  it("keeps the last lines and does not fail when stopped", () => {
    const many = Array.from({ length: 300 }, (_, n) => ({ event: "line", text: String(n) }) as const);
    expect(linesOf(play(...many))).toHaveLength(200);
    expect(linesOf(play(...many)).at(-1)).toBe("299");
    expect(failed(started, failure("cancelled"))).toMatchObject({ at: "ended", signedIn: false });
    expect(failed(started, failure("program_missing"))).toMatchObject({ at: "failed" });
    expect(failed(idle, failure("program_missing"))).toBe(idle);
  });
});

describe("the Codex CLI's sign-in", () => {
  it("is valid, expired or missing", () => {
    const now = 1_000;
    expect(codexSignInStatus(codexCli(now), now)).toBe("valid");
    expect(codexSignInStatus(codexCli(now - 86_400), now)).toBe("expired");
    expect(codexSignInStatus(codexCli(now, { attention: failure("sign_in_revoked") }), now)).toBe("expired");
    expect(codexSignInStatus(codexCli(now, { attention: failure("store_locked") }), now)).toBe("other");
    expect(codexSignInStatus(codexCli(now, { credential: { kind: "missing" } }), now)).toBe("signed_out");
  });
});
