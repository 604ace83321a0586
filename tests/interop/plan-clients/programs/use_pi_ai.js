// Uses the provider `openai` of pi-ai through its collection of models, which stores and refreshes the sign-in.
import { randomUUID } from "node:crypto";
import { createModels } from "@earendil-works/pi-ai";
import { openaiProvider } from "@earendil-works/pi-ai/providers/openai";
import { openBrowser, serve } from "./runner.js";

const deviceId = randomUUID();
const sessionId = randomUUID();
const models = createModels();
models.setProvider(openaiProvider());

const interaction = {
  // The address could be pasted here; the listener is faster.
  prompt: () => new Promise(() => {}),
  notify: (event) => event.type === "auth_url" && openBrowser(event.url),
};

async function signIn() {
  const { clientId } = await models.login("openai", "oauth", interaction, { getDeviceId: () => deviceId });
  return clientId;
}

async function ask(prompt) {
  const model = models.getModel("openai", "gpt-6.1-sol");
  const messages = [{ role: "user", content: prompt, timestamp: Date.now() }];
  const context = { systemPrompt: "Be brief.", messages };
  const answer = await models.completeSimple(model, context, { reasoning: "low", sessionId });
  if (answer.stopReason === "error") throw new Error(answer.errorMessage);
  return answer.content.map((part) => part.text ?? "").join("");
}

serve({ sign_in: signIn, ask });
