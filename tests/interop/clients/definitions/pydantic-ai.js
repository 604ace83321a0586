import { CLAUDE_MODEL, MODEL } from "../models.js";

const OPENAI = `export OPENAI_BASE_URL=http://127.0.0.1:18740/v1 OPENAI_API_KEY=$(usher pass print my-tools)`;
const SETUPS = {
  responses: { model: `openai-responses:${MODEL}`, env: OPENAI },
  chat: { model: `openai-chat:${MODEL}`, env: OPENAI },
  messages: {
    model: `anthropic:${CLAUDE_MODEL}`,
    env: "export ANTHROPIC_BASE_URL=http://127.0.0.1:18740 ANTHROPIC_API_KEY=$(usher pass print my-tools)",
  },
};
const program = (api, lines) => ({
  files: { "hi.py": `from pydantic_ai import Agent\n\nagent = Agent("${SETUPS[api].model}")\n${lines}` },
  run: `${SETUPS[api].env}\npython hi.py`,
});

export default {
  name: "pydantic-ai",
  install: {
    pypi: "pydantic-ai-slim",
    pinned: "2.68.0",
    besides: { openai: undefined, anthropic: undefined, tiktoken: undefined },
  },
  apis: ["responses", "chat", "messages"],
  recipe: (api) => program(api, `print(agent.run_sync("say hi").output)`),
  streamed: (api) => program(api, `for text in agent.run_stream_sync("say hi").stream_text():\n    pass`),
  note: `\`openai-chat:${MODEL}\` works as well, and \`anthropic:${CLAUDE_MODEL}\` with \`ANTHROPIC_BASE_URL\` (no \`/v1\`) and
\`ANTHROPIC_API_KEY\`.`,
};
