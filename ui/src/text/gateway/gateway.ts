// Texts of the gateway, its passes and requests, loaded with its panel.

import * as m from "#messages";

import type {
  FailureView,
  GatewayStatus,
  PassUse,
  PassView,
  PayerView,
  RequestStatus,
  RequestView,
  Role,
} from "../../ipc/bindings";
import { failures } from "../errors/errors";
import * as f from "../format";
import { capital } from "../sentence";
import { requestFailures } from "./requestFailures";
import { roles as roleTexts } from "../providers/roles";

const withSeconds = f.dates(() => ({ ...f.hours(), minute: "2-digit", second: "2-digit" }));

/** Formats "Just now", "2 minutes ago", "Today, 14:02", "Yesterday", "3 November". */
function lastUsed(now: number, unix: number | null): string {
  if (unix === null) return m.gateway_last_used_never();
  const minutes = Math.floor((now - unix) / 60);
  if (minutes < 1) return m.gateway_last_used_just_now();
  if (minutes < 60) return capital(f.minutesAgo(minutes));
  const days = f.daysFrom(now, unix);
  if (days === 0) return m.gateway_last_used_today({ time: f.clock(unix) });
  return days === -1 ? m.gateway_last_used_yesterday() : f.dayOnly(unix);
}

function duration(ms: number): string {
  if (ms < 100) return m.gateway_duration_ms({ ms: f.count(ms) });
  return ms < 60_000
    ? m.gateway_duration_s({ seconds: f.seconds(ms) })
    : m.gateway_duration_min({ time: f.countdown(ms / 1000) });
}

/** What a pass for any provider may use, at the beginning of a text. */
const anyProvider = (pass: PassView) =>
  pass.pay_per_token ? m.gateway_scope_any_provider() : m.gateway_scope_any_plan();

/** The same within a sentence. */
const anyInline = (pass: PassView) =>
  pass.pay_per_token ? m.gateway_scope_inline_any_provider() : m.gateway_scope_inline_any_plan();

/** Formats provider, account and model, for example "OpenAI, GPT-6.2-Sol". */
function scopeOf(pass: PassView, names: ReadonlyMap<string, string>, any = anyProvider(pass)): string {
  const provider = pass.provider ? (names.get(pass.provider) ?? pass.provider) : any;
  const account = pass.account_name ?? m.gateway_scope_removed_account();
  return f.list([
    pass.account ? m.list_with_brackets({ text: provider, more: account }) : provider,
    pass.model_name ?? m.gateway_scope_all_models(),
  ]);
}

/** Formats the scope with project, token access and expiry. */
function mayUse(pass: PassView, names: ReadonlyMap<string, string>, now: number): string {
  const { project, folder, token, expires_at: end } = pass;
  const parts = [scopeOf(pass, names)];
  if (project) parts.push(m.gateway_may_use_project({ project }));
  if (folder) parts.push(m.gateway_may_use_only_in({ folder }));
  if (token) parts.push(m.gateway_may_use_access_token());
  if (pass.budget !== null) parts.push(m.gateway_may_use_tokens({ budget: f.count(pass.budget) }));
  const { leaves_percent: leaves } = pass;
  if (leaves !== null) parts.push(m.gateway_may_use_leaves({ percent: f.percentOf(leaves) }));
  const roles = Object.keys(pass.roles) as Role[];
  if (roles.length > 0)
    parts.push(m.gateway_may_use_roles({ roles: f.list(roles.map((role) => roleTexts.names[role])) }));
  if (pass.run) parts.push(m.gateway_may_use_run());
  if (end !== null)
    parts.push(
      end <= now
        ? m.gateway_may_use_expired({ day: f.dayOnly(end) })
        : m.gateway_may_use_until({ day: f.dayOnly(end) }),
    );
  return f.list(parts);
}

type Elsewhere = GatewayStatus & { at: "elsewhere" };

const stopThere = m.gateway_elsewhere_text();

const elsewhereTexts: Record<Elsewhere["by"], string> = {
  app: m.gateway_elsewhere_text_background(),
  other_version: m.gateway_elsewhere_text_other_version(),
  run: m.gateway_elsewhere_text_run(),
  command: stopThere,
  settings: stopThere,
};

const statuses: Record<RequestStatus, string> = {
  answering: m.gateway_status_answering(),
  done: m.gateway_status_done(),
  stopped: m.gateway_status_stopped(),
  not_in_pass: m.gateway_status_not_in_pass(),
  limit_reached: m.gateway_status_limit_reached(),
  failed: m.gateway_status_failed(),
};

/** Formats why a request was not answered and what to do; null where that needs no explanation. */
function whyOf({ pass, status, code }: Pick<RequestView, "pass" | "status" | "code">): string | null {
  if (status === "not_in_pass") return m.gateway_why_not_in_pass();
  if (code === null) return null;
  return pass ? requestFailures[code] : m.gateway_why_unknown_pass();
}

