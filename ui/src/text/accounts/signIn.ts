// Texts of the sign-in screens, loaded with them.

import type { StoreKind } from "../../ipc/bindings";
import { keepsHappening, qualifyingPlans, type TroubleshootingHint } from "../providers/plan";
import { planUsage } from "../providers/planUsage";

export const signIn = {
  title: "Sign in with OpenAI",
  about: "Uses your ChatGPT plan",
  inBrowser: "In your browser",
  opening: "Opening the OpenAI page.",
  opened: "The OpenAI page was opened.",
  notOpened: "Usher could not open your browser. Copy the link and open it yourself.",
  gettingLink: "Getting the link.",
  linkReady: "The link is ready. Copy it.",
  copyStep: "Copy this link.",
  link: "Link of this sign-in",
  openStep: "Open it on the other computer, sign in and choose Allow.",
  pasteStep: "Copy the full address of the page you end on, and paste it here.",
  pasteStepAbout: "That page may show an error. Only its address counts.",
  waiting: "Waiting for you to sign in and choose Allow.",
  afterwards: {
    keyring: "Then Usher checks the sign-in and stores it in your keyring.",
    file: "Then Usher checks the sign-in and stores it in an encrypted file.",
    unknown: "Then Usher checks the sign-in and stores it encrypted on this computer.",
  } satisfies Record<StoreKind | "unknown", string>,
  answered: "The browser returned to Usher.",
  checking: "Checking the sign-in.",
  left: "left",
  ignored: "An answer from another sign-in was ignored.",
  portTaken: (port: number, using: number) =>
    `Another program is using port ${port}, so Usher listens on port ${using}.`,
  portTakenBy: (port: number, holder: string, using: number) =>
    `${holder} is using port ${port}, so Usher listens on port ${using}.`,
  nothingOpened: "Closed it, or nothing opened?",
  heldBack: "Your browser may have blocked the window.",
  openAgain: "Open the page again",
  openPage: "Open the page",
  copyLink: "Copy link",
  address: (origin: string) =>
    `The address must begin with ${origin}. Never enter your password anywhere else.`,
  wrongRedirect: "OpenAI says the redirect address is wrong?",
  otherRedirect: "Try the other address",
  stuck: "Browser shows an error page?",
  paste: "Paste the redirect address",
  pasteAbout:
    "After you choose Allow, the browser may show an error page. Copy the full address of that page and paste it here.",
  pastePlaceholder: "http://127.0.0.1:1455/auth/callback?code=…",
  pasteSend: "Finish sign-in",
  pasteEmpty: "Paste the address first.",
  otherWays: "Other ways to sign in",
  browserAbout: "Opens your browser",
  backToAccounts: "Back to accounts",
  back: "Back",
  useCode: "Use a code instead",
  useBrowser: "Use the browser instead",
};

/** What differs with plan usage. */
export const planUsageSignIn = {
  title: planUsage.name,
  about: "Uses your ChatGPT plan, for Usher only",
  pastePlaceholder: "http://127.0.0.1:…/auth/callback?code=…&client_id=…",
  noCode:
    "There is no code for this sign-in. Where Usher’s computer has no browser, paste the redirect address.",
  startOver: "Start over",
  registerAgain: "Register Usher again",
  registerAgainAbout: "If ChatGPT’s page showed an error",
};

export const code = {
  title: "Sign in with a code",
  about: "Use any device that has a browser",
  asking: "Getting a code from OpenAI.",
  openAddress: "Open this address:",
  copyAddress: "Copy address",
  openHere: "Open it here",
  enter: "Enter this code:",
  copyCode: "Copy code",
  warning:
    "Don’t share this code, and never enter a code somebody sent you. If the page rejects it, device codes may be switched off in your ChatGPT security settings or by your workspace.",
  waiting: "Waiting for you to finish on that device.",
  announced: (spellOut: string) => `Code: ${spellOut}.`,
  dash: "dash",
};

/** The same with plan usage. */
export const planUsageHints: readonly TroubleshootingHint[] = [
  {
    problem: "Nothing opened?",
    help: "Your browser may have blocked the window. Try another browser, or paste the redirect address.",
  },
  { problem: "Wrong account?", help: keepsHappening },
  {
    problem: "Plan not accepted?",
    help: "OpenAI offers this sign-in with Plus and Pro. Others can sign in with OpenAI, or use an API key.",
  },
];

/** Hints after a failed sign-in. */
export const signInHints: readonly TroubleshootingHint[] = [
  {
    problem: "Nothing opened?",
    help: "Your browser may have blocked the window. Try another browser, or use a code instead.",
  },
  {
    problem: "Wrong account?",
    help: keepsHappening,
  },
  {
    problem: "Plan ended, or no Codex?",
    help: `Check that the last payment went through. ${qualifyingPlans}`,
    page: { action: "plans", text: "See plans" },
  },
];
