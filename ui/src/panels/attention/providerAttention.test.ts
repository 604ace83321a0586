import { describe, expect, it } from "vitest";

import { codexCli, groq, ollama, openai, savedKey } from "../../ipc/fake/fixtures/providers";
import { failure } from "../../ipc/fake/scenarios";
import { providerAttentionOf } from "./providerAttention";

const now = Date.UTC(2025, 10, 20, 16, 28) / 1000;
const day = 86_400;

describe("attention of a provider", () => {
  it("is the title of its notice", () => {
    const refused = { attention: failure("invalid_key") };
    expect(providerAttentionOf(openai(savedKey(now), refused), now)).toEqual({
      key: "openai/invalid_key",
      title: "OpenAI rejected this key",
    });
    expect(providerAttentionOf(groq(now, refused), now)?.title).toBe("Groq rejected this key");
    expect(providerAttentionOf(codexCli(now - day), now)?.title).toBe("The Codex CLI’s sign-in has expired");
    expect(providerAttentionOf(codexCli(now, { attention: failure("store_locked") }), now)?.key).toBe(
      "codex-cli/store_locked",
    );
    const moved = groq(now, { credential: { kind: "key_of_other_address", origin: "https://a.example" } });
    expect(providerAttentionOf(moved, now)?.title).toBe("The saved key is not for the new address of Groq");
  });

  it("is null when nothing is wrong or set up", () => {
    const calm = [
      openai({ kind: "missing" }, { attention: failure("sign_in_required") }),
      groq(now),
      ollama(),
      codexCli(now),
      codexCli(now, { credential: { kind: "codex", account: null, place: "", expires_at: null } }),
    ];
    expect(calm.map((view) => providerAttentionOf(view, now))).toEqual(calm.map(() => null));
  });
});
