// Texts of the page in English. Texts with parameters are functions; plurals and
// dates come from `format.ts`. A further language is a second object of this type.

import type { CredentialPlace, Stage, StageFinding } from "../ipc/bindings";
import { examplePlans } from "./errors/errors";
import * as f from "./format";
import { inTime, usage, windowName } from "./usage";

const credentialFound: Record<CredentialPlace, string> = {
  keyring: "Found in the keyring",
  file: "Found in the encrypted file",
  environment: "Found in the environment",
  codex_cli: "Found with the Codex CLI",
  not_needed: "None needed",
};

const effortNames: Record<string, string> = {
  none: "None",
  minimal: "Minimal",
  low: "Low",
  medium: "Medium",
  high: "High",
  xhigh: "Extra high",
};

export const effortName = (id: string) => effortNames[id] ?? id.charAt(0).toUpperCase() + id.slice(1);

const duration = (ms: number) => (ms < 1000 ? `${f.count(ms)} ms` : `${f.seconds(ms)} s`);

const modelCount = (n: number) => f.plural(n, { one: "# model.", other: "# models." });

function refreshed(now: number, unix: number): string {
  const minutes = Math.floor((now - unix) / 60);
  if (minutes < 1) return "Refreshed just now.";
  if (minutes < 60) return `Refreshed ${f.minutesAgo(minutes)}.`;
  return `Refreshed ${f.dayNear(now, unix)} at ${f.clock(unix)}.`;
}

