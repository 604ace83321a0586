// Texts of the gateway, its passes and requests, loaded with its panel.

import type {
  FailureView,
  GatewayStatus,
  PassUse,
  PassView,
  PayerView,
  RequestStatus,
  RequestView,
} from "../../ipc/bindings";
import { failures } from "../errors/errors";
import * as f from "../format";
import { requestFailures } from "./requestFailures";

const clockSeconds = new Intl.DateTimeFormat(f.locale, {
  hour: f.hour,
  minute: "2-digit",
  second: "2-digit",
  hourCycle: f.hourCycle,
});

/** Formats "Just now", "2 minutes ago", "Today, 14:02", "Yesterday", "3 November". */
function lastUsed(now: number, unix: number | null): string {
  if (unix === null) return "Never";
  const minutes = Math.floor((now - unix) / 60);
  if (minutes < 1) return "Just now";
  if (minutes < 60) return f.minutesAgo(minutes);
  const days = f.daysFrom(now, unix);
  if (days === 0) return `Today, ${f.clock(unix)}`;
  return days === -1 ? "Yesterday" : f.dayOnly(unix);
}

function duration(ms: number): string {
  if (ms < 100) return `${f.count(ms)} ms`;
  return ms < 60_000 ? `${f.seconds(ms)} s` : `${f.countdown(ms / 1000)} min`;
}

const whose = (pass: PassView) => (pass.account ? ` for ${pass.account_name ?? "a removed account"}` : "");

/** Formats provider, account and model, for example "OpenAI, GPT-6.2-Sol". */
function scopeOf(pass: PassView, names: ReadonlyMap<string, string>): string {
  const any = pass.pay_per_token ? "Any provider" : "Any plan";
  const provider = pass.provider ? (names.get(pass.provider) ?? pass.provider) : any;
  return `${provider}${whose(pass)}, ${pass.model_name ?? "all models"}`;
}

/** Formats the scope with project, token access and expiry. */
function mayUse(pass: PassView, names: ReadonlyMap<string, string>, now: number): string {
  const { project, folder, token, expires_at: end } = pass;
  const parts = [scopeOf(pass, names)];
  if (project) parts.push(`project ${project}`);
  if (folder) parts.push(`only in ${folder}`);
  if (token) parts.push("can get the access token");
  if (pass.budget !== null) parts.push(`${f.count(pass.budget)} tokens`);
  if (pass.run) parts.push("until its program ends");
  if (end !== null) parts.push(end <= now ? `expired ${f.dayOnly(end)}` : `until ${f.dayOnly(end)}`);
  return parts.join(", ");
}

type Elsewhere = GatewayStatus & { at: "elsewhere" };

const statuses: Record<RequestStatus, string> = {
  answering: "Answering",
  done: "Done",
  stopped: "Stopped",
  not_in_pass: "Not allowed by pass",
  limit_reached: "Limit reached",
  failed: "Failed",
};

/** Formats why a request was not answered and what to do; null where that needs no explanation. */
function whyOf({ pass, status, code }: Pick<RequestView, "pass" | "status" | "code">): string | null {
  if (status === "not_in_pass") return "The pass does not allow this provider. Create a pass that does.";
  if (code === null) return null;
  return pass
    ? requestFailures[code]
    : "The pass is unknown or was revoked. Copy a current one into the tool.";
}

/** Formats the value of `x-usher-paid-by`. */
function payerKind(paidBy: string): string {
  if (paidBy === "plan") return "Your plan";
  return paidBy === "key" ? "Billed per token" : "The service’s terms";
}

