// Texts of the dialog after the first sign-in with plan usage, loaded with it.

export const welcome = {
  /** OpenAI's words. */
  title: "You’re using your ChatGPT plan",
  counts:
    "What Usher asks OpenAI counts on your plan, where the plan allows it. You manage that in ChatGPT’s settings.",
  tools: "Your tools can’t use this sign-in. For them, choose Sign in with OpenAI.",
  /** OpenAI's words. */
  gotIt: "Got it",
};
