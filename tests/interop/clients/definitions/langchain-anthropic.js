import { CLAUDE_MODEL } from "../models.js";

const program = (lines) => ({
  files: {
    "hi.py": `from langchain_anthropic import ChatAnthropic\n\nmodel = ChatAnthropic(model="${CLAUDE_MODEL}")\n${lines}`,
  },
  run: `export ANTHROPIC_BASE_URL=http://127.0.0.1:18740 ANTHROPIC_API_KEY=$(usher pass print my-tools)\npython hi.py`,
});

export default {
  name: "langchain-anthropic",
  install: { pypi: "langchain-anthropic", pinned: "1.7.10" },
  apis: ["messages"],
  recipe: () => program(`print(model.invoke("say hi").text)`),
  streamed: () => program(`for chunk in model.stream("say hi"):\n    pass`),
};
