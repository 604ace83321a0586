// Texts of the first paint. Those with parameters are functions; numbers and dates come from `format.ts`, the sentences
// in each language from `messages/` (see the README there).

import * as m from "#messages";

import type { CredentialPlace, Stage, StageFinding } from "../ipc/bindings";
import { noticeTitle } from "./errors/attentions";
import * as f from "./format";
import { inTime, usage, windowLimit } from "./usage";

const credentialFound: Record<CredentialPlace, string> = {
  keyring: m.test_credential_keyring(),
  file: m.test_credential_file(),
  environment: m.test_credential_environment(),
  codex_cli: m.test_credential_codex_cli(),
  not_needed: m.test_credential_not_needed(),
};

const effortNames: Record<string, string> = {
  none: m.effort_none(),
  minimal: m.effort_minimal(),
  low: m.effort_low(),
  medium: m.effort_medium(),
  high: m.effort_high(),
  xhigh: m.effort_xhigh(),
};

export const effortName = (id: string) => effortNames[id] ?? id.charAt(0).toUpperCase() + id.slice(1);

const duration = (ms: number) =>
  ms < 1000 ? m.duration_ms({ ms: f.count(ms) }) : m.duration_s({ seconds: f.seconds(ms) });

const modelCount = (count: number) => m.models_count({ count });

function refreshed(now: number, unix: number): string {
  const minutes = Math.floor((now - unix) / 60);
  if (minutes < 1) return m.models_refreshed_just_now();
  if (minutes < 60) return m.models_refreshed_ago({ ago: f.minutesAgo(minutes) });
  return m.models_refreshed_at({ day: f.dayNear(now, unix), time: f.clock(unix) });
}

const signedInAs = (who: string | null) =>
  who === null ? m.announce_signed_in() : m.announce_signed_in_as({ who });