/** Formats the value of `x-usher-paid-by`. */
function payerKind(paidBy: string): string {
  if (paidBy === "plan") return m.gateway_payer_your_plan();
  return paidBy === "key" ? m.gateway_payer_billed_per_token() : m.gateway_payer_services_terms();
}

export const gateway = {
  title: m.gateway_title(),
  listening: m.gateway_listening(),
  copyAddress: m.gateway_copy_address(),
  offLead: m.gateway_off_lead(),
  notRunning: m.gateway_not_running(),
  loading: m.gateway_loading(),
  on: m.gateway_on(),
  off: m.gateway_off(),
  note: m.gateway_note(),
  intro: m.gateway_intro(),
  introPass: m.gateway_intro_pass(),
  turnOn: m.gateway_turn_on(),
  switchedOn: (address: string) => m.gateway_switched_on({ address }),
  switchedOff: m.gateway_switched_off(),
  elsewhere: ({ by, process }: Elsewhere) => ({
    title:
      by === "app"
        ? m.gateway_elsewhere_background({ process })
        : by === "other_version"
          ? m.gateway_elsewhere_other_version({ process })
          : m.gateway_elsewhere_program({ program: `usher ${by === "command" ? "serve" : by}`, process }),
    text: elsewhereTexts[by],
  }),
  failed: (failure: FailureView, port: number) =>
    failure.code === "port_busy"
      ? {
          title: m.gateway_failed_title({ port }),
          text: m.gateway_failed_text(),
        }
      : failure.code === "program_missing"
        ? {
            title: m.gateway_program_missing_title(),
            text: m.gateway_program_missing_text(),
          }
        : { title: failures[failure.code].title, text: failures[failure.code].next },

  port: {
    label: m.gateway_port_label(),
    change: m.gateway_port_change(),
    save: m.gateway_port_save(),
    use: m.gateway_port_use(),
    hint: m.gateway_port_hint(),
    invalid: m.gateway_port_invalid(),
    taken: (port: number, cause: string) => m.gateway_port_taken({ port, cause }),
    saved: (port: number) => m.gateway_port_saved({ port }),
  },
  closing: {
    title: m.gateway_closing_title(),
    about: (names: readonly string[]) => {
      if (names.length === 0) return m.gateway_closing_about();
      const most = 3;
      const further = names.length - most;
      const some =
        further > 1
          ? [...names.slice(0, most), m.gateway_closing_further({ further: f.count(further) })]
          : names;
      return m.gateway_closing_about_for({ names: f.list(some) });
    },
    remembered: m.gateway_closing_remembered(),
    keep: m.gateway_closing_keep(),
    stop: m.gateway_closing_stop(),
  },

  tools: {
    title: m.gateway_tools_title(),
    about: m.gateway_tools_about(),
    now: ({ provider, account }: PassUse & { kind: "uses" }, model: string | null) =>
      f.list([provider, account, model].filter((part) => part !== null)),
    nothing: m.gateway_tools_nothing(),
    /** While the account in use is one of plan usage. */
    onlyUsher: (name: string) => m.gateway_tools_only_usher({ name }),
    choose: m.gateway_tools_choose(),
    paidBy: payerKind,
    question: (label: string) => m.gateway_tools_question({ label }),
    act: m.gateway_tools_act(),
    done: (label: string) => m.gateway_tools_done({ label }),
  },

  locked: {
    title: m.gateway_locked_title(),
    text: (now: number, since: number) => m.gateway_locked_text({ when: lastUsed(now, since) }),
    allow: m.gateway_locked_allow(),
    done: m.gateway_locked_done(),
  },
  stop: {
    label: m.gateway_stop_label(),
    about: m.gateway_stop_about(),
    stopped: m.gateway_stop_stopped(),
    act: m.gateway_stop_act(),
    busy: m.gateway_stop_busy(),
    failed: m.gateway_stop_failed(),
    title: m.gateway_stop_title(),
    points: [m.gateway_stop_refused(), m.gateway_stop_lasts(), m.gateway_stop_kept()],
  },

  passes: m.gateway_passes(),
  newPass: m.gateway_new_pass(),
  noPasses: m.gateway_no_passes(),
  name: m.gateway_name(),
  mayUse: m.gateway_column_may_use(),
  created: m.gateway_created(),
  lastUsed: m.gateway_column_last_used(),
  action: m.gateway_action(),
  revoke: m.gateway_revoke(),
  change: m.gateway_change(),
  changeOf: (name: string) => m.gateway_change_of({ name }),
  changing: {
    title: (name: string) => m.gateway_changing_title({ name }),
    labels: { act: m.gateway_changing_save(), busy: m.gateway_changing_saving() },
    done: (name: string, percent: number | null) =>
      percent === null
        ? m.gateway_changing_leaves_nothing({ name })
        : m.gateway_changing_leaves({ name, percent: f.percentOf(percent) }),
  },
  revokeOf: (name: string) => m.gateway_revoke_of({ name }),
  dayOf: f.dayOnly,
  used: lastUsed,
  allowed: mayUse,

  requests: m.gateway_requests(),
  counts: m.gateway_counts(),
  time: m.gateway_time(),
  tool: m.gateway_tool(),
  model: m.gateway_model(),
  paidBy: m.gateway_paid_by(),
  payer: ({ provider, account }: PayerView) => account ?? provider,
  /** The model with the tier, where one was asked for. */
  modelOf: ({ model, tier }: Pick<RequestView, "model" | "tier">) => {
    if (tier === null) return model;
    return m.gateway_model_tier({ model, tier: tier === "fast" ? roleTexts.tiers.fast : tier });
  },
  tokensIn: m.gateway_tokens_in(),
  out: m.gateway_out(),
  took: m.gateway_took(),
  status: m.gateway_status(),
  none: "–",
  unknown: m.gateway_unknown(),
  unknownPass: m.gateway_unknown_pass(),
  whyOf,
  newRequests: (count: number) => m.gateway_new_requests({ count }),
  noRequests: m.gateway_no_requests(),
  requestsOff: m.gateway_requests_off(),
  requestsNotRunning: m.gateway_requests_not_running(),
  requestsElsewhere: m.gateway_requests_elsewhere(),
  clockOf: (unix: number) => withSeconds().format(f.at(unix)),
  count: f.count,
  duration,
  statuses,

  form: {
    namePlaceholder: m.gateway_form_name_placeholder(),
    provider: m.gateway_form_provider(),
    /** An account that passes cannot use. */
    onlyUsher: (account: string) => m.gateway_form_only_usher({ account }),
    anyProvider: m.gateway_form_any_provider(),
    payPerToken: m.gateway_form_pay_per_token(),
    payPerTokenAbout: m.gateway_form_pay_per_token_about(),
    models: m.gateway_form_models(),
    allModels: m.gateway_form_all_models(),
    anyModel: m.gateway_form_any_model(),
    leaves: m.gateway_form_leaves(),
    leavesNothing: m.gateway_form_leaves_nothing(),
    leavesPercent: (percent: number) => m.gateway_form_leaves_percent({ percent: f.percentOf(percent) }),
    leavesAbout: m.gateway_form_leaves_about(),
    folder: m.gateway_form_folder(),
    more: m.gateway_form_more(),
    folderAbout: m.gateway_form_folder_about(),
    expires: m.gateway_form_expires(),
    never: m.gateway_form_never(),
    days: (days: number) => m.gateway_form_days({ count: days }),
    labels: { act: m.gateway_form_create(), busy: m.gateway_form_creating() },
    taken: m.gateway_form_taken(),
    needsName: m.gateway_form_needs_name(),
  },
  made: {
    title: (name: string) => m.gateway_made_title({ name }),
    once: m.gateway_made_once(),
    /** The command, quoted for a shell. */
    command: (name: string) =>
      `usher pass print ${/^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`}`,
    pass: m.gateway_made_pass(),
    copy: m.gateway_made_copy(),
    works: (pass: PassView, names: ReadonlyMap<string, string>) =>
      m.gateway_made_works({ scope: scopeOf(pass, names, anyInline(pass)) }),
    done: m.gateway_made_done(),
  },
  setup: {
    title: m.gateway_setup_title(),
    tabs: {
      claude: { label: "Claude Code", where: m.gateway_setup_tabs_claude_where() },
      codex: {
        label: "Codex",
        where: m.gateway_setup_tabs_codex_where(),
      },
      shell: { label: m.gateway_setup_tabs_shell_label(), where: m.gateway_setup_tabs_shell_where() },
      python: { label: "Python", where: m.gateway_setup_tabs_python_where() },
    },
    copy: m.gateway_setup_copy(),
    lines: (tool: string) => m.gateway_setup_lines({ tool }),
    tryIt: m.gateway_setup_try_it(),
    trying: m.gateway_setup_trying(),
    off: m.gateway_setup_off(),
    waiting: m.gateway_setup_waiting(),
    failed: m.gateway_setup_failed(),
    outcome: (row: Pick<RequestView, "pass" | "status" | "code" | "model">) => {
      if (row.status === "answering") return m.gateway_setup_outcome_answering();
      if (row.status === "done") return m.gateway_setup_outcome_done({ model: row.model });
      return whyOf(row) ?? m.gateway_setup_outcome_ended();
    },
  },
  revoking: {
    title: (name: string) => m.gateway_revoking_title({ name }),
    what: (name: string) => m.gateway_revoking_what({ name }),
    busy: m.gateway_revoking_busy(),
    failed: m.gateway_revoking_failed(),
    done: (name: string) => m.gateway_revoking_done({ name }),
  },
};
