import { CLAUDE_MODEL, MODEL } from "../models.js";

const OPTIONS = "--no-git --no-check-update --no-analytics --no-show-model-warnings --yes-always";
const SETUPS = {
  chat: `export OPENAI_API_BASE=http://127.0.0.1:18740/v1 OPENAI_API_KEY=$(usher pass print my-tools)
aider --model openai/${MODEL} ${OPTIONS} --message 'say hi'`,
  messages: `export ANTHROPIC_API_BASE=http://127.0.0.1:18740 ANTHROPIC_API_KEY=$(usher pass print my-tools)
aider --model anthropic/${CLAUDE_MODEL} ${OPTIONS} --message 'say hi'`,
};

export default {
  name: "aider",
  install: { pypi: "aider-chat", pinned: "0.86.2" },
  apis: ["chat", "messages"],
  recipe: (api) => ({ run: SETUPS[api] }),
  cases: () => ({
    limit: { again: "asks again for a minute, each time later" },
    "bad pass": { exit: 0, reason: "gives the reason, but exits with 0" },
    cut: { again: "asks again for a minute, each time later" },
  }),
};
