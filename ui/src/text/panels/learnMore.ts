// Explains how Usher signs in, who pays, and who governs the data. Loaded when it is opened.

export const learnMore = {
  routesTitle: "Two ways to sign in",
  /** Two sentences for each. */
  codexClient: [
    "Sign in with OpenAI uses the client id that OpenAI publishes for Codex, and serves Usher and your tools.",
    "OpenAI has not approved this use by other programs.",
  ],
  planUsage: [
    "Continue with ChatGPT is OpenAI’s own sign-in for open-source apps on your computer, and lists Usher in your ChatGPT account.",
    "OpenAI allows it for Usher’s own requests only, and has not reviewed or endorsed Usher.",
  ],
  password: "You type your password on OpenAI’s page. Usher never sees it.",
  planTitle: "Plan or API key",
  plan: "With this sign-in, your plan pays, and your workspace’s rules govern your data. With an API key, you pay per token, and the OpenAI Platform’s rules govern your data.",
  cloud: "Codex in the cloud needs a ChatGPT sign-in; the command line and editors take either.",
  ci: "For CI, use an API key.",
  linkPlans: "Plans and prices",
  linkModels: "Models",
  linkUsage: "Your usage",
  codex:
    "Usher reads the Codex CLI’s sign-in again for each use. OpenAI has not approved this use. Usage counts against your plan.",
  keyPays:
    "A key is billed per token by the OpenAI Platform, even if you have a ChatGPT plan. Your Platform organization’s rules govern your data; with a plan, your workspace’s do.",
  keySafe:
    "Anybody with the key can spend your money: never share it, and delete it at the Platform when in doubt.",
  linkKeys: "Your keys",
  linkBilling: "Credit and billing",
  linkGuide: "Choosing a model",
};
