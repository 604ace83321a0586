// Sentences of Preferences. They come with its panel.

import type { Verdict } from "../ipc/bindings";
import * as f from "./format";

const checkNames: Record<string, string> = {
  port_1455: "Port 1455",
  port_1457: "Port 1457",
  settings: "Settings",
  store: "Where secrets are kept",
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
  nameOf: (check: string) => checkNames[check] ?? check,
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
  version: "Version",
  usher: (version: string) => `Usher ${version}`,
  notOpenai: "Not made by OpenAI, and not endorsed by it.",
};
