// Sentences of Add provider. They come with its panel.

export const add = {
  title: "Add a provider",
  about: "One more place that your tools can ask, beside your ChatGPT plan.",
  ways: "Kinds of providers",
  key: "OpenAI API key",
  keyAbout: "Billed per token, not by your plan. For CI, too",
  endpoint: "OpenAI-compatible endpoint",
  endpointAbout: "Groq, Ollama and others",
};
