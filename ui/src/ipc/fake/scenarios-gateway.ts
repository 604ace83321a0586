// Scenes of the gateway.

import { failure, type Press, type Scene } from "./fixtures";
import { address, passes, requests } from "./fixtures-gateway";
import { environmentKey, groq, groqModels, ollama, openai, platformModels } from "./fixtures-providers";

type Change = (signedIn: Scene, now: number) => Scene;

const scene =
  (change: Partial<Scene> = {}, press: Press[] = []): Change =>
  (base, now) => ({
    ...base,
    providers: [openai(environmentKey), groq(now), ollama()],
    lists: { openai: platformModels(now), "openai-compatible:groq": groqModels(now) },
    gateway: { at: "on", address },
    passes: passes(now),
    requests: requests(now),
    ...change,
    press: ["[data-testid=go-gateway]", ...press],
  });

const create: Press[] = ["#new-pass", { type: "nightly", into: "#pass-name" }];

export const gatewayScenes: Record<string, Change> = {
  gateway: scene(),
  "gateway-off": scene({ gateway: { at: "off" } }),
  "gateway-empty": scene({ passes: [], requests: [] }),
  "gateway-elsewhere": scene({
    gateway: { at: "elsewhere", address, by: "command", process: 4711 },
    requests: [],
  }),
  "gateway-port-taken": scene({
    gateway: {
      at: "failed",
      failure: failure("port_busy", "port 18740 is used by python3 (process 4711)"),
      port: 18_740,
    },
    switchedOn: {
      at: "failed",
      failure: failure("port_busy", "port 18740 is used by python3 (process 4711)"),
      port: 18_740,
    },
  }),
  "pass-new": scene({}, ["#new-pass"]),
  "pass-unnamed": scene({}, ["#new-pass", "[data-testid=create-pass]"]),
  "pass-created": scene({}, [...create, "[data-testid=create-pass]"]),
  "pass-revoke": scene({}, ["[data-pass='pass-Claude Code'] button"]),
};
