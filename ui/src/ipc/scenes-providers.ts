// Scenes of keys, endpoints, accounts, found sign-ins and preferences.

import type { ProviderView } from "./bindings";
import { groq, groqModels, ollama, openai, environmentKey, platformModels } from "./samples-providers";
import type { Scene } from "./samples";

type Change = (signedIn: Scene, now: number) => Scene;

/** As in most pictures: the plan, a key, and two services. */
export const withProviders =
  (own: Partial<Record<string, ProviderView>> = {}, press: Scene["press"] = []): Change =>
  (base, now) => {
    const usual = [openai(environmentKey), groq(now), ollama()].map((one) => own[one.id] ?? one);
    return {
      ...base,
      providers: usual,
      lists: { openai: platformModels(now), "openai-compatible:groq": groqModels(now) },
      press,
    };
  };

export const providerScenes: Record<string, Change> = {
  providers: withProviders(),
};
