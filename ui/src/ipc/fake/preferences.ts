// In-memory core: what the person chose for the program itself.

import type {
  DoctorReport,
  HomeFileKind,
  HomeFileView,
  LicenceView,
  NewNetwork,
  PreferencesView,
  ResetView,
  SecretsMoveView,
  SecretsPlace,
  SecretsView,
  SettingsImportView,
  UpdateProgress,
  UpdatesView,
} from "../bindings";
import { Failure } from "../client";
import { sleep } from "./base";
import { failure } from "./fixtures";
import { importPreview } from "./fixtures/preferences";
import { FakeTools } from "./tools";

const folder = "/home/ada/.config/usher";

export class FakePreferences extends FakeTools {
  #cancelUpdate: () => void = () => undefined;

  preferences(): Promise<PreferencesView> {
    return this.respond("preferences", this.scenario.preferences);
  }

  setRenewUnused(on: boolean): Promise<PreferencesView> {
    return this.#choose(`set_renew_unused ${on}`, { renew_unused: on });
  }

  setKeepRunning(on: boolean): Promise<PreferencesView> {
    return this.#choose(`set_keep_running ${on}`, { keep_running: on });
  }

  setStartAtLogin(on: boolean): Promise<PreferencesView> {
    return this.#choose(`set_start_at_login ${on}`, { start_at_login: on });
  }

  setLockWithScreen(on: boolean): Promise<PreferencesView> {
    return this.#choose(`set_lock_with_screen ${on}`, { lock_with_screen: on });
  }

  setNotifications(on: boolean): Promise<PreferencesView> {
    return this.#choose(`set_notifications ${on}`, { notifications: on });
  }

  setActivityDays(days: number): Promise<PreferencesView> {
    return this.#choose(`set_activity_days ${days}`, { activity_days: days });
  }

  setHidePersonalData(hide: boolean): Promise<PreferencesView> {
    return this.#choose(`set_hide_personal_data ${hide}`, { hide_personal_data: hide });
  }

  setNetwork({ proxy, password, no_proxy }: NewNetwork): Promise<PreferencesView> {
    const network = {
      ...this.scenario.preferences.network,
      proxy,
      no_proxy,
      has_password: password !== null,
      problem: null,
    };
    // The password is in no list of calls.
    return this.#choose(`set_network ${proxy} ${no_proxy}`, { network });
  }

  chooseCaFile(): Promise<PreferencesView> {
    const network = { ...this.scenario.preferences.network, ca_file: "/etc/company/ca.pem" };
    return this.#choose("choose_ca_file", { network });
  }

  forgetCaFile(): Promise<PreferencesView> {
    return this.#choose("forget_ca_file", {
      network: { ...this.scenario.preferences.network, ca_file: null },
    });
  }

  async checkNetwork(): Promise<DoctorReport> {
    await this.acknowledge("check_network");
    const proxy = this.scenario.preferences.network.proxy;
    const way = proxy.includes("://") ? `through ${proxy.split("@").at(-1)}` : "direct";
    return {
      checks: [
        { check: "proxy", verdict: "good", found: `auth.openai.com: ${way}`, provider: null, code: null },
        { check: "certificates", verdict: "good", found: "the system's own", provider: null, code: null },
        {
          check: "host chatgpt",
          verdict: "good",
          found: "chatgpt.com answers, in 84 ms",
          provider: "chatgpt",
          code: null,
        },
      ],
    };
  }

  async exportSettings(): Promise<string> {
    await this.acknowledge("export_settings");
    return "/home/ada/Documents/usher-settings.toml";
  }

  previewSettings(): Promise<SettingsImportView> {
    return this.respond("preview_settings", importPreview);
  }

  importSettings(): Promise<void> {
    return this.acknowledge("import_settings");
  }

  async resetSettings(disconnect: boolean): Promise<ResetView> {
    await this.acknowledge(`reset_settings ${disconnect}`);
    return {
      backup: `${folder}/config.before-reset-1795953600.toml`,
      started_at_login: false,
      disconnected: disconnect ? 1 : 0,
    };
  }

  undoReset(backup: string, startAtLogin: boolean): Promise<void> {
    return this.acknowledge(`undo_reset ${backup} ${startAtLogin}`);
  }

  files(): Promise<HomeFileView[]> {
    const data = "/home/ada/.local/share/usher";
    return this.respond<HomeFileView[]>("files", [
      { kind: "settings", path: `${folder}/config.toml`, exists: true },
      { kind: "sign_ins", path: `${data}/secrets.usher`, exists: true },
      { kind: "cache", path: `${data}/state.db`, exists: true },
      { kind: "logs", path: "/home/ada/.cache/usher/logs", exists: false },
    ]);
  }

  updates(): Promise<UpdatesView> {
    return this.respond("updates", this.scenario.updates);
  }

  async checkForUpdates(): Promise<UpdatesView> {
    this.scenario.updates = { ...this.scenario.updates, found: this.scenario.newVersion, checked: true };
    return this.respond("check_for_updates", this.scenario.updates);
  }

  async setAutomaticUpdates(on: boolean): Promise<UpdatesView> {
    this.scenario.updates = { ...this.scenario.updates, automatic: on };
    return this.respond(`set_automatic_updates ${on}`, this.scenario.updates);
  }

  /** Waits for the last answer until it is cancelled. */
  async installUpdate(version: string, onEvent: (event: UpdateProgress) => void): Promise<void> {
    await this.acknowledge(`install_update ${version}`);
    onEvent({ at: "downloading", percent: 40 });
    onEvent({ at: "waiting", requests: 2 });
    await new Promise<void>((cancelled) => (this.#cancelUpdate = cancelled));
    throw new Failure(failure("cancelled"));
  }

  async cancelUpdate(): Promise<void> {
    await this.acknowledge("cancel_update");
    this.#cancelUpdate();
  }

  openHomeFile(kind: HomeFileKind): Promise<void> {
    return this.acknowledge(`open_home_file ${kind}`);
  }

  secrets(): Promise<SecretsView> {
    return this.respond("secrets", this.scenario.secrets);
  }

  async moveSecrets(place: SecretsPlace, passphrase: string | null): Promise<SecretsMoveView> {
    await this.acknowledge(`move_secrets ${place}${passphrase === null ? "" : ` (${passphrase.length})`}`);
    await sleep(50);
    const from = this.scenario.secrets.place;
    this.scenario.secrets = { ...this.scenario.secrets, place };
    return { from, place, moved: true, left_over: this.scenario.leftOver, background: null };
  }

  licences(): Promise<LicenceView[]> {
    const standard_text = false;
    return this.respond<LicenceView[]>("licences", [
      { kind: "crate", name: "selectors", version: "0.38.0", licence: "MPL-2.0", standard_text: true },
      { kind: "crate", name: "serde", version: "1.0.228", licence: "MIT OR Apache-2.0", standard_text },
      { kind: "npm", name: "svelte", version: "5.57.3", licence: "MIT", standard_text },
    ]);
  }

  async licenceTexts(name: string, version: string): Promise<string[]> {
    await this.acknowledge(`licence_texts ${name} ${version}`);
    return ["Permission is hereby granted, free of charge, to any person obtaining a copy of this software."];
  }

  async #choose(call: string, chosen: Partial<PreferencesView>): Promise<PreferencesView> {
    const view = await this.respond(call, { ...this.scenario.preferences, ...chosen });
    this.scenario.preferences = view;
    return view;
  }
}
