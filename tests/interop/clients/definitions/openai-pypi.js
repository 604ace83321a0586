import { MODEL } from "../models.js";

const ASK = {
  responses: `response = client.responses.create(model="${MODEL}", input="say hi")
print(response.output_text)`,
  chat: `messages = [{"role": "user", "content": "say hi"}]
completion = client.chat.completions.create(model="${MODEL}", messages=messages)
print(completion.choices[0].message.content)`,
};
const STREAM = {
  responses: `with client.responses.stream(model="${MODEL}", input="say hi") as stream:
    for event in stream:
        if event.type == "response.failed":
            raise SystemExit(event.response.error.message)`,
  chat: `messages = [{"role": "user", "content": "say hi"}]
with client.chat.completions.stream(model="${MODEL}", messages=messages) as stream:
    stream.until_done()`,
};
const program = (lines) => ({
  files: { "hi.py": `from openai import OpenAI\n\nclient = OpenAI()\n${lines}` },
  run: `export OPENAI_BASE_URL=http://127.0.0.1:18740/v1 OPENAI_API_KEY=$(usher pass print my-tools)\npython hi.py`,
});

export default {
  name: "openai (PyPI)",
  install: { pypi: "openai" },
  apis: ["responses", "chat"],
  recipe: (api) => program(ASK[api]),
  streamed: (api) => program(STREAM[api]),
};
