// Texts of the tools of this computer, loaded with their panel.

import type {
  ToolTrialView,
  ToolConflictView,
  ToolFileOutcome,
  ToolFileView,
  ToolPreview,
  ToolView,
} from "../../ipc/bindings";
import * as f from "../format";
import { planUsage } from "../providers/planUsage";

/** Formats "just now", "12 seconds ago", "2 minutes ago", "today at 14:02", "on 3 November". */
function usedAt(now: number, unix: number): string {
  const seconds = Math.floor(now - unix);
  if (seconds < 5) return "just now";
  if (seconds < 60) return f.secondsAgo(seconds);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return f.minutesAgo(minutes);
  const days = f.daysFrom(now, unix);
  if (days === 0 || days === -1) return `${f.dayNear(now, unix)} at ${f.clock(unix)}`;
  return `on ${f.dayOnly(unix)}`;
}

/** Formats whether a tool is connected and when it last sent a request. */
function stateOf({ automatic, own_sign_in: own, connection }: ToolView, now: number): string {
  if (connection?.served_by) return `Connected through ${connection.served_by}`;
  if (connection?.suspended) return "Its files are back until the gateway answers again.";
  if (connection?.interrupted) return "Connecting was interrupted. Disconnect puts its files back.";
  if (connection) {
    const { at, last_used_at: used } = connection;
    if (used !== null) return `Connected, used ${usedAt(now, used)}`;
    return now - at < 60 ? "Connected just now" : "Connected, not used yet";
  }
  const state = automatic ? "Not connected" : "By hand";
  return own ? `${state}. Can also sign in to OpenAI by itself.` : state;
}

/** The tools that have "Continue with ChatGPT" themselves (siwc §19). */
const withPlanUse: ReadonlySet<string> = new Set(["pi"]);

/** Formats that a tool needs no connection for one of OpenAI's sign-ins, if that is so. */
function ownPlanUse({ id, name }: ToolView): string | null {
  return withPlanUse.has(id)
    ? `${name} also has ${planUsage.name} of its own. For that, there is nothing to connect.`
    : null;
}

const lines = (count: number) => f.plural(count, { one: "# line", other: "# lines" });

/** Formats "5 lines added, 1 changed"; the first part names the lines. */
function counts({ added, changed, removed }: { added: number; changed: number; removed: number }): string {
  const all: [number, string][] = [
    [added, "added"],
    [changed, "changed"],
    [removed, "removed"],
  ];
  const parts = all.filter(([count]) => count > 0);
  if (parts.length === 0) return "No changes";
  return parts
    .map(([count, what], index) => `${index === 0 ? lines(count) : f.count(count)} ${what}`)
    .join(", ");
}

/** Says what conflicts with connecting a tool, and what to do. */
function conflict({ kind, subject, detail }: ToolConflictView, name: string): string {
  switch (kind) {
    case "variable":
      return `The variable ${subject} is set and wins over this file. Unset it where ${name} runs.`;
    case "key":
      return `${detail} has ${subject}, which wins. Remove that key, then choose Look again.`;
    case "project":
      return `${detail} has ${subject}, which wins in that folder. Remove it there, or ${name} does not use Usher there.`;
    case "managed":
      return `${detail} has ${subject}, which wins: ${name} will not use Usher as shown. Ask whoever manages this computer.`;
    case "sign_in":
      return `${detail} has a key for ${subject}, which wins over the pass. Sign out of ${subject} in ${name}.`;
    case "comments":
      return `${detail} has a comment or an extra comma in ${subject}. ${name} then ignores the whole file, so it does not use Usher. Remove it, then choose Look again.`;
    case "switcher":
      return `${subject} (${detail}) changes the same file. Use only one of the two to switch ${name}.`;
    case "version":
      return `${name} ${subject} is too old. It needs ${detail}. Update it, then choose Look again.`;
    case "older_file":
      return `${name} has a ${subject}, and ${detail} would take its place. Create that file in ${name} first.`;
    case "loop":
      return `${subject} has the gateway’s own address, ${detail}, so requests would go round in circles. Change its base URL.`;
    case "shared":
      return `${subject} reads ${detail}, too. It then uses Usher by default, and asks for a sign-in to OpenAI where it has none. A connection of its own comes back when you disconnect ${name}.`;
    case "served":
      return `${subject} is connected with the same lines of ${detail}, so ${name} uses Usher already. To connect only ${name}, disconnect ${subject} first.`;
  }
}

/** Says how the smallest command of a tool ended, and what to do. */
function tried(trial: ToolTrialView, name: string): string {
  const last = trial.last_line === null ? "" : ` Its last line: ${trial.last_line}`;
  switch (trial.outcome) {
    case "answered":
      return `It works: ${name} was answered through Usher in ${f.seconds(trial.took_ms)} seconds.`;
    case "failed":
      return `${name} was not answered.${last}`;
    case "bypassed":
      return `${name} was answered, but not through Usher. Unset variables such as OPENAI_API_KEY or ANTHROPIC_API_KEY, then try again.`;
    case "timed_out":
      return `${name} did not end in time. Run ${trial.command} in a terminal to see why.${last}`;
  }
}

/** Says what became of a file. */
function outcome({ path, changed, exact, removed }: ToolFileOutcome): string {
  if (removed) return `${path} was removed, because it was made for the tool.`;
  if (!changed) return `${path} needed no change.`;
  return exact
    ? `${path} is as it was before.`
    : `The lines in ${path} are put back. Your later changes stay.`;
}

