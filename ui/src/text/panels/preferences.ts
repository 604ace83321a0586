// Texts of Preferences, loaded with its panel.

import type { NameHolder, Verdict } from "../../ipc/bindings";
import * as f from "../format";
import { sentence } from "./sentence";

const checkNames: Record<string, string> = {
  port_1455: "Port 1455",
  port_1457: "Port 1457",
  session: "Session",
  environment: "Environment",
  codex: "Codex CLI",
  settings: "Settings",
  store: "Secret storage",
  keys: "Saved keys",
  state: "Cache",
  hosts: "Hosts",
  proxy: "Proxy",
  certificates: "Certificates",
  clock: "Clock",
};

export const preferences = {
  title: "Preferences",
  appearance: "Appearance",
  appearances: { system: "As the system", light: "Light", dark: "Dark" },
  settingsFile: "Settings file",
  openFile: "Open the file",
  copyPath: "Copy path",
  notOpened: "The file could not be opened. It is created when you first change a setting.",
  broken: (error: string, lastValid: boolean) => ({
    title: "config.toml has an error",
    text: `${sentence(error)} ${
      lastValid
        ? "Usher goes on with the settings from before, and cannot save changes until it is corrected."
        : "Usher cannot go on until it is corrected."
    }`,
  }),
  nameHolder: (holder: NameHolder) =>
    holder.is_usher
      ? {
          title: "Another Usher does not answer",
          text: "It did not bring its window forward. End it, then start Usher again.",
        }
      : {
          title: "Another program uses Usher’s name",
          text: "Starting Usher again will open one more window. End that program, then start Usher again.",
        },
  holderProcess: ({ program, process }: NameHolder) =>
    [program, process === null ? null : `process ${process}`].filter((part) => part !== null).join(", "),
  hosts: "Allowed hosts",
  hostsAbout: "Usher contacts these hosts and no others. Adding a provider adds its host.",
  diagnostics: "Diagnostics",
  run: "Run checks",
  again: "Run checks again",
  running: "Checking",
  checks: "Checks",
  about: "Checks ports, network and settings.",
  good: "Checks without problems",
  /** Formats "11 fine, 3 notes, 1 needs attention". */
  summary: (good: number, notes: number, bad: number) =>
    [
      f.plural(good, { one: "# fine", other: "# fine" }),
      notes > 0 ? f.plural(notes, { one: "# note", other: "# notes" }) : "",
      bad > 0 ? f.plural(bad, { one: "# needs attention", other: "# need attention" }) : "",
    ]
      .filter((part) => part !== "")
      .join(", "),
  showGood: (good: number) =>
    f.plural(good, { one: "Show the check without problems", other: "Show the # checks without problems" }),
  checkName: (check: string) => checkNames[check] ?? check.replace(/^host /, "Host of "),
  hostOf: (provider: string) => `Host of ${provider}`,
  /** Makes a sentence of what was found, without the marks and flags of the command line. */
  found: (found: string) => sentence(found.replace(/ \(`[^)]*`\)/g, "").replaceAll("`", "")),
  verdicts: { good: "Good", note: "Note", bad: "Needs attention" } satisfies Record<Verdict, string>,
  done: (bad: number) =>
    bad === 0
      ? "No problems found."
      : f.plural(bad, { one: "# check needs attention.", other: "# checks need attention." }),
  export: "Export diagnostics",
  exporting: "Exporting",
  exportAbout:
    "The export is a text file you can read first. Tokens, keys, e-mail addresses and file paths are blacked out.",
  exported: "Saved as",
  show: "Show in folder",
  notShown: "The folder could not be opened.",
  exportedAnnounced: "The diagnostics were saved.",
  help: "Help",
  wordsTitle: "What the words mean",
  words: [
    [
      "ChatGPT plan",
      "Your or your workspace’s monthly ChatGPT subscription. With a sign-in, it pays for what you use.",
    ],
    ["API key", "A secret from the OpenAI Platform or another service. Its usage is billed per token."],
    [
      "Access token",
      "Created in a Business or Enterprise workspace, for unattended programs. It cannot be renewed.",
    ],
    ["Code", "A short code that you enter on OpenAI’s page, on any device, to sign this computer in."],
    ["Account", "A sign-in at OpenAI. You can have several; your tools use the one you select."],
    [
      "Gateway",
      "The address on this computer that your tools send requests to. Usher forwards them with your sign-in or key.",
    ],
    ["Pass", "A tool’s key to the gateway, in place of your sign-in. It works only on this computer."],
    [
      "Workspace",
      "The part of an account that pays and whose rules govern your data: your own or your company’s.",
    ],
    ["Provider", "A service your tools can use: OpenAI with your plan, OpenAI with a key, or another one."],
  ] satisfies [string, string][],
  version: "Version",
  usher: (version: string) => `Usher ${version}`,
  notOpenai: "Not made by OpenAI, and not endorsed by it.",
};
