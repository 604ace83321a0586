// Texts of the sign-in screens, loaded with them.

import * as m from "#messages";

import type { StoreKind } from "../../ipc/bindings";
import { planUsage } from "../providers/planUsage";

export const signIn = {
  title: m.sign_in_title(),
  about: m.sign_in_about(),
  inBrowser: m.sign_in_in_browser(),
  opening: m.sign_in_opening(),
  opened: m.sign_in_opened(),
  notOpened: m.sign_in_not_opened(),
  gettingLink: m.sign_in_getting_link(),
  linkReady: m.sign_in_link_ready(),
  copyStep: m.sign_in_copy_step(),
  link: m.sign_in_link(),
  openStep: m.sign_in_open_step(),
  pasteStep: m.sign_in_paste_step(),
  pasteStepAbout: m.sign_in_paste_step_about(),
  waiting: m.sign_in_waiting(),
  afterwards: {
    keyring: m.sign_in_afterwards_keyring(),
    file: m.sign_in_afterwards_file(),
    unknown: m.sign_in_afterwards_unknown(),
  } satisfies Record<StoreKind | "unknown", string>,
  answered: m.sign_in_answered(),
  checking: m.sign_in_checking(),
  left: m.sign_in_left(),
  oneMinute: m.announce_one_minute(),
  browserOpened: m.announce_browser_opened(),
  ignored: m.sign_in_ignored(),
  portTaken: (port: number, using: number) => m.sign_in_port_taken({ port, using }),
  portTakenBy: (port: number, holder: string, using: number) =>
    m.sign_in_port_taken_by({ holder, port, using }),
  nothingOpened: m.sign_in_nothing_opened(),
  heldBack: m.sign_in_held_back(),
  openAgain: m.sign_in_open_again(),
  openPage: m.sign_in_open_page(),
  copyLink: m.sign_in_copy_link(),
  address: (origin: string) => m.sign_in_address({ origin }),
  wrongRedirect: m.sign_in_wrong_redirect(),
  otherRedirect: m.sign_in_other_redirect(),
  stuck: m.sign_in_stuck(),
  paste: m.sign_in_paste(),
  pasteAbout: m.sign_in_paste_about(),
  pastePlaceholder: "http://127.0.0.1:1455/auth/callback?code=…",
  pasteSend: m.sign_in_paste_send(),
  pasteEmpty: m.sign_in_paste_empty(),
  otherWays: m.sign_in_other_ways(),
  browserAbout: m.sign_in_browser_about(),
  backToAccounts: m.sign_in_back_to_accounts(),
  back: m.sign_in_back(),
  useCode: m.sign_in_use_code(),
  useBrowser: m.sign_in_use_browser(),
};

/** What differs with plan usage. */
export const planUsageSignIn = {
  title: planUsage.name,
  about: m.plan_usage_sign_in_about(),
  pastePlaceholder: "http://127.0.0.1:…/auth/callback?code=…&client_id=…",
  noCode: m.plan_usage_sign_in_no_code(),
  startOver: m.plan_usage_sign_in_start_over(),
  registerAgain: m.plan_usage_sign_in_register_again(),
  registerAgainAbout: m.plan_usage_sign_in_register_again_about(),
};

export const code = {
  title: m.code_title(),
  about: m.code_about(),
  asking: m.code_asking(),
  openAddress: m.code_open_address(),
  copyAddress: m.code_copy_address(),
  openHere: m.code_open_here(),
  enter: m.code_enter(),
  copyCode: m.code_copy_code(),
  warning: m.code_warning(),
  waiting: m.code_waiting(),
  announced: (spellOut: string) => m.code_announced({ spellOut }),
  dash: m.code_dash(),
};
