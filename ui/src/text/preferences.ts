// Sentences of Preferences. They come with its panel.

import type { Verdict } from "../ipc/bindings";
import * as f from "./format";

const checkNames: Record<string, string> = {
  port_1455: "Port 1455",
  port_1457: "Port 1457",
  session: "Session",
  environment: "Environment",
  codex: "Codex CLI",
  settings: "Settings",
  store: "Where secrets are kept",
  keys: "Saved keys",
  state: "What was seen last",
  hosts: "Hosts",
  proxy: "Proxy",
  certificates: "Certificates",
  clock: "Clock",
};

export const preferences = {
  title: "Preferences",
  hosts: "Allowed hosts",
  hostsAbout: "Usher talks to these hosts and no others. Adding a provider adds its host.",
  diagnostics: "Diagnostics",
  run: "Run checks",
  again: "Run checks again",
  running: "Checking",
  checks: "Checks",
  about: "The checks look at what could stand in the way of a sign-in.",
  /** The check of a host has the provider behind the word. */
  nameOf: (check: string) => checkNames[check] ?? check.replace(/^host /, "Host of "),
  verdicts: { good: "Good", note: "Note", bad: "Needs attention" } satisfies Record<Verdict, string>,
  done: (bad: number) =>
    bad === 0
      ? "All is well."
      : f.plural(bad, { one: "# check needs attention.", other: "# checks need attention." }),
  export: "Export diagnostics",
  exporting: "Exporting",
  exportAbout:
    "The export is a text file you can read first. Tokens, keys, e-mail addresses and file paths are blacked out.",
  exported: "Saved as",
  exportedAnnounced: "The diagnostics were saved.",
  help: "Help",
  wordsTitle: "What the words mean",
  words: [
    [
      "ChatGPT plan",
      "What you or your workspace pay OpenAI by the month. With a sign-in it pays for what you use.",
    ],
    [
      "API key",
      "A secret of the OpenAI Platform or of another service. What is used with it is billed per token.",
    ],
    [
      "Access token",
      "Made in a Business or Enterprise workspace, for programs that nobody sits at. It does not renew.",
    ],
    ["Code", "A few letters to enter on OpenAI’s page, on any device. They sign this computer in."],
    ["Pass", "What a tool gets from Usher instead of your sign-in. It works on this computer only."],
    [
      "Workspace",
      "The part of an account that pays, and whose rules govern your data: your own, or your company’s.",
    ],
    ["Provider", "Who answers: OpenAI with your plan, OpenAI with a key, or another service."],
  ] satisfies [string, string][],
  version: "Version",
  usher: (version: string) => `Usher ${version}`,
  notOpenai: "Not made by OpenAI, and not endorsed by it.",
};
