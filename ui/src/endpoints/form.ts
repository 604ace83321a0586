// Name and address of a new endpoint: a preset fills them in but never overwrites what the user typed.
// Pure functions.

import type { Preset } from "../ipc/bindings";

export interface EndpointDraft {
  name: string;
  url: string;
  /** Fields that the user typed. */
  byHand: { name: boolean; url: boolean };
}

export const emptyDraft: EndpointDraft = { name: "", url: "", byHand: { name: false, url: false } };

/** Sets a field. An emptied field no longer counts as typed. */
export const withTyped = (form: EndpointDraft, field: "name" | "url", text: string): EndpointDraft => ({
  ...form,
  [field]: text,
  byHand: { ...form.byHand, [field]: text.trim() !== "" },
});

/** Fills in the preset; null is an endpoint without one. */
export const withPreset = (form: EndpointDraft, preset: Preset | null): EndpointDraft => ({
  ...form,
  name: form.byHand.name ? form.name : (preset?.name ?? ""),
  url: form.byHand.url ? form.url : (preset?.base_url ?? ""),
});

const trimmed = (url: string) => url.trim().replace(/\/+$/, "");

/** Returns the id of the service at the address, else `other`. */
export const serviceAt = (presets: readonly Preset[], url: string): string =>
  presets.find((preset) => trimmed(preset.base_url) === trimmed(url))?.id ?? otherService;

/** The id of a service that is not in the list. */
export const otherService = "other";

/** The core's upper limit. */
export const maxTimeoutSeconds = 3_600;

/** Parses integer seconds within the limit; null if invalid. */
export function parseSeconds(text: string): number | null {
  const number = Number(text.trim());
  return Number.isInteger(number) && number >= 1 && number <= maxTimeoutSeconds ? number : null;
}

export interface Header {
  name: string;
  value: string;
}

/** Headers that the connection or Usher sets; same list as the core's. */
const reservedHeaders: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "content-type",
  "host",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "accept",
]);

export type HeaderProblem = "name" | "reserved" | "value_empty" | "value";

/** Returns why the core would reject the header, or null. */
export function headerProblem({ name, value }: Header): HeaderProblem | null {
  if (!/^[a-z\d_-]+$/i.test(name.trim())) return "name";
  if (reservedHeaders.has(name.trim().toLowerCase())) return "reserved";
  if (!value.trim()) return "value_empty";
  return /^[\x20-\x7e]+$/.test(value.trim()) ? null : "value";
}