/** Says which keys stay; null if there are none. */
const kept = ({ kept: keys, path }: ToolFileOutcome) =>
  keys.length > 0
    ? `Changed since by you or another program, and left as it is in ${path}: ${keys.join(", ")}.`
    : null;

export const tools = {
  title: "Tools",
  loading: "Looking for tools",
  lead: (found: number) =>
    found > 0
      ? `${f.count(found)} found on this computer. Each connected tool gets its own pass.`
      : "None found on this computer yet.",
  lookAgain: "Look again",
  looked: (found: number) => f.plural(found, { one: "# tool found.", other: "# tools found." }),
  list: "Tools on this computer",
  absent: (names: readonly string[]) => `Not on this computer: ${names.join(", ")}.`,
  stateOf,
  ownPlanUse,
  connect: "Connect",
  connectName: (name: string) => `Connect ${name}`,
  connecting: "Connecting",
  disconnect: "Disconnect",
  disconnectName: (name: string) => `Disconnect ${name}`,
  showLines: "Show lines",
  showLinesOf: (name: string) => `Show lines for ${name}`,

  preview: {
    title: "What will change",
    in: "in",
    newFile: "new file",
    counts,
    changesTo: (path: string) => `Changes to ${path}`,
    added: "Added: ",
    removed: "Removed: ",
    gap: "Lines that stay as they are",
    same: (path: string) => `${path} has all lines already.`,
    private: ({ path }: ToolFileView) => `Only you can read ${path} from then on, because the pass is in it.`,
    only: "Only these lines change. Undo puts them back.",
    takesOver: (name: string) =>
      `${name} then sends the requests that these lines are for to Usher, until you disconnect it.`,
    makeDefault: (name: string) => `Use Usher in ${name} unless I choose something else`,
    conflict,
    blocked: (name: string) => `${name} cannot be connected like this`,
    shown: (name: string) => `What will change for ${name} is shown.`,
    stale: "Look at the changes again: this is how the file is now.",
    unreadable: "Nothing was changed. Correct the file, then try again.",
    turnOn: "Turn on the gateway, too. Tools reach Usher through it.",
  },
  silence: {
    label: "Put my settings back if the gateway has not answered for",
    time: "How long",
    minutes: (count: number) => f.plural(count, { one: "# minute", other: "# minutes" }),
    wish: (count: number) =>
      `Put my settings back if the gateway has not answered for ${f.plural(count, { one: "# minute", other: "# minutes" })}`,
    state: (count: number) =>
      `Your settings are put back if the gateway has not answered for ${f.plural(count, { one: "# minute", other: "# minutes" })}, until it answers again.`,
    end: "Stop this",
    endName: (name: string) => `Stop this: ${name} keeps its settings`,
    ended: (name: string) => `The settings of ${name} stay also when the gateway does not answer.`,
  },
  byHand: {
    title: (name: string) => `Connect ${name} by hand`,
    copy: "Copy",
    lines: (name: string) => `Lines for ${name}`,
    shown: (name: string) => `The lines for ${name} are shown.`,
    close: "Close",
  },
  pass: {
    missing: (pass: string) => `The lines read the pass ${pass}, which does not exist yet.`,
    create: "Create the pass",
    creating: "Creating",
    created: (pass: string) => `The pass ${pass} was created.`,
    about: (pass: string) =>
      `The lines read the pass ${pass} when they run, so no secret is written to a file.`,
  },
  connected: {
    title: (name: string) => `${name} is connected.`,
    text: ({ usage }: ToolPreview, madeDefault: boolean) =>
      usage !== null && !madeDefault ? `Use it with: ${usage}` : "Undo puts its lines back.",
    undo: "Undo",
    tryIt: "Try it",
    trying: "Trying",
    tryAbout: (command: string) => `Try it asks the model once: ${command}`,
    tried,
    /** A window has another search path than a terminal. */
    noProgram: (name: string, tool: string) =>
      `Usher does not find the program of ${name}. Try it in a terminal: usher tools try ${tool}`,
  },
  disconnected: {
    title: (name: string) => `${name} is disconnected.`,
    outcome,
    kept,
    pass: "Its pass is revoked.",
    passes: "Their passes are revoked.",
    close: "Close",
  },
  restore: {
    open: "Disconnect all",
    title: "Disconnect all tools?",
    point: (name: string, paths: readonly string[]) =>
      `${name}: ${paths.join(", ")} ${paths.length === 1 ? "gets its" : "get their"} earlier lines back.`,
    /** Of a tool whose files are not known. */
    pointWithoutFiles: (name: string) => `${name} is disconnected.`,
    kept: "Lines that you or another program changed since stay, and are named. The passes of these tools are revoked.",
    act: "Disconnect all",
    busy: "Disconnecting",
    failed: "Not all tools were disconnected.",
    done: "All tools are disconnected.",
  },
  off: {
    title: "The gateway is off.",
    text: "Connected tools cannot use Usher until you turn it on.",
    turnOn: "Turn on",
    turnedOn: "The gateway is on.",
  },
  empty: {
    title: "No tools found",
    text: "Install Codex CLI, Claude Code, opencode, pi or aider, then choose Look again. Scripts can use the lines below.",
  },
  scripts: {
    title: "Scripts",
    shell: "Shell",
    posix: "bash, zsh",
    fish: "fish",
    powershell: "PowerShell",
    copy: "Copy",
    lines: (shell: string) => `Lines for ${shell}`,
  },
};
