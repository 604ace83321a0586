// What the person chose for the program itself, in memory.

import type { PreferencesView } from "../bindings";
import { FakeTools } from "./tools";

export class FakePreferences extends FakeTools {
  preferences(): Promise<PreferencesView> {
    return this.respond("preferences", this.scenario.preferences);
  }

  async setKeepRunning(on: boolean): Promise<PreferencesView> {
    this.scenario.preferences = { ...this.scenario.preferences, keep_running: on };
    return this.respond(`set_keep_running ${on}`, this.scenario.preferences);
  }

  async setStartAtLogin(on: boolean): Promise<PreferencesView> {
    const chosen = { ...this.scenario.preferences, start_at_login: on };
    const view = await this.respond(`set_start_at_login ${on}`, chosen);
    this.scenario.preferences = view;
    return view;
  }

  async setLockWithScreen(on: boolean): Promise<PreferencesView> {
    const chosen = { ...this.scenario.preferences, lock_with_screen: on };
    const view = await this.respond(`set_lock_with_screen ${on}`, chosen);
    this.scenario.preferences = view;
    return view;
  }

  async setNotifications(on: boolean): Promise<PreferencesView> {
    const chosen = { ...this.scenario.preferences, notifications: on };
    const view = await this.respond(`set_notifications ${on}`, chosen);
    this.scenario.preferences = view;
    return view;
  }
}
