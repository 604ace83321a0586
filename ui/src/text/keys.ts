// Sentences of keys and services. Apart from the rest, because they come with their panels.

import type { StoreKind, Wire } from "../ipc/bindings";
import * as f from "./format";

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
  pays: "Billed per token by the OpenAI Platform, not by your ChatGPT plan",
  paysService: "The service bills you by its own terms",
  paysHere: "Runs on this computer, no bill",
  label: "API key",
  show: "Show the key",
  placeholder: "sk-…",
  create: "Create one at platform.openai.com.",
  keeps: (place: Place) => `Usher keeps it ${keptIn[place]} and never shows it again.`,
  optional: "Leave empty if the service needs none.",
  needed: "This service answers nobody without a key.",
  empty: "Type or paste the key first.",
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
  notNeeded: "None is saved, and none is needed.",
  headersOnly: "None is saved. The extra headers let Usher in.",
  environment: (endsIn: string) => `From the environment, ends in ${endsIn}. No key is saved here.`,
  environmentAbout: (variable: string) =>
    `A saved key is used first. Without one, Usher reads ${variable} each time it starts.`,
  otherAddress: (origin: string) => `The saved key is for ${origin}.`,
  otherAddressOf: (name: string) => `The saved key is not for the new address of ${name}`,
  otherAddressAbout: "It is not sent to the new address. Save it again if it belongs there, too.",
  more: "More",
  organization: "Organization",
  project: "Project",
  optionalId: "Optional. Sent along with each request.",
  savedAnnounced: "Saved.",
  connection: "Address",
  change: "Change",
  disconnect: "Disconnect",

  forgetTitle: "Disconnect the OpenAI API key?",
  forgetServiceTitle: (name: string) => `Forget the key for ${name}?`,
  forgetStore: deletedFrom,
  forgetRefused: "Requests with it are refused until you save a key again.",
  forgetElsewhere: "It goes on working elsewhere until you delete it at platform.openai.com.",
  forgetElsewhereService: "It goes on working elsewhere until you delete it at the service.",
  forgotten: "Disconnected",
  forgottenText:
    "The key is deleted from this computer. To end it everywhere, delete it at platform.openai.com, too.",
  seeKeys: "See your keys",

  removeTitle: (name: string) => `Disconnect ${name}?`,
  removeEntry: (name: string) => `${name} is taken off the list, with its address, models and headers.`,
  removeRefused: "Requests to it are refused from then on.",
  removeAccount: "Your account there does not change.",
  removed: (name: string) => `${name} was disconnected.`,
  removedText: (key: Place | null) =>
    key === null
      ? "It is off the list."
      : `It is off the list. ${deletedFrom[key]} The key goes on working elsewhere until you delete it at the service.`,
};

export const endpoints = {
  title: "Add an endpoint",
  about: "Any service that speaks the OpenAI API",
  service: "Service",
  choose: "Choose a service",
  online: "Online",
  here: "On this computer",
  other: "Something else",
  serviceAbout: "Fills in the address. You can change everything.",
  name: "Name",
  nameEmpty: "Give it a name.",
  url: "Base URL",
  urlPlaceholder: "https://",
  urlEmpty: "Type the address of the service.",
  urlScheme: "The address must begin with https://, or with http:// for this computer.",
  urlPlain: "This address sends your key unprotected. Use https://, or http:// only for this computer.",
  urlRefused: "Usher cannot use this address.",
  local: "This service is in my local network",
  localAbout: "Then http:// is accepted. Your key can be read by others in that network.",
  timeout: "Timeout",
  seconds: "seconds",
  timeoutBad: (longest: number) => `Type a number of seconds from 1 to ${f.count(longest)}.`,
  wire: "API",
  wires: { responses: "Responses", chat_completions: "Chat Completions" } satisfies Record<Wire, string>,
  wireUnknown: "Found out by Test",
  hosts: "Hosts this provider may reach",
  hostsAbout: "Only the host of the base URL is on the list. Requests to any other host are refused.",
  hostsNone: "The host of the base URL.",
  headers: "Extra headers",
  headersAbout: "Values are kept like keys and never shown again.",
  headerName: "Header name",
  headerValue: "Value",
  headerAdd: "Add header",
  headerProblems: {
    name: "The name of a header has only letters, digits, hyphens and underscores.",
    ours: "Usher sets this header itself.",
    value_empty: "Type the value of the header, too.",
    value: "The value may have only letters without accents, digits, signs and spaces.",
  },
  headerRemove: (name: string) => `Remove the header ${name}`,
  headerAdded: (name: string) => `${name} was added.`,
  headerRemoved: (name: string) => `${name} was removed.`,
  notAllSaved: "The service was added, but not everything could be saved.",
};
