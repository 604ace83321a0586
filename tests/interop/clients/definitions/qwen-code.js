import { MODEL } from "../models.js";

const SETUPS = {
  chat: ["openai", "OPENAI", "/v1"],
  responses: ["openai-responses", "OPENAI", "/v1"],
  messages: ["anthropic", "ANTHROPIC", ""],
};

export default {
  name: "qwen-code",
  install: { npm: "@qwen-code/qwen-code", pinned: "0.24.4" },
  apis: ["chat", "responses", "messages"],
  recipe: (api) => {
    const [type, name, path] = SETUPS[api];
    return {
      run: `export ${name}_BASE_URL=http://127.0.0.1:18740${path} ${name}_API_KEY=$(usher pass print my-tools)
export ${name}_MODEL=${MODEL}
qwen --auth-type ${type} -p 'say hi'`,
    };
  },
  cases: (api) => ({
    limit: api !== "responses" && {
      again: "waits as long as `retry-after` says and asks again, whatever else the answer says",
      waits: true,
    },
    cut: api === "chat" && { again: "asks again, several times" },
  }),
  note: "`--auth-type openai-responses` works as well, and `anthropic` with `ANTHROPIC_…` variables and no `/v1`.",
};
