// Texts of Preferences, loaded with its panel.

import * as m from "#messages";

import type { Language, NameHolder, Verdict } from "../../ipc/bindings";
import * as f from "../format";
import { sentence } from "./sentence";

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
  notifyLimits: m.preferences_notify_limits(),
  notifyLimitsAbout: m.preferences_notify_limits_about(),
  notChanged: (title: string, cause: string) => f.sentences(title, sentence(cause)),
  settingsFile: m.preferences_settings_file(),
  openFile: m.preferences_open_file(),
  copyPath: m.preferences_copy_path(),
  notOpened: m.preferences_not_opened(),
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
