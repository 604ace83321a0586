import { MODEL } from "../models.js";
import { json } from "../recipe.js";

const APIS = {
  responses: ["openai-responses", "/v1"],
  chat: ["openai-completions", "/v1"],
  messages: ["anthropic-messages", ""],
};

export default {
  name: "pi",
  install: { npm: "@earendil-works/pi-coding-agent" },
  apis: ["responses", "chat", "messages"],
  recipe: (api) => ({
    files: {
      "~/.pi/agent/models.json": json({
        providers: {
          usher: {
            baseUrl: `http://127.0.0.1:18740${APIS[api][1]}`,
            api: APIS[api][0],
            apiKey: "$USHER_PASS",
            models: [{ id: MODEL, reasoning: true, input: ["text", "image"] }],
          },
        },
      }),
    },
    run: `export USHER_PASS=$(usher pass print my-tools)\npi --provider usher --model ${MODEL} -p 'say hi'`,
  }),
  tool: 'call bash with {"command":"echo from-the-tool"}',
  cases: () => ({ limit: { again: "asks four times within 14 s, whatever the answer says" } }),
};
