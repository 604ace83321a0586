// Texts of Add provider, loaded with its panel.

export const add = {
  title: "Add a provider",
  about: "Another service your tools can use.",
  kinds: "Kinds of providers",
  signIn: "Sign in with OpenAI",
  account: "Another OpenAI account",
  accountAbout: "Your ChatGPT plan, for your tools",
  planUsageAbout: "Your ChatGPT plan, for Usher only",
  codex: "Codex CLI",
  codexAbout: "Uses its sign-in, never changes it",
  added: "Added",
  key: "OpenAI API key",
  keyAbout: "Billed per token. Also for CI",
  endpoint: "OpenAI-compatible endpoint",
  endpointAbout: "Groq, Ollama and others",
};
