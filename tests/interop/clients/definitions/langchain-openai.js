import { MODEL } from "../models.js";

const program = (api, lines) => ({
  files: {
    "hi.py": `from langchain_openai import ChatOpenAI

model = ChatOpenAI(model="${MODEL}", use_responses_api=${api === "responses" ? "True" : "False"})
${lines}`,
  },
  run: `export OPENAI_BASE_URL=http://127.0.0.1:18740/v1 OPENAI_API_KEY=$(usher pass print my-tools)\npython hi.py`,
});

export default {
  name: "langchain-openai",
  install: { pypi: "langchain-openai", pinned: "1.7.4" },
  apis: ["responses", "chat"],
  recipe: (api) => program(api, `print(model.invoke("say hi").text)`),
  streamed: (api) => program(api, `for chunk in model.stream("say hi"):\n    pass`),
};
