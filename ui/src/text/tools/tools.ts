// Texts of the tools of this computer, loaded with their panel.

import * as m from "#messages";

import type {
  ToolTrialView,
  ToolConflictView,
  ToolFileOutcome,
  ToolFileView,
  ToolPreview,
  ToolView,
} from "../../ipc/bindings";
import * as f from "../format";

/** Formats "just now", "12 seconds ago", "2 minutes ago", "today at 14:02", "on 3 November". */
function usedAt(now: number, unix: number): string {
  const seconds = Math.floor(now - unix);
  if (seconds < 5) return m.tools_used_just_now();
  if (seconds < 60) return f.secondsAgo(seconds);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return f.minutesAgo(minutes);
  const days = f.daysFrom(now, unix);
  if (days === 0 || days === -1) return m.tools_used_at({ day: f.dayNear(now, unix), time: f.clock(unix) });
  return m.tools_used_on({ day: f.dayOnly(unix) });
}

/** Formats whether a tool is connected and when it last sent a request. */
function stateOf({ automatic, own_sign_in: own, connection }: ToolView, now: number): string {
  if (connection?.served_by) return m.tools_state_connected_through({ servedBy: connection.served_by });
  if (connection?.suspended) return m.tools_state_suspended();
  if (connection?.interrupted) return m.tools_state_interrupted();
  if (connection) {
    const { at, last_used_at: used } = connection;
    if (used !== null) return m.tools_state_connected_used({ when: usedAt(now, used) });
    return now - at < 60 ? m.tools_state_connected_just_now() : m.tools_state_connected_unused();
  }
  const state = automatic ? m.tools_state_not_connected() : m.tools_state_by_hand();
  return own ? f.sentences(f.ended(state), m.tools_state_own_sign_in()) : state;
}

/** The tools that have "Continue with ChatGPT" themselves (siwc §19). */
const withPlanUse: ReadonlySet<string> = new Set(["pi"]);

/** Formats that a tool needs no connection for one of OpenAI's sign-ins, if that is so. */
function ownPlanUse({ id, name }: ToolView): string | null {
  return withPlanUse.has(id) ? m.tools_own_plan_use({ name }) : null;
}

/** What happens to lines: with the word for them, and without it. */
const lineCounts = {
  added: (count: number) => m.tools_lines_added({ count }),
  changed: (count: number) => m.tools_lines_changed({ count }),
  removed: (count: number) => m.tools_lines_removed({ count }),
};
const furtherCounts = {
  added: (count: number) => m.tools_lines_further_added({ count }),
  changed: (count: number) => m.tools_lines_further_changed({ count }),
  removed: (count: number) => m.tools_lines_further_removed({ count }),
};

/** Formats "5 lines added, 1 changed"; the first part names the lines. */
function counts(lines: Record<keyof typeof lineCounts, number>): string {
  const parts = (["added", "changed", "removed"] as const).filter((what) => lines[what] > 0);
  if (parts.length === 0) return m.tools_lines_none();
  return f.list(parts.map((what, index) => (index === 0 ? lineCounts : furtherCounts)[what](lines[what])));
}

/** Says what conflicts with connecting a tool, and what to do. */
function conflict({ kind, subject, detail }: ToolConflictView, name: string): string {
  switch (kind) {
    case "variable":
      return m.tools_conflict_variable({ subject, name });
    case "key":
      return m.tools_conflict_key({ detail, subject });
    case "project":
      return m.tools_conflict_project({ detail, subject, name });
    case "managed":
      return m.tools_conflict_managed({ detail, subject, name });
    case "sign_in":
      return m.tools_conflict_sign_in({ detail, subject, name });
    case "comments":
      return m.tools_conflict_comments({ detail, subject, name });
    case "switcher":
      return m.tools_conflict_switcher({ subject, detail, name });
    case "version":
      return m.tools_conflict_version({ name, subject, detail });
    case "older_file":
      return m.tools_conflict_older_file({ name, subject, detail });
    case "loop":
      return m.tools_conflict_loop({ subject, detail });
    case "shared":
      return m.tools_conflict_shared({ subject, detail, name });
    case "served":
      return m.tools_conflict_served({ subject, detail, name });
  }
}

/** Says how the smallest command of a tool ended, and what to do. */
function tried(trial: ToolTrialView, name: string): string {
  const last = trial.last_line === null ? "" : m.tools_tried_last_line({ lastLine: trial.last_line });
  switch (trial.outcome) {
    case "answered":
      return m.tools_tried_answered({ name, seconds: f.seconds(trial.took_ms) });
    case "failed":
      return f.sentences(m.tools_tried_failed({ name }), last);
    case "bypassed":
      return m.tools_tried_bypassed({ name });
    case "timed_out":
      return f.sentences(m.tools_tried_timed_out({ name, command: trial.command }), last);
  }
}

/** Says what became of a file. */
function outcome({ path, changed, exact, removed }: ToolFileOutcome): string {
  if (removed) return m.tools_outcome_removed({ path });
  if (!changed) return m.tools_outcome_unchanged({ path });
  return exact ? m.tools_outcome_exact({ path }) : m.tools_outcome_lines({ path });
}

