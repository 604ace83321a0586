// Texts of the dialog after the first sign-in with plan usage, loaded with it.

import * as m from "#messages";

export const welcome = {
  /** OpenAI's words. */
  title: "You’re using your ChatGPT plan",
  counts: m.welcome_counts(),
  tools: m.welcome_tools(),
  /** OpenAI's words. */
  gotIt: "Got it",
};
