import { MODEL } from "../models.js";

export default {
  name: "instructor",
  install: { pypi: "instructor", pinned: "1.17.0" },
  apis: ["chat"],
  recipe: () => ({
    files: {
      "hi.py": `import instructor
from pydantic import BaseModel

class Answer(BaseModel):
    word: str

client = instructor.from_provider("openai/${MODEL}", mode=instructor.Mode.JSON_SCHEMA)
messages = [{"role": "user", "content": "say hi"}]
print(client.chat.completions.create(response_model=Answer, messages=messages).word)`,
    },
    run: `export OPENAI_BASE_URL=http://127.0.0.1:18740/v1 OPENAI_API_KEY=$(usher pass print my-tools)\npython hi.py`,
  }),
};
