// The honest labels at length: how Usher signs in, who pays, and who governs the data.

export const learnMore = {
  open: "Learn more",
  title: "About this sign-in",
  client:
    "Usher signs in with the client id that OpenAI publishes for Codex. OpenAI has not approved this use. What you use counts against your plan.",
  password: "You type your password on OpenAI’s page. Usher never sees it.",
  planTitle: "Plan or API key",
  plan: "With this sign-in your plan pays, and the rules of your workspace govern your data. With an API key you pay per token, and the rules of the OpenAI Platform govern your data.",
  cloud: "Codex in the cloud needs a ChatGPT sign-in; the command line and editors take either.",
  ci: "For CI use an API key.",
  linkPlans: "Plans and prices",
  linkModels: "Models",
  linkUsage: "Your usage",
  codex:
    "Usher uses the Codex CLI’s sign-in, which it reads anew each time. OpenAI has not approved this use. What you use counts against your plan.",
  keyTitle: "About API keys",
  keyPays:
    "A key is billed per token by the OpenAI Platform, even if you have a ChatGPT plan. The rules of your Platform organization govern your data; with a plan it is those of your workspace.",
  keySafe:
    "Whoever has the key can spend your money: never share it, and delete it at the Platform when in doubt.",
  linkKeys: "Your keys",
  linkBilling: "Credit and billing",
  linkGuide: "Which model for what?",
};
