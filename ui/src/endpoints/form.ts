// Name and address of a new service: a choice of the list fills them in, and never overwrites what was typed
// by hand. Pure.

import type { Preset } from "../ipc/bindings";

export interface EndpointDraft {
  name: string;
  url: string;
  /** Which of them the person typed. */
  byHand: { name: boolean; url: boolean };
}

export const emptyDraft: EndpointDraft = { name: "", url: "", byHand: { name: false, url: false } };

/** A field that was emptied again is nobody's. */
export const withTyped = (form: EndpointDraft, field: "name" | "url", text: string): EndpointDraft => ({
  ...form,
  [field]: text,
  byHand: { ...form.byHand, [field]: text.trim() !== "" },
});

/** Null: something that is not on the list. */
export const withPreset = (form: EndpointDraft, preset: Preset | null): EndpointDraft => ({
  ...form,
  name: form.byHand.name ? form.name : (preset?.name ?? ""),
  url: form.byHand.url ? form.url : (preset?.base_url ?? ""),
});

/** As long as the core takes. */
export const maxTimeoutSeconds = 3_600;

/** Null is no number of seconds that makes sense. */
export function parseSeconds(text: string): number | null {
  const number = Number(text.trim());
  return Number.isInteger(number) && number >= 1 && number <= maxTimeoutSeconds ? number : null;
}

export interface Header {
  name: string;
  value: string;
}

/** Those that the connection itself needs, or that Usher sets: the core's list. */
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

/** What the core would refuse of it. */
export function headerProblem({ name, value }: Header): HeaderProblem | null {
  if (!/^[a-z\d_-]+$/i.test(name.trim())) return "name";
  if (reservedHeaders.has(name.trim().toLowerCase())) return "reserved";
  if (!value.trim()) return "value_empty";
  return /^[\x20-\x7e]+$/.test(value.trim()) ? null : "value";
}
