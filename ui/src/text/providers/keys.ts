// Texts of keys and services, loaded with their panels.

import * as m from "#messages";

import type { StoreKind, Wire } from "../../ipc/bindings";
import * as f from "../format";

type Place = StoreKind | "unknown";

const storage: Record<Place, string> = {
  keyring: m.keys_storage_keyring(),
  file: m.keys_storage_file(),
  unknown: m.keys_storage_unknown(),
};
const savedIn: Record<Place, (day: string) => string> = {
  keyring: (day) => m.keys_saved_in_keyring({ day }),
  file: (day) => m.keys_saved_in_file({ day }),
  unknown: (day) => m.keys_saved_in_unknown({ day }),
};
const deletedFrom: Record<Place, string> = {
  keyring: m.keys_deleted_keyring(),
  file: m.keys_deleted_file(),
  unknown: m.keys_deleted_unknown(),
};

export const keys = {
  pays: m.keys_pays(),
  paysService: m.keys_pays_service(),
  paysHere: m.keys_pays_here(),
  label: m.keys_label(),
  show: m.keys_show(),
  placeholder: "sk-…",
  create: m.keys_create(),
  storage: (place: Place) => storage[place],
  optional: m.keys_optional(),
  needed: m.keys_needed(),
  empty: m.keys_empty(),
  notOpenai: m.keys_not_openai(),
  save: m.keys_save(),
  saving: m.keys_saving(),
  remove: m.keys_remove(),
  hidden: (beginning: string, endsIn: string) => `${beginning}••••••••${endsIn}`,
  endsIn: (endsIn: string) => m.keys_ends_in({ endsIn }),
  saved: (place: Place, unix: number) => savedIn[place](f.dayOnly(unix)),
  replace: m.keys_replace(),
  saveKey: m.keys_save_key(),
  forget: m.keys_forget(),
  none: m.keys_none(),
  notNeeded: m.keys_not_needed(),
  headersOnly: m.keys_headers_only(),
  environment: (endsIn: string) => m.keys_environment({ endsIn }),
  environmentAbout: (variable: string) => m.keys_environment_about({ variable }),
  otherAddress: (origin: string) => m.keys_other_address({ origin }),
  otherAddressOf: (name: string) => m.keys_other_address_of({ name }),
  otherAddressAbout: m.keys_other_address_about(),
  more: m.keys_more(),
  organization: m.keys_organization(),
  project: m.keys_project(),
  optionalId: m.keys_optional_id(),
  savedAnnounced: m.keys_saved_announced(),
  connection: m.keys_connection(),
  change: m.keys_change(),
  disconnect: m.keys_disconnect(),

  forgetTitle: m.keys_forget_title(),
  forgetServiceTitle: (name: string) => m.keys_forget_service_title({ name }),
  forgetStore: deletedFrom,
  forgetRefused: m.keys_forget_refused(),
  keyStaysValid: m.keys_key_stays_valid(),
  keyStaysValidService: m.keys_key_stays_valid_service(),
  forgotten: m.keys_forgotten(),
  forgottenText: m.keys_forgotten_text(),
  seeKeys: m.keys_see_keys(),

  removeTitle: (name: string) => m.keys_remove_title({ name }),
  removeEntry: (name: string) => m.keys_remove_entry({ name }),
  removeRefused: m.keys_remove_refused(),
  removeAccount: m.keys_remove_account(),
  removed: (name: string) => m.keys_removed({ name }),
  removedText: (key: Place | null) =>
    f.sentences(
      m.keys_removed_text(),
      ...(key === null ? [] : [deletedFrom[key], m.keys_removed_text_last()]),
    ),
};

export const endpoints = {
  title: m.endpoints_title(),
  about: m.endpoints_about(),
  service: m.endpoints_service(),
  choose: m.endpoints_choose(),
  online: m.endpoints_online(),
  here: m.endpoints_here(),
  other: m.endpoints_other(),
  otherAbout: m.endpoints_other_about(),
  serviceAbout: m.endpoints_service_about(),
  name: m.endpoints_name(),
  nameEmpty: m.endpoints_name_empty(),
  /** While name and address are changed: what that does to passes. */
  usedBy: (passes: readonly string[]) => m.endpoints_used_by({ passes: f.list(passes) }),
  url: m.endpoints_url(),
  urlPlaceholder: "https://",
  urlAbout: m.endpoints_url_about(),
  urlEmpty: m.endpoints_url_empty(),
  urlScheme: m.endpoints_url_scheme(),
  urlPlain: m.endpoints_url_plain(),
  urlRefused: m.endpoints_url_refused(),
  local: m.endpoints_local(),
  localAbout: m.endpoints_local_about(),
  timeout: m.endpoints_timeout(),
  seconds: m.endpoints_seconds(),
  timeoutBad: (longest: number) => m.endpoints_timeout_bad({ longest: f.count(longest) }),
  wire: "API",
  wires: { responses: "Responses", chat_completions: "Chat Completions" } satisfies Record<Wire, string>,
  wireUnknown: m.endpoints_wire_unknown(),
  headers: m.endpoints_headers(),
  headersAbout: m.endpoints_headers_about(),
  headerName: m.endpoints_header_name(),
  headerValue: m.endpoints_header_value(),
  headerAdd: m.endpoints_header_add(),
  headerProblems: {
    name: m.endpoints_header_problems_name(),
    reserved: m.endpoints_header_problems_reserved(),
    value_empty: m.endpoints_header_problems_value_empty(),
    value: m.endpoints_header_problems_value(),
  },
  headerRemove: (name: string) => m.endpoints_header_remove({ name }),
  headerAdded: (name: string) => m.endpoints_header_added({ name }),
  headerRemoved: (name: string) => m.endpoints_header_removed({ name }),
};
