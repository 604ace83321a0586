import { MODEL } from "../models.js";

const PROVIDERS = { chat: ["openai", "/v1"], messages: ["anthropic", "/v1"] };

export default {
  name: "Continue CLI",
  install: { npm: "@continuedev/cli", pinned: "1.5.47" },
  apis: ["chat", "messages"],
  recipe: (api) => ({
    files: {
      "config.yaml": `name: Usher
version: 1.0.0
schema: v1
models:
  - name: Usher
    provider: ${PROVIDERS[api][0]}
    model: ${MODEL}
    apiBase: http://127.0.0.1:18740${PROVIDERS[api][1]}
    apiKey: \${{ secrets.USHER_PASS }}`,
    },
    run: `export USHER_PASS=$(usher pass print my-tools)\ncn --config config.yaml -p 'say hi'`,
  }),
  cases: (api) =>
    api === "chat" && {
      limit: { again: "asks again without end, whatever the answer says" },
      cut: { again: "asks again, and repeats what it printed" },
    },
};