export const en = {
  common: {
    skip: "Skip to the panel",
    copied: "Copied",
    copiedAnnounced: "Copied.",
    copyFailed: "Could not copy. Select the text and copy it yourself.",
    cancel: "Cancel",
    tryAgain: "Try again",
    close: "Close",
  },

  sidebar: {
    name: "Usher",
    show: "Show sidebar",
    hide: "Hide sidebar",
    providers: "Providers",
    openai: "OpenAI",
    openaiKey: "OpenAI API key",
    add: "Add provider",
    here: "On this computer",
    gateway: "Gateway",
    tools: "Tools",
    connectedTools: (count: number) => `${f.count(count)} connected`,
    on: "On",
    preferences: "Preferences",
    notSignedIn: "Not signed in",
    noKey: "No key yet",
    untested: "Not tested yet",
    environment: "From the environment",
    connected: "Connected",
    off: "Off",
    expired: "Sign-in expired",
    keyRefused: "Key rejected",
    ended: "Sign-in ended",
    limit: "Limit reached",
    locked: "Keyring locked",
    attention: "Needs attention",
    /** Marks the provider that tools use, where there are several. */
    inUse: "In use",
  },

  firstRun: {
    noneInUse: "No account is in use",
    noneInUseText: "Usher does not switch accounts by itself. Choose the one that your tools use.",
    choose: "Choose an account",
    title: "Sign in to OpenAI once",
    lead: "Usher keeps your sign-in here. Your tools get a local pass, never the sign-in itself.",
    signIn: "Sign in with OpenAI",
    signInAbout: "For your tools. Experimental: OpenAI has not approved this for other programs.",
    planUsageAbout: "OpenAI’s sign-in for local apps, Plus and Pro. For Usher only: tools can’t use it.",
    otherMethods: "Other ways to connect",
    code: "Use a code instead",
    codeAbout: "For computers without a browser",
    paste: "Paste the redirect address",
    pasteAbout: "Sign in on another computer",
    token: "Paste an access token",
    tokenAbout: "Business and Enterprise only",
    key: "Paste an API key",
    keyAbout: "Billed per token",
    endpoint: "Add an OpenAI-compatible endpoint",
    endpointAbout: "Groq, Ollama and others",
    good: "Good to know",
    need: `You need an OpenAI account with a plan that includes Codex, ${examplePlans}.`,
    plans: "See plans",
    password: "You type your password on OpenAI’s page. Usher never sees it.",
    privacy:
      "Continue with ChatGPT: Usher keeps the sign-in and your e-mail address, in its files on this computer only.",
    experimental: "OpenAI may change both ways to sign in at any time.",
  },

  learnMore: {
    open: "Learn more",
    title: "About this sign-in",
    keyTitle: "About API keys",
  },

  panel: {
    title: "OpenAI",
    label: "ChatGPT-backed, experimental",
    about: "Your ChatGPT plan. OpenAI may change this service at any time.",
    aboutPlanUsage: "Continue with ChatGPT, OpenAI’s sign-in for local apps.",
    enabled: "Enabled",
    signedIn: "Signed in",
    signedInNext: "Connect your tools, so that they use this sign-in.",
    connectTools: "Connect your tools",
    offTitle: "Switched off in Usher",
    off: "Requests are refused. Your sign-in is kept.",
    offKey: "Requests are refused. Everything you saved is kept.",
    /** Removes the full stop, which titles of notices do not have. */
    noticeTitle: (sentence: string) => sentence.replace(/\.$/, ""),
    limitTitle: (seconds: number | null) =>
      seconds === null
        ? "The limit of your plan is reached"
        : `The ${windowName(seconds).toLowerCase()} limit of your plan is reached`,
    limitUntil: (now: number, unix: number) =>
      unix - now < 86_400
        ? `Requests work again at ${f.clock(unix)}, ${inTime(unix - now)}. Until then they are refused.`
        : `Requests work again on ${f.weekdayAndDay(unix)}, ${f.clock(unix)}. Until then they are refused.`,
    limitNoTime: "It does not reset by itself. Check your usage at OpenAI.",
    unlocking: "Waiting for the keyring",
    account: "Account",
    accounts: "Accounts",
    noEmail: "Signed in",
    disconnect: "Disconnect",
    switchAccount: "Switch account",
    /** Tooltip of an account's name, which may be that of another account tomorrow. The id may not. */
    accountId: (id: string) => `Account id: ${id}`,
    keyBesideRecords:
      "No keyring found. The sign-in is encrypted in a file on this computer; anybody who can read its folder can use it.",
    setAside: (name: string) => `The file with your sign-ins was damaged. Usher renamed it to ${name}.`,
  },

  models: {
    heading: "Model",
    choose: "Choose a model",
    search: "Search models",
    none: "Choose a model",
    context: (tokens: number) => `${f.short(tokens)} context`,
    found: (n: number, all: number) => `${f.count(n)} of ${f.count(all)}`,
    foundAnnounced: (n: number) => (n === 0 ? "No models match." : modelCount(n)),
    noMatch: "No models match.",
    count: modelCount,
    refreshed,
    loading: "Loading the models.",
    /** In place of a failure that the panel already shows. */
    waiting: {
      key: "Waiting for a working key.",
      address: "Waiting for a working address.",
      sign_in: "Waiting for a new sign-in.",
      other: "Waiting for a working connection.",
    },
    refresh: "Refresh models",
    refreshing: "Refreshing",
    stale: (who: string, now: number, unix: number) =>
      `Could not reach ${who}. List from ${f.dayNear(now, unix)}, ${f.clock(unix)}.`,
    staleRefused: (who: string, now: number, unix: number) =>
      `${who} did not send a new list. This one is from ${f.dayNear(now, unix)}, ${f.clock(unix)}.`,
    staleAnnounced: (who: string, now: number, unix: number) =>
      `Could not reach ${who}. The list is from ${f.dayNear(now, unix)}.`,
    checkPlan: "Check your plan",
    effort: "Reasoning effort",
    small: "Background model",
    chooseSmall: "Choose a background model",
    same: "Same model as above",
    smallAbout: "Used for small tasks, for example by Claude Code.",
    images: "Image input",
    tools: "Tools",
    toolsTogether: "Tools, several at once",
    oneEffort: (effort: string) => `${effort} effort only`,
    showAll: "Show all models",
    showText: "Show text models only",
    byHand: "Added by hand",
    add: "Add a model",
    addLabel: "Model id",
    addPlaceholder: "The id that the service uses",
    addSend: "Add",
    addEmpty: "Enter a model id first.",
    added: (id: string) => `${id} was added.`,
    remove: (id: string) => `Remove ${id}`,
    removed: (id: string) => `${id} was removed.`,
  },

  usage,

  test: {
    heading: "Connection",
    test: "Test",
    again: "Test again",
    stop: "Stop",
    stagesLabel: "Steps of the test",
    doing: (stage: Stage, model: string | null) =>
      ({
        credential: "Looking for your sign-in or key",
        token: "Checking it",
        models: "Loading the models",
        answer: model === null ? "Asking for an answer" : `Asking ${model} for an answer`,
      })[stage],
    waitingFor: (stage: Stage, model: string | null) =>
      ({
        credential: "Looking",
        token: "Checking",
        models: "Loading",
        answer: model === null ? "Waiting for an answer" : `Waiting for ${model}`,
      })[stage],
    found: (finding: Exclude<StageFinding, { kind: "token" }>): string => {
      switch (finding.kind) {
        case "credential":
          return credentialFound[finding.place];
        case "key":
          return "Accepted";
        case "key_untried":
          return "Checked with the models and the answer";
        case "no_key":
          return "None needed";
        case "models":
          return f.plural(finding.count, {
            one: `# model, ${finding.model}`,
            other: `# models, including ${finding.model}`,
          });
        case "answer":
          return `${finding.model} answered “${finding.text}”`;
      }
    },
    noFinding: "Passed",
    notTried: "Not tried",
    notStarted: "Not started",
    stopped: "Stopped.",
    stoppedStage: "Stopped",
    passed: (now: number, ms: number, unix: number) =>
      `${ms < 100 ? "Passed" : `Passed in ${duration(ms)}`}, ${f.dayNear(now, unix)} at ${f.clock(unix)}.`,
    failedAt: (stage: string) => `Failed at ${stage}.`,
    /** In place of a failure that the notice above the rows already shows. */
    seeAbove: "Not passed, see above",
    /** Steps that take no time to speak of have none. */
    time: (ms: number) => (ms < 100 ? "" : duration(ms)),
    stagePassed: (stage: string) => `${stage} passed.`,
    passedAnnounced: (ms: number) => (ms < 100 ? "Test passed." : `Test passed in ${f.seconds(ms)} seconds.`),
    failedAnnounced: (stage: string, title: string) => `Test failed at ${stage}. ${title}`,
    stoppedAnnounced: "Test stopped.",
    troubleshooting: "Troubleshooting",
  },

  announce: {
    browserOpened: "The OpenAI page is open. Waiting for you to sign in.",
    oneMinute: "One minute left.",
    renamed: (name: string) => `The account is now called ${name}.`,
    signedIn: (who: string | null) => (who === null ? "Signed in." : `Signed in as ${who}.`),
    signedInWith: (who: string | null, n: number) =>
      who === null ? `Signed in. ${modelCount(n)}` : `Signed in as ${who}. ${modelCount(n)}`,
    failure: (title: string, next: string) =>
      /[.?!]$/.test(title) ? `${title} ${next}` : `${title}. ${next}`,
  },
};

export type Messages = typeof en;
