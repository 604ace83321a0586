// The models that recipes and tests ask for.

/** A model of a ChatGPT plan, which Codex and opencode know by name. */
export const MODEL = "gpt-6.2-sol";

/** The name under which a program of Anthropic's gets the model that the person chose. */
export const CLAUDE_MODEL = "claude-opus-5-5";
