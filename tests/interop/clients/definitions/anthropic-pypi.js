import { CLAUDE_MODEL } from "../models.js";

const REQUEST = `
    model="${CLAUDE_MODEL}",
    max_tokens=1000,
    messages=[{"role": "user", "content": "say hi"}],
`;
const program = (lines) => ({
  files: { "hi.py": `from anthropic import Anthropic\n\nclient = Anthropic()\n${lines}` },
  run: `export ANTHROPIC_BASE_URL=http://127.0.0.1:18740 ANTHROPIC_AUTH_TOKEN=$(usher pass print my-tools)\npython hi.py`,
});

export default {
  name: "anthropic (PyPI)",
  install: { pypi: "anthropic" },
  apis: ["messages"],
  recipe: () => program(`message = client.messages.create(${REQUEST})\nprint(message.content[0].text)`),
  streamed: () => program(`with client.messages.stream(${REQUEST}) as stream:\n    print(stream.get_final_text())`),
};
