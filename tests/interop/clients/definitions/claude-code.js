export default {
  name: "Claude Code",
  install: { npm: "@anthropic-ai/claude-code", script: { claude: "@anthropic-ai/claude-code/cli-wrapper.cjs" } },
  apis: ["messages"],
  recipe: () => ({
    run: `export ANTHROPIC_BASE_URL=http://127.0.0.1:18740 ANTHROPIC_AUTH_TOKEN=$(usher pass print my-tools)
export CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1
claude -p 'say hi'`,
  }),
  cases: () => ({ cut: { again: "asks the model to go on where the answer broke off, each time" } }),
};
