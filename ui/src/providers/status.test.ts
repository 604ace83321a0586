import { describe, expect, it } from "vitest";

import type { ProviderView } from "../ipc/bindings";
import { codexCli, endpoint, environmentKey, groq, ollama, openai } from "../ipc/fake/fixtures/providers";
import { account, failure, signedIn } from "../ipc/fake/scenarios";
import { statusOf, statusOfProvider } from "./status";

const now = 1_000_000;
const text = (view: ProviderView) => statusOfProvider(view, now).text;

describe("status line of a provider", () => {
  it("names the credential", () => {
    expect(text(openai({ kind: "missing" }))).toBe("No key yet");
    expect(text(openai(environmentKey))).toBe("From the environment");
    expect(text(groq(now))).toBe("Connected");
    expect(text(groq(now, { endpoint: endpoint("https://x.example", { wire: null }) }))).toBe(
      "Not tested yet",
    );
    expect(text(ollama())).toBe("Off");
    expect(text(codexCli(now))).toBe("ada@example.com");
    expect(text(codexCli(now, { credential: { kind: "missing" } }))).toBe("Not signed in");
  });

  it("shows the name of the account alone", () => {
    const overview = signedIn(now);
    expect(statusOf(overview, false).text).toBe("Personal");
    expect(statusOf({ ...overview, account: { ...account, label: "Work", name: "Work" } }, false).text).toBe(
      "Work",
    );
  });

  it("shows what needs attention first", () => {
    const seen = (view: ProviderView) => statusOfProvider(view, now);
    expect(seen(groq(now, { attention: failure("invalid_key"), enabled: false }))).toEqual({
      text: "Key rejected",
      attention: true,
    });
    const moved = { kind: "key_of_other_address", origin: "https://a.example" } as const;
    expect(seen(groq(now, { credential: moved })).attention).toBe(true);
    const over = { kind: "codex", account, place: "~/.codex/auth.json", expires_at: now } as const;
    expect(seen(codexCli(now, { credential: over }))).toEqual({ text: "Sign-in expired", attention: true });
    expect(seen(openai({ kind: "missing" }, { attention: failure("sign_in_required") })).attention).toBe(
      false,
    );
  });
});
