// Texts of what was counted of requests, loaded with their panel.

import * as m from "#messages";

import type { ActivityCounts, ActivityErrors, ActivityGroup } from "../../ipc/bindings";
import { failures } from "../errors/errors";
import * as f from "../format";
import { usage } from "../usage";
import { gateway } from "./gateway";

/** What the table can be by. */
export const groupKinds = ["tool", "model", "account", "payer"] as const;

export type GroupKind = (typeof groupKinds)[number];

const percentTenth = f.numbers({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** Returns the time of noon of a day such as 2026-11-29, which the core has without a time. */
export const noonOf = (date: string): number => new Date(`${date}T12:00:00`).getTime() / 1000;

const day = (text: string) => f.dayOnly(noonOf(text));

/** Formats the chart in words: its period, its range and its highest bar. */
function chart(days: readonly string[], values: readonly number[]): string {
  const most = Math.max(0, ...values);
  const [from, to, busiest] = [days[0], days.at(-1), days[values.indexOf(most)]].map((one) => day(one ?? ""));
  return m.activity_chart({
    from: from ?? "",
    to: to ?? "",
    least: f.count(Math.min(most, ...values)),
    most: f.count(most),
    busiest: busiest ?? "",
  });
}

const seconds = (ms: number) => m.duration_s({ seconds: f.seconds(ms) });

/** The longest window is the one that people run out of. */
function windowShare({ window_share: shares }: ActivityCounts): {
  share: string;
  window: string | undefined;
} {
  const longest = shares.at(-1);
  if (!longest) return { share: "–", window: undefined };
  return {
    share: percentTenth().format(longest.percent / 100),
    window: usage.window(longest.window_seconds),
  };
}

function nameOf({ id, name }: ActivityGroup, kind: GroupKind): string {
  if (kind === "payer") return id === "" ? m.activity_nobody() : gateway.tools.paidBy(id);
  if (id === "") return m.activity_none_chosen();
  return name ?? (kind === "account" ? m.activity_removed() : id);
}

export const activity = {
  title: m.activity_title(),
  about: (count: number | undefined) => (count ? m.activity_about({ count }) : m.activity_about_plain()),
  off: m.activity_off(),
  period: m.activity_period(),
  by: m.activity_by(),
  days: (count: number) => m.activity_days({ count }),
  day,
  today: m.activity_today(),
  count: f.count,
  short: f.short,
  requestsPerDay: m.activity_requests_per_day(),
  tokensPerDay: m.activity_tokens_per_day(),
  total: m.activity_total(),
  totalRequests: m.activity_total_requests(),
  totalTokens: m.activity_total_tokens(),
  /** The fewest and most on one day. */
  range: (values: readonly number[]) =>
    m.activity_range({ least: f.count(Math.min(...values)), most: f.count(Math.max(...values)) }),
  cached: m.activity_cached(),
  share: m.activity_share(),
  firstWord: m.activity_first_word(),
  kinds: {
    tool: m.activity_tool(),
    model: m.activity_model(),
    account: m.activity_account(),
    payer: m.gateway_paid_by(),
  },
  byKind: {
    tool: m.activity_by_tool(),
    model: m.activity_by_model(),
    account: m.activity_by_account(),
    payer: m.activity_by_payer(),
  },
  chart,
  sum: (requests: number, days: number) => m.activity_sum({ count: requests, days: f.count(days) }),
  summary: (requests: number, days: number, busiest: { day: string; requests: number }) =>
    f.sentences(
      m.activity_sum({ count: requests, days: f.count(days) }),
      m.activity_busiest({
        day: f.weekdayAndDay(noonOf(busiest.day)),
        requests: f.count(busiest.requests),
      }),
    ),
  nameOf,
  cacheShare: ({ cache_share: share }: ActivityCounts) => (share === null ? "–" : f.percentOf(share * 100)),
  windowShare,
  median: ({ first_word_median_ms: ms }: ActivityCounts) => (ms === null ? "–" : seconds(ms)),
  slowest: ({ first_word_p95_ms: ms }: ActivityCounts) => (ms === null ? "" : `(${seconds(ms)})`),
  legend: m.activity_legend(),
  failed: (count: number) => m.activity_failed({ count }),
  error: ({ code, requests }: ActivityErrors) => {
    const known = Object.hasOwn(failures, code) ? failures[code as keyof typeof failures].title : code;
    return m.activity_error({ count: requests, why: known });
  },
  exportCsv: m.activity_export_csv(),
  exportJson: m.activity_export_json(),
  savedAs: m.activity_saved_as(),
  saved: (file: string) => m.activity_saved({ file }),
  clear: m.activity_clear(),
  clearing: {
    title: m.activity_clear_title(),
    points: [m.activity_clear_what()],
    labels: { act: m.activity_clear_act(), busy: m.activity_clear_busy(), failed: m.activity_clear_failed() },
  },
  cleared: m.activity_cleared(),
  empty: m.activity_empty(),
  emptyAbout: m.activity_empty_about(),
  noneIn: (days: number) => m.activity_none_in_period({ days: f.count(days) }),
  connect: m.activity_connect(),
  loading: m.activity_loading(),
};
