// Texts of Preferences, loaded with its panel.

import * as m from "#messages";

import type { HomeFileKind, Language, NameHolder, Verdict } from "../../ipc/bindings";
import * as f from "../format";
import { sentence } from "../sentence";

const checkNames: Record<string, string> = {
  port_1455: m.diagnostics_check_port_1455(),
  port_1457: m.diagnostics_check_port_1457(),
  session: m.diagnostics_check_session(),
  environment: m.diagnostics_check_environment(),
  codex: "Codex CLI",
  settings: m.diagnostics_check_settings(),
  store: m.diagnostics_check_store(),
  keys: m.diagnostics_check_keys(),
  state: m.diagnostics_check_state(),
  hosts: m.diagnostics_check_hosts(),
  proxy: m.diagnostics_check_proxy(),
  certificates: m.diagnostics_check_certificates(),
  clock: m.diagnostics_check_clock(),
};

const hostOf = (provider: string) => m.preferences_host_of({ provider });

/** Each in itself. */
export const languageNames: Record<Language, string> = {
  en: "English",
  de: "Deutsch",
  fr: "Français",
  es: "Español",
  ja: "日本語",
  "zh-Hans": "简体中文",
};

export const preferences = {
  title: m.preferences_title(),
  appearance: m.preferences_appearance(),
  appearances: {
    system: m.preferences_appearances_system(),
    light: m.preferences_appearances_light(),
    dark: m.preferences_appearances_dark(),
  },
  language: m.preferences_language(),
  languageOfSystem: m.preferences_language_of_system(),
  staying: m.preferences_staying(),
  keepRunning: m.preferences_keep_running(),
  keepRunningAbout: (chosen: boolean | null) => {
    if (chosen === null) return m.preferences_keep_running_asks();
    return chosen ? m.preferences_keep_running_about() : m.preferences_keep_running_stops();
  },
  startAtLogin: m.preferences_start_at_login(),
  startAtLoginAbout: m.preferences_start_at_login_about(),
  lockWithScreen: m.preferences_lock_with_screen(),
  lockWithScreenAbout: m.preferences_lock_with_screen_about(),
  notifications: m.preferences_notifications(),
  accounts: m.preferences_accounts(),
  renewUnused: m.preferences_renew_unused(),
  renewUnusedAbout: m.preferences_renew_unused_about(),
  notifyLimits: m.preferences_notify_limits(),
  notifyLimitsAbout: m.preferences_notify_limits_about(),
  notChanged: (title: string, cause: string) => f.sentences(title, sentence(cause)),
  network: m.preferences_network(),
  proxyChoice: m.preferences_proxy_choice(),
  proxySystem: m.preferences_proxy_system(),
  proxyNone: m.preferences_proxy_none(),
  proxyAddress: m.preferences_proxy_address(),
  proxyField: m.preferences_proxy_field(),
  proxyAbout: (example: string) => m.preferences_proxy_about({ example }),
  proxyPassword: m.preferences_proxy_password(),
  proxyPasswordAbout: m.preferences_proxy_password_about(),
  proxyPasswordSaved: m.preferences_proxy_password_saved(),
  proxyShow: m.preferences_proxy_show(),
  proxyEnvironment: (names: readonly string[]) => m.preferences_proxy_environment({ names: f.list(names) }),
  noProxy: m.preferences_no_proxy(),
  noProxyAbout: m.preferences_no_proxy_about(),
  networkSave: m.preferences_network_save(),
  networkSaved: m.preferences_network_saved(),
  ca: (file: string | null) => (file === null ? m.preferences_ca_none() : m.preferences_ca({ file })),
  caChoose: m.preferences_ca_choose(),
  caRemove: m.preferences_ca_remove(),
  caEnvironment: (file: string) => m.preferences_ca_environment({ file }),
  checkNetwork: m.preferences_check_network(),
  counts: m.preferences_counts(),
  countsDays: (count: number) => (count === 0 ? m.preferences_counts_none() : m.activity_days({ count })),
  countsAbout: m.preferences_counts_about(),
  countsDeleteTitle: m.preferences_counts_delete_title(),
  countsDelete: (count: number) =>
    count === 0 ? m.preferences_counts_delete_all() : m.preferences_counts_delete_text({ count }),
  countsDeleteLabels: {
    act: m.preferences_counts_delete_act(),
    busy: m.preferences_counts_deleting(),
    failed: m.preferences_counts_failed(),
  },
  privacy: m.preferences_privacy(),
  hide: m.preferences_hide(),
  hideAbout: m.preferences_hide_about(),
  transfer: m.preferences_transfer(),
  exportSettings: m.preferences_export_settings(),
  importSettings: m.preferences_import_settings(),
  reset: m.preferences_reset(),
  transferAbout: m.preferences_transfer_about(),
  importTitle: m.preferences_import_title(),
  importSummary: (same: number, left: number) =>
    m.preferences_import_summary({ same: f.count(same), left: f.count(left) }),
  importChanges: m.preferences_import_changes(),
  importOld: (value: string) => m.preferences_import_old({ value }),
  importNew: m.preferences_import_new(),
  importUnused: m.preferences_import_unused(),
  importNothing: m.preferences_import_nothing(),
  importLabels: {
    act: m.preferences_import_act(),
    busy: m.preferences_importing(),
    failed: m.preferences_import_failed(),
  },
  imported: m.preferences_imported(),
  resetTitle: m.preferences_reset_title(),
  resetPoints: [
    m.preferences_reset_defaults(),
    m.preferences_reset_gateway(),
    m.preferences_reset_stays(),
  ] as const,
  resetDisconnect: m.preferences_reset_disconnect(),
  resetLabels: {
    act: m.preferences_reset_act(),
    busy: m.preferences_resetting(),
    failed: m.preferences_reset_failed(),
  },
  resetDone: m.preferences_reset_done(),
  resetNone: m.preferences_reset_none(),
  undo: m.preferences_undo(),
  undone: m.preferences_undone(),
  files: m.preferences_files(),
  fileKinds: {
    settings: m.preferences_files_settings(),
    sign_ins: m.preferences_files_sign_ins(),
    cache: m.preferences_files_cache(),
    logs: m.preferences_files_logs(),
  } satisfies Record<HomeFileKind, string>,
  fileMissing: m.preferences_files_missing(),
  open: m.preferences_open(),
  openOf: (what: string) => m.preferences_open_of({ what }),
  copyPathOf: (what: string) => m.preferences_copy_path_of({ what }),
  fileNotOpened: m.preferences_file_not_opened(),
  openFile: m.preferences_open_file(),
  broken: (error: string, lastValid: boolean) => ({
    title: m.preferences_broken_title(),
    text: f.sentences(
      sentence(error),
      lastValid ? m.preferences_broken_goes_on() : m.preferences_broken_stops(),
    ),
  }),
  nameHolder: (holder: NameHolder) =>
    holder.is_usher
      ? {
          title: m.preferences_name_usher_title(),
          text: m.preferences_name_usher_text(),
        }
      : {
          title: m.preferences_name_other_title(),
          text: m.preferences_name_other_text(),
        },
  holderProcess: ({ program, process }: NameHolder) =>
    f.list(
      [program, process === null ? null : m.preferences_holder_process({ process })].filter(
        (part) => part !== null,
      ),
    ),
  hosts: m.preferences_hosts(),
  hostsAbout: m.preferences_hosts_about(),
  diagnostics: m.preferences_diagnostics(),
  run: m.preferences_run(),
  again: m.preferences_again(),
  running: m.preferences_running(),
  checks: m.preferences_checks(),
  about: m.preferences_about(),
  good: m.preferences_good(),
  /** Formats "11 fine, 3 notes, 1 needs attention". */
  summary: (good: number, notes: number, bad: number) =>
    f.list(
      [
        m.preferences_summary_fine({ count: good }),
        notes > 0 ? m.preferences_summary_notes({ count: notes }) : "",
        bad > 0 ? m.preferences_summary_bad({ count: bad }) : "",
      ].filter((part) => part !== ""),
    ),
  showGood: (good: number) => m.preferences_show_good({ count: good }),
  checkName: (check: string) => checkNames[check] ?? hostOf(check.replace(/^host /, "")),
  hostOf,
  /** Makes a sentence of what was found, without the marks and flags of the command line. */
  found: (found: string) => sentence(found.replace(/ \(`[^)]*`\)/g, "").replaceAll("`", "")),
  verdicts: {
    good: m.preferences_verdicts_good(),
    note: m.preferences_verdicts_note(),
    bad: m.preferences_verdicts_bad(),
  } satisfies Record<Verdict, string>,
  done: (bad: number) => (bad === 0 ? m.preferences_done_good() : m.preferences_done_bad({ count: bad })),
  export: m.preferences_export(),
  exporting: m.preferences_exporting(),
  exportAbout: m.preferences_export_about(),
  exported: m.preferences_exported(),
  show: m.preferences_show(),
  notShown: m.preferences_not_shown(),
  exportedAnnounced: m.preferences_exported_announced(),
  help: m.preferences_help(),
  wordsTitle: m.preferences_words_title(),
  words: [
    [m.preferences_words_chatgpt_plan(), m.preferences_words_chatgpt_plan_text()],
    [m.preferences_words_api_key(), m.preferences_words_api_key_text()],
    [m.preferences_words_access_token(), m.preferences_words_access_token_text()],
    [m.preferences_words_code(), m.preferences_words_code_text()],
    [m.preferences_words_account(), m.preferences_words_account_text()],
    [m.preferences_words_gateway(), m.preferences_words_gateway_text()],
    [m.preferences_words_pass(), m.preferences_words_pass_text()],
    [m.preferences_words_workspace(), m.preferences_words_workspace_text()],
    [m.preferences_words_provider(), m.preferences_words_provider_text()],
  ] satisfies [string, string][],
  version: m.preferences_version(),
  usher: (version: string) => `Usher ${version}`,
  notOpenai: m.preferences_not_openai(),
};
