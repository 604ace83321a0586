// What is wrong with the settings file.

import type { SettingsFileView } from "../ipc/bindings";

export interface BrokenSettings extends SettingsFileView {
  error: string;
}

/** Returns the settings file if it cannot be read, else null. */
export const brokenSettings = (file: SettingsFileView | null): BrokenSettings | null =>
  file !== null && file.error !== null ? { ...file, error: file.error } : null;
