// Texts of Add provider, loaded with its panel.

export const add = {
  title: "Add a provider",
  about: "Another service your tools can use.",
  kinds: "Kinds of providers",
  key: "OpenAI API key",
  keyAbout: "Billed per token. Also for CI",
  endpoint: "OpenAI-compatible endpoint",
  endpointAbout: "Groq, Ollama and others",
};
