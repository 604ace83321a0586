// Texts of keys and services, loaded with their panels.

import type { StoreKind, Wire } from "../../ipc/bindings";
import * as f from "../format";

type Place = StoreKind | "unknown";

const keptIn: Record<Place, string> = {
  keyring: "in your keyring",
  file: "in an encrypted file",
  unknown: "encrypted on this computer",
};
const deletedFrom: Record<Place, string> = {
  keyring: "The key is deleted from your keyring.",
  file: "The key is deleted from the encrypted file.",
  unknown: "The key is deleted from this computer.",
};

export const keys = {
  pays: "Billed per token, not by your ChatGPT plan",
  paysService: "Billed by the service",
  paysHere: "Runs on this computer, costs nothing",
  label: "API key",
  show: "Show the key",
  placeholder: "sk-…",
  create: "Create one at platform.openai.com.",
  storage: (place: Place) => `Usher stores it ${keptIn[place]} and never shows it again.`,
  optional: "Leave empty if the service needs no key.",
  needed: "This service needs a key.",
  empty: "Enter or paste the key first.",
  notOpenai: "This is not an OpenAI key. OpenAI keys begin with sk-.",
  save: "Save and test",
  saving: "Saving",
  remove: "Remove",
  hidden: (beginning: string, endsIn: string) => `${beginning}••••••••${endsIn}`,
  endsIn: (endsIn: string) => `Key that ends in ${endsIn}`,
  saved: (place: Place, unix: number) => `Saved ${keptIn[place]} on ${f.dayOnly(unix)}`,
  replace: "Replace",
  saveKey: "Save a key",
  forget: "Forget the key",
  none: "No key is saved.",
  notNeeded: "No key is saved, and none is needed.",
  headersOnly: "No key is saved. Usher sends the extra headers instead.",
  environment: (endsIn: string) => `From the environment, ends in ${endsIn}. No key is saved here.`,
  environmentAbout: (variable: string) =>
    `A saved key takes precedence. Without one, Usher reads ${variable} each time it starts.`,
  otherAddress: (origin: string) => `The saved key is for ${origin}.`,
  otherAddressOf: (name: string) => `The saved key is not for the new address of ${name}`,
  otherAddressAbout: "Usher does not send it to the new address. If it belongs there too, save it again.",
  more: "More",
  organization: "Organization",
  project: "Project",
  optionalId: "Optional. Sent with each request.",
  savedAnnounced: "Saved.",
  connection: "Address",
  change: "Change",
  disconnect: "Disconnect",

  forgetTitle: "Disconnect the OpenAI API key?",
  forgetServiceTitle: (name: string) => `Forget the key for ${name}?`,
  forgetStore: deletedFrom,
  forgetRefused: "Requests with it are refused until you save a key again.",
  keyStaysValid: "It keeps working elsewhere until you delete it at platform.openai.com.",
  keyStaysValidService: "It keeps working elsewhere until you delete it at the service.",
  forgotten: "Disconnected",
  forgottenText:
    "The key is deleted from this computer. To disable it everywhere, delete it at platform.openai.com as well.",
  seeKeys: "See your keys",

  removeTitle: (name: string) => `Disconnect ${name}?`,
  removeEntry: (name: string) => `${name} is removed from the list, with its address, models and headers.`,
  removeRefused: "Usher refuses requests to it.",
  removeAccount: "Your account there does not change.",
  removed: (name: string) => `${name} was disconnected.`,
  removedText: (key: Place | null) =>
    key === null
      ? "It was removed from the list."
      : `It was removed from the list. ${deletedFrom[key]} The key keeps working elsewhere until you delete it at the service.`,
};

export const endpoints = {
  title: "Add an endpoint",
  about: "Any service with an OpenAI-compatible API",
  service: "Service",
  choose: "Choose a service",
  online: "Online",
  here: "On this computer",
  other: "Something else",
  otherAbout: "Any service with an OpenAI-compatible API",
  serviceAbout: "Fills in the address. You can change everything.",
  name: "Name",
  nameEmpty: "Enter a name.",
  /** While name and address are changed: what that does to passes. */
  usedBy: (passes: readonly string[]) =>
    `Used by: ${passes.join(", ")}. Their next request goes to the address below.`,
  url: "Base URL",
  urlPlaceholder: "https://",
  urlAbout: "Usher contacts no other host for this service.",
  urlEmpty: "Enter the address of the service.",
  urlScheme: "The address must begin with https://, or with http:// for this computer.",
  urlPlain:
    "This address would send your key unencrypted. Use https://; http:// works only for this computer and your local network.",
  urlRefused: "Usher cannot use this address.",
  local: "This service is in my local network",
  localAbout: "Allows http://. Others on that network can read your key.",
  timeout: "Timeout",
  seconds: "seconds",
  timeoutBad: (longest: number) => `Enter a number of seconds from 1 to ${f.count(longest)}.`,
  wire: "API",
  wires: { responses: "Responses", chat_completions: "Chat Completions" } satisfies Record<Wire, string>,
  wireUnknown: "Detected by the first test",
  headers: "Extra headers",
  headersAbout: "Usher stores the values like keys and never shows them again.",
  headerName: "Header name",
  headerValue: "Value",
  headerAdd: "Add header",
  headerProblems: {
    name: "A header name can only have letters, digits, hyphens and underscores.",
    reserved: "Usher sets this header itself.",
    value_empty: "Enter the value of the header as well.",
    value: "The value can only have unaccented letters, digits, punctuation and spaces.",
  },
  headerRemove: (name: string) => `Remove the header ${name}`,
  headerAdded: (name: string) => `${name} was added.`,
  headerRemoved: (name: string) => `${name} was removed.`,
};