export const en = {
  common: {
    skip: m.common_skip(),
    cancel: m.common_cancel(),
    tryAgain: m.common_try_again(),
    close: m.common_close(),
  },

  sidebar: {
    name: "Usher",
    show: m.sidebar_show(),
    hide: m.sidebar_hide(),
    providers: m.sidebar_providers(),
    openai: "OpenAI",
    openaiKey: m.sidebar_openai_key(),
    add: m.sidebar_add(),
    here: m.sidebar_here(),
    gateway: m.sidebar_gateway(),
    activity: m.sidebar_activity(),
    tools: m.sidebar_tools(),
    connectedTools: (count: number) => m.sidebar_connected_tools({ count }),
    on: m.sidebar_on(),
    preferences: m.sidebar_preferences(),
    notSignedIn: m.sidebar_not_signed_in(),
    noKey: m.sidebar_no_key(),
    untested: m.sidebar_untested(),
    environment: m.sidebar_environment(),
    connected: m.sidebar_connected(),
    off: m.sidebar_off(),
    expired: m.sidebar_expired(),
    keyRefused: m.sidebar_key_refused(),
    ended: m.sidebar_ended(),
    limit: m.sidebar_limit(),
    locked: m.sidebar_locked(),
    passphrase: m.sidebar_passphrase(),
    attention: m.sidebar_attention(),
    /** Marks the provider that tools use, where there are several. */
    inUse: m.sidebar_in_use(),
  },

  firstRun: {
    noneInUse: m.first_run_none_in_use(),
    noneInUseText: m.first_run_none_in_use_text(),
    choose: m.first_run_choose(),
    title: m.first_run_title(),
    lead: m.first_run_lead(),
    signIn: m.first_run_sign_in(),
    signInAbout: m.first_run_sign_in_about(),
    planUsageAbout: m.first_run_plan_usage_about(),
    otherMethods: m.first_run_other_methods(),
    code: m.first_run_code(),
    codeAbout: m.first_run_code_about(),
    paste: m.first_run_paste(),
    pasteAbout: m.first_run_paste_about(),
    token: m.first_run_token(),
    tokenAbout: m.first_run_token_about(),
    key: m.first_run_key(),
    keyAbout: m.first_run_key_about(),
    endpoint: m.first_run_endpoint(),
    endpointAbout: m.first_run_endpoint_about(),
    good: m.first_run_good(),
    need: m.first_run_need(),
    plans: m.first_run_plans(),
    password: m.first_run_password(),
    privacy: m.first_run_privacy(),
    experimental: m.first_run_experimental(),
  },

  learnMore: {
    open: m.learn_more_open(),
    title: m.learn_more_title(),
    keyTitle: m.learn_more_key_title(),
  },

  panel: {
    title: "OpenAI",
    label: m.panel_label(),
    about: m.panel_about(),
    aboutPlanUsage: m.panel_about_plan_usage(),
    enabled: m.panel_enabled(),
    signedIn: m.panel_signed_in(),
    signedInNext: m.panel_signed_in_next(),
    connectTools: m.panel_connect_tools(),
    offTitle: m.panel_off_title(),
    off: m.panel_off(),
    offKey: m.panel_off_key(),
    noticeTitle,
    limitTitle: windowLimit,
    limitUntil: (now: number, unix: number) =>
      unix - now < 86_400
        ? m.panel_limit_until_soon({ time: f.clock(unix), remaining: inTime(unix - now) })
        : m.panel_limit_until_later({ day: f.weekdayAndDay(unix), time: f.clock(unix) }),
    limitNoTime: m.panel_limit_no_time(),
    unlocking: m.panel_unlocking(),
    account: m.panel_account(),
    accounts: m.panel_accounts(),
    noEmail: m.panel_no_email(),
    disconnect: m.panel_disconnect(),
    switchAccount: m.panel_switch_account(),
    /** Another account, at a limit of the one in use. */
    room: (name: string, percent: number) => m.panel_room({ name, percent: f.percentOf(percent) }),
    useAccount: (name: string) => m.panel_use_account({ name }),
    /** Tooltip of an account's name, which may be that of another account tomorrow. The id may not. */
    accountId: (id: string) => m.panel_account_id({ id }),
    keyBesideRecords: m.panel_key_beside_records(),
    setAside: (name: string) => m.panel_set_aside({ name }),
  },

  models: {
    heading: m.models_heading(),
    choose: m.models_choose(),
    search: m.models_search(),
    none: m.models_none(),
    context: (tokens: number) => m.models_context({ count: f.short(tokens) }),
    found: (n: number, all: number) => m.models_found({ n: f.count(n), all: f.count(all) }),
    foundAnnounced: (n: number) => (n === 0 ? m.models_found_announced() : modelCount(n)),
    noMatch: m.models_no_match(),
    count: modelCount,
    refreshed,
    loading: m.models_loading(),
    /** In place of a failure that the panel already shows. */
    waiting: {
      key: m.models_waiting_key(),
      address: m.models_waiting_address(),
      sign_in: m.models_waiting_sign_in(),
      other: m.models_waiting_other(),
    },
    refresh: m.models_refresh(),
    refreshing: m.models_refreshing(),
    stale: (who: string, now: number, unix: number) =>
      m.models_stale({ who, day: f.dayNear(now, unix), time: f.clock(unix) }),
    staleRefused: (who: string, now: number, unix: number) =>
      m.models_stale_refused({ who, day: f.dayNear(now, unix), time: f.clock(unix) }),
    staleAnnounced: (who: string, now: number, unix: number) =>
      m.models_stale_announced({ who, day: f.dayNear(now, unix) }),
    checkPlan: m.models_check_plan(),
    effort: m.models_effort(),
    small: m.models_small(),
    chooseSmall: m.models_choose_small(),
    same: m.models_same(),
    smallAbout: m.models_small_about(),
    images: m.models_images(),
    tools: m.models_tools(),
    toolsTogether: m.models_tools_together(),
    oneEffort: (effort: string) => m.models_one_effort({ effort }),
    showAll: m.models_show_all(),
    showText: m.models_show_text(),
    byHand: m.models_by_hand(),
  },

  usage,

  test: {
    heading: m.test_heading(),
    test: m.test_test(),
    again: m.test_again(),
    stop: m.test_stop(),
    stagesLabel: m.test_stages_label(),
    doing: (stage: Stage, model: string | null) =>
      ({
        credential: m.test_doing_credential(),
        token: m.test_doing_token(),
        models: m.test_doing_models(),
        answer: model === null ? m.test_doing_answer() : m.test_doing_answer_of_model({ model }),
      })[stage],
    waitingFor: (stage: Stage, model: string | null) =>
      ({
        credential: m.test_waiting_for_credential(),
        token: m.test_waiting_for_token(),
        models: m.test_waiting_for_models(),
        answer: model === null ? m.test_waiting_for_answer() : m.test_waiting_for_model({ model }),
      })[stage],
    found: (finding: Exclude<StageFinding, { kind: "token" }>): string => {
      switch (finding.kind) {
        case "credential":
          return credentialFound[finding.place];
        case "key":
          return m.test_found_key();
        case "key_untried":
          return m.test_found_key_untried();
        case "no_key":
          return m.test_found_no_key();
        case "models":
          return m.test_found_models({ count: finding.count, model: finding.model });
        case "answer":
          return m.test_found_answer({ model: finding.model, text: finding.text });
      }
    },
    noFinding: m.test_no_finding(),
    notTried: m.test_not_tried(),
    notStarted: m.test_not_started(),
    stopped: m.test_stopped(),
    stoppedStage: m.test_stopped_stage(),
    passed: (now: number, ms: number, unix: number) =>
      ms < 100
        ? m.test_passed_at({ day: f.dayNear(now, unix), time: f.clock(unix) })
        : m.test_passed_in({ duration: duration(ms), day: f.dayNear(now, unix), time: f.clock(unix) }),
    failedAt: (stage: string) => m.test_failed_at({ stage }),
    /** In place of a failure that the notice above the rows already shows. */
    seeAbove: m.test_see_above(),
    /** Steps that take no time to speak of have none. */
    time: (ms: number) => (ms < 100 ? "" : duration(ms)),
    stagePassed: (stage: string) => m.test_stage_passed({ stage }),
    passedAnnounced: (ms: number) =>
      ms < 100 ? m.test_passed_announced() : m.test_passed_in_announced({ seconds: f.seconds(ms) }),
    failedAnnounced: (stage: string, title: string) => m.test_failed_announced({ stage, title }),
    stoppedAnnounced: m.test_stopped_announced(),
    troubleshooting: m.test_troubleshooting(),
  },

  announce: {
    renamed: (name: string) => m.announce_renamed({ name }),
    signedIn: signedInAs,
    signedInWith: (who: string | null, n: number) => f.sentences(signedInAs(who), modelCount(n)),
    failure: (title: string, next: string) => f.sentences(f.ended(title), next),
  },
};

export type Messages = typeof en;
