import { MODEL } from "../models.js";

export default {
  name: "llm",
  install: { pypi: "llm", pinned: "0.36" },
  apis: ["chat", "responses"],
  recipe: (api) => ({
    run: `llm openai endpoint http://127.0.0.1:18740/v1 -m ${MODEL} \\
  --key "$(usher pass print my-tools)" ${api === "responses" ? "--responses " : ""}'say hi'`,
  }),
  cases: (api) =>
    api === "responses" && {
      cut: { exit: 0, says: /^rea/, reason: "ignores `response.failed`: prints the part, and exits with 0" },
    },
  note: "With `--responses` it asks the Responses API.",
};