export const gateway = {
  title: "Gateway",
  listening: "Listening on",
  copyAddress: "Copy address",
  offLead: "Off. Your tools cannot use Usher.",
  notRunning: "Not running.",
  loading: "Checking the gateway",
  on: "On",
  off: "Off",
  note: "The address your tools send requests to. Only programs on this computer with a pass can use it.",
  intro: "Let Claude Code, Codex and scripts use your plan. They get a pass; your sign-in stays here.",
  introPass:
    "The gateway is an address on this computer. Only programs on this computer with a pass can use it.",
  turnOn: "Turn on",
  switchedOn: (address: string) => `The gateway is on. It listens on ${address}.`,
  switchedOff: "The gateway is off.",
  elsewhere: ({ by, process }: Elsewhere) => ({
    title:
      by === "app"
        ? `Another Usher window runs the gateway (process ${process}).`
        : `The gateway is run by usher ${by === "command" ? "serve" : by} (process ${process}).`,
    text:
      by === "run"
        ? "It ends with the program that it was started for. Passes work with it."
        : "Stop it there to run the gateway in this window. Passes work with both.",
  }),
  failed: (failure: FailureView, port: number) =>
    failure.code === "port_busy"
      ? {
          title: `Port ${port} is in use.`,
          text: "The gateway was switched off. Stop the program that uses the port, or choose another port here and in your tools.",
        }
      : { title: failures[failure.code].title, text: failures[failure.code].next },

  port: {
    label: "Port",
    change: "Change port",
    save: "Save port",
    use: "Use this port",
    hint: "Then change it in your tools, too.",
    invalid: "Enter a number from 1 to 65535.",
    taken: (port: number, cause: string) => `Port ${port} is in use: ${cause}. Choose another port.`,
    saved: (port: number) => `The gateway uses port ${port}.`,
  },
  closing: {
    title: "Close Usher and stop the gateway?",
    stops: (names: readonly string[]) => {
      if (names.length === 0) return "The gateway is on. Closing Usher stops it.";
      const most = 3;
      const further = names.length - most;
      const some = further > 1 ? [...names.slice(0, most), `${further} more`] : names;
      return `The gateway is on. Closing Usher stops it for: ${some.join(", ")}.`;
    },
    keep: "Keep open",
    close: "Close",
  },

  tools: {
    title: "Tools use",
    about:
      "For new passes, and for passes for any provider. Every other pass keeps the provider and account that it was made for.",
    now: ({ provider, account }: PassUse & { kind: "uses" }, model: string | null) =>
      [provider, account, model].filter((part) => part !== null).join(", "),
    nothing: "Nothing. Choose what tools use.",
    /** While the account in use is one of plan usage. */
    onlyUsher: (name: string) =>
      `Passes can’t use ${name}: OpenAI allows this sign-in for Usher’s own requests only. Choose another account, or sign in with OpenAI.`,
    choose: "Choose",
    paidBy: payerKind,
    question: (label: string) => `Let tools use ${label}?`,
    act: "Use it",
    done: (label: string) => `Tools use ${label}`,
  },

  passes: "Passes",
  newPass: "New pass",
  noPasses: "No passes yet. A pass lets one program use the gateway. Create one for each program.",
  name: "Name",
  mayUse: "May use",
  created: "Created",
  lastUsed: "Last used",
  action: "Action",
  revoke: "Revoke",
  revokeOf: (name: string) => `Revoke ${name}`,
  dayOf: f.dayOnly,
  used: lastUsed,
  allowed: mayUse,

  requests: "Requests",
  counts: "Usher never stores or shows prompts or answers.",
  time: "Time",
  tool: "Tool",
  model: "Model",
  paidBy: "Paid by",
  payer: ({ provider, account }: PayerView) => account ?? provider,
  payerDetails: (payer: PayerView) => {
    const { provider, provider_id, account_id, account, paid_by } = payer;
    const who = account === null ? provider : `${provider}, ${account}`;
    return `Paid by ${who}. Response headers: x-usher-account: ${account_id ?? provider_id}, x-usher-paid-by: ${paid_by}.`;
  },
  showPayer: (payer: PayerView) => `Paid by ${payer.account ?? payer.provider}, details`,
  tokensIn: "Tokens in",
  out: "Out",
  took: "Took",
  status: "Status",
  none: "–",
  unknown: "Not known",
  unknownPass: "Unknown pass",
  whyOf,
  newRequests: (count: number) => `${f.count(count)} new. Shown when you leave the list.`,
  noRequests: "No requests yet. They appear here as they arrive.",
  requestsOff: "No requests while the gateway is off. Switch it on so that your tools can use it.",
  requestsNotRunning: "No requests while the gateway is not running.",
  requestsElsewhere: "Requests are only listed when this window runs the gateway.",
  clockOf: (unix: number) => clockSeconds.format(new Date(unix * 1000)),
  count: f.count,
  duration,
  statuses,

  form: {
    namePlaceholder: "For example, the script it is for",
    provider: "Provider",
    /** After an account that passes cannot use. */
    onlyUsher: " (for Usher only)",
    anyProvider: "Any provider, whichever is in use",
    payPerToken: "May also use API keys that are billed per token",
    payPerTokenAbout: "Otherwise requests are refused when no plan is connected.",
    models: "Models",
    allModels: "All models of this provider",
    anyModel: "All models",
    folder: "Only in this folder",
    more: "More",
    folderAbout: "The whole path. Requests of programs that run elsewhere are refused.",
    expires: "Expires",
    never: "Never",
    days: (days: number) => f.plural(days, { one: "In # day", other: "In # days" }),
    create: "Create pass",
    creating: "Creating",
    taken: "A pass with this name already exists. Choose another name.",
    needsName: "Enter a name of up to 60 characters.",
  },
  made: {
    title: (name: string) => `Copy the pass “${name}” now`,
    once: "You won’t see it here again. To print it:",
    /** The command, quoted for a shell. */
    command: (name: string) =>
      `usher pass print ${/^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`}`,
    pass: "Pass",
    copy: "Copy",
    works: (pass: PassView, names: ReadonlyMap<string, string>) =>
      `Works on this computer, for ${scopeOf(pass, names).replace(/^Any/, "any")}.`,
    done: "Done",
  },
  setup: {
    title: "Connect a program",
    tabs: {
      claude: { label: "Claude Code", where: "Run these lines in a terminal, then claude." },
      codex: {
        label: "Codex",
        where: "For ~/.codex/config.toml: the first line at its top, the rest at its end.",
      },
      shell: { label: "Shell", where: "For programs that use the OpenAI or the Anthropic API." },
      python: { label: "Python", where: "A script that uses the openai package." },
    },
    copy: "Copy lines",
    lines: (tool: string) => `Lines for ${tool}`,
    tryIt: "Try it",
    trying: "Trying",
    off: "The gateway is off. Switch it on before you use this pass.",
    waiting: "No request with this pass yet. Try it sends one short request.",
    failed: "Could not send the request.",
    outcome: (row: Pick<RequestView, "pass" | "status" | "code" | "model">) => {
      if (row.status === "answering") return "A request with this pass is being answered.";
      if (row.status === "done") return `It works: a request to ${row.model} was answered.`;
      return whyOf(row) ?? "The program ended the request.";
    },
  },
  revoking: {
    title: (name: string) => `Revoke the pass “${name}”?`,
    what: (name: string) =>
      `${name} is locked out at once; a running answer is cut off. This cannot be undone, but you can create a new pass for it.`,
    busy: "Revoking",
    failed: "Could not revoke the pass.",
    done: (name: string) => `The pass ${name} was revoked.`,
  },
};
