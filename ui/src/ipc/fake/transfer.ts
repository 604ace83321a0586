// In-memory core: moves of settings and sign-ins to another computer.

import type {
  FailureView,
  TransferContentsView,
  TransferPreviewView,
  TransferReceivedView,
  TransferSentView,
} from "../bindings";
import { importPreview } from "./fixtures/preferences";
import { FakePreferences } from "./preferences";

const file = "/home/ada/Documents/usher-transfer.json";
const accounts = [{ name: "Personal", email: "ada@example.com" }];

export class FakeTransfer extends FakePreferences {
  /** Why the settings of a file cannot be taken over. */
  settingsFailure: FailureView | null = null;

  #interrupted = this.state === "transfer-interrupted";

  previewTransfer(): Promise<TransferPreviewView> {
    return this.respond<TransferPreviewView>("preview_transfer", {
      accounts: this.#interrupted ? [] : accounts,
      keys: ["openai"],
      stays: [{ name: "ChatGPT plan", reason: "of_this_computer" }],
      interrupted: this.#interrupted ? { file, at: this.now() - 600, accounts } : null,
    });
  }

  sendTransfer(_passphrase: string, withSignIns: boolean): Promise<TransferSentView> {
    // The passphrase is in no list of calls.
    return this.respond(`send_transfer ${withSignIns}`, { file, accounts, keys: [], stays: [] });
  }

  async endTransfer(): Promise<TransferSentView> {
    const sent = await this.respond<TransferSentView>("end_transfer", {
      file,
      accounts,
      keys: [],
      stays: [],
    });
    this.#interrupted = false;
    return sent;
  }

  async cancelTransfer(confirmed: boolean): Promise<number> {
    await this.acknowledge(`cancel_transfer ${confirmed}`);
    this.#interrupted = false;
    return accounts.length;
  }

  async chooseTransfer(): Promise<string> {
    await this.acknowledge("choose_transfer");
    return file;
  }

  openTransfer(_passphrase: string): Promise<TransferContentsView> {
    return this.respond<TransferContentsView>("open_transfer", {
      file,
      made_at: this.now() - 3600,
      accounts,
      keys: ["openai"],
      replaces: [],
      settings: this.settingsFailure ? { ...importPreview, changes: [], unused: [] } : importPreview,
      settings_failure: this.settingsFailure,
    });
  }

  takeTransfer(withSettings: boolean): Promise<TransferReceivedView> {
    return this.respond<TransferReceivedView>(`take_transfer ${withSettings}`, {
      accounts,
      keys: ["openai"],
      settings_changed: withSettings ? importPreview.changes.length : 0,
      left_file: null,
    });
  }
}
