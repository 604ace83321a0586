// Preferences of the in-memory core.

import type { PreferencesView, SettingsImportView } from "../bindings";

/** What a new home has. */
export const defaultPreferences: PreferencesView = {
  keep_running: null,
  start_at_login: false,
  lock_with_screen: false,
  notifications: true,
  activity_days: 90,
  hide_personal_data: false,
  network: {
    proxy: "system",
    has_password: false,
    no_proxy: "",
    ca_file: null,
    variables: [],
    certificates_of_environment: null,
    problem: null,
  },
};

/** Those of a computer in a company, where a variable of the environment wins. */
export const companyPreferences: PreferencesView = {
  ...defaultPreferences,
  network: {
    ...defaultPreferences.network,
    proxy: "http://ada@proxy.analytical-engines.example:3128",
    has_password: true,
    no_proxy: ".analytical-engines.example, 10.0.0.0/8",
    ca_file: "/etc/pki/analytical-engines/authority.pem",
    variables: ["HTTPS_PROXY"],
  },
};

/** What a file of settings would change. */
export const importPreview: SettingsImportView = {
  changes: [
    { key: "gateway.port", old: "18740", new: "18800" },
    { key: "providers.openai-compatible:groq.base_url", old: null, new: "https://api.groq.com/openai/v1" },
  ],
  same: 3,
  left_alone: ["language"],
  unused: ["line 4, column 1: `future` is not known to this version; it stays in the file and does nothing"],
};