/** Says which keys stay; null if there are none. */
const kept = ({ kept: keys, path }: ToolFileOutcome) =>
  keys.length > 0 ? m.tools_kept({ path, keys: f.list(keys) }) : null;

export const tools = {
  title: m.tools_title(),
  loading: m.tools_loading(),
  lead: (found: number) => (found > 0 ? m.tools_lead_found({ count: found }) : m.tools_lead_none()),
  lookAgain: m.tools_look_again(),
  looked: (found: number) => m.tools_looked({ count: found }),
  list: m.tools_list(),
  absent: (names: readonly string[]) => m.tools_absent({ names: f.list(names) }),
  stateOf,
  ownPlanUse,
  connect: m.tools_connect(),
  connectName: (name: string) => m.tools_connect_name({ name }),
  connecting: m.tools_connecting(),
  disconnect: m.tools_disconnect(),
  disconnectName: (name: string) => m.tools_disconnect_name({ name }),
  showLines: m.tools_show_lines(),
  showLinesOf: (name: string) => m.tools_show_lines_of({ name }),

  preview: {
    title: m.tools_preview_title(),
    in: m.tools_preview_in(),
    newFile: m.tools_preview_new_file(),
    counts,
    changesTo: (path: string) => m.tools_preview_changes_to({ path }),
    added: m.tools_preview_added(),
    removed: m.tools_preview_removed(),
    gap: m.tools_preview_gap(),
    same: (path: string) => m.tools_preview_same({ path }),
    private: ({ path }: ToolFileView) => m.tools_preview_private({ path }),
    only: m.tools_preview_only(),
    takesOver: (name: string) => m.tools_preview_takes_over({ name }),
    makeDefault: (name: string) => m.tools_preview_make_default({ name }),
    conflict,
    blocked: (name: string) => m.tools_preview_blocked({ name }),
    shown: (name: string) => m.tools_preview_shown({ name }),
    stale: m.tools_preview_stale(),
    unreadable: m.tools_preview_unreadable(),
    turnOn: m.tools_preview_turn_on(),
  },
  silence: {
    label: m.tools_silence_label(),
    time: m.tools_silence_time(),
    minutes: (count: number) => m.tools_silence_minutes({ count }),
    wish: (count: number) => m.tools_silence_wish({ count }),
    state: (count: number) => m.tools_silence_state({ count }),
    end: m.tools_silence_end(),
    endName: (name: string) => m.tools_silence_end_name({ name }),
    ended: (name: string) => m.tools_silence_ended({ name }),
  },
  byHand: {
    title: (name: string) => m.tools_by_hand_title({ name }),
    copy: m.tools_by_hand_copy(),
    lines: (name: string) => m.tools_by_hand_lines({ name }),
    shown: (name: string) => m.tools_by_hand_shown({ name }),
    close: m.tools_by_hand_close(),
  },
  pass: {
    missing: (pass: string) => m.tools_pass_missing({ pass }),
    create: m.tools_pass_create(),
    creating: m.tools_pass_creating(),
    created: (pass: string) => m.tools_pass_created({ pass }),
    about: (pass: string) => m.tools_pass_about({ pass }),
  },
  connected: {
    title: (name: string) => m.tools_connected_title({ name }),
    text: ({ usage }: ToolPreview, madeDefault: boolean) =>
      usage !== null && !madeDefault ? m.tools_connected_use_with({ usage }) : m.tools_connected_undo_about(),
    undo: m.tools_connected_undo(),
    tryIt: m.tools_connected_try_it(),
    trying: m.tools_connected_trying(),
    tryAbout: (command: string) => m.tools_connected_try_about({ command }),
    tried,
    /** A window has another search path than a terminal. */
    noProgram: (name: string, tool: string) => m.tools_connected_no_program({ name, tool }),
  },
  disconnected: {
    title: (name: string) => m.tools_disconnected_title({ name }),
    outcome,
    kept,
    pass: m.tools_disconnected_pass(),
    passes: m.tools_disconnected_passes(),
    close: m.tools_disconnected_close(),
  },
  restore: {
    open: m.tools_restore_open(),
    title: m.tools_restore_title(),
    point: (name: string, paths: readonly string[]) =>
      m.tools_restore_point({ count: paths.length, name, paths: f.list(paths) }),
    /** Of a tool whose files are not known. */
    pointWithoutFiles: (name: string) => m.tools_restore_point_without_files({ name }),
    kept: m.tools_restore_kept(),
    act: m.tools_restore_act(),
    busy: m.tools_restore_busy(),
    failed: m.tools_restore_failed(),
    done: m.tools_restore_done(),
  },
  off: {
    title: m.tools_off_title(),
    text: m.tools_off_text(),
    turnOn: m.tools_off_turn_on(),
    turnedOn: m.tools_off_turned_on(),
  },
  empty: {
    title: m.tools_empty_title(),
    text: m.tools_empty_text(),
  },
  scripts: {
    title: m.tools_scripts_title(),
    shell: m.tools_scripts_shell(),
    posix: "bash, zsh",
    fish: "fish",
    powershell: "PowerShell",
    copy: m.tools_scripts_copy(),
    lines: (shell: string) => m.tools_scripts_lines({ shell }),
  },
};
