import { CLAUDE_MODEL, MODEL } from "../models.js";

const OPENAI = "export OPENAI_BASE_URL=http://127.0.0.1:18740/v1 OPENAI_API_KEY=$(usher pass print my-tools)";
const SETUPS = {
  chat: { env: OPENAI, model: `openai/${MODEL}` },
  responses: { env: OPENAI, model: `openai/responses/${MODEL}` },
  messages: {
    env: "export ANTHROPIC_BASE_URL=http://127.0.0.1:18740 ANTHROPIC_API_KEY=$(usher pass print my-tools)",
    model: `anthropic/${CLAUDE_MODEL}`,
  },
};
const program = (api, lines) => ({
  files: {
    "hi.py": `from litellm import completion

request = {"model": "${SETUPS[api].model}", "messages": [{"role": "user", "content": "say hi"}]}
${lines}`,
  },
  run: `${SETUPS[api].env}\npython hi.py`,
});

export default {
  name: "litellm",
  install: { pypi: "litellm", pinned: "1.110.2" },
  apis: ["chat", "responses", "messages"],
  recipe: (api) => program(api, `print(completion(**request).choices[0].message.content)`),
  streamed: (api) => program(api, `for chunk in completion(**request, stream=True):\n    pass`),
};
