// Name and address of a new service: a choice of the list fills them in, and never overwrites what was typed
// by hand. Pure.

import type { Preset } from "../ipc/bindings";

export interface Filled {
  name: string;
  url: string;
  /** Which of them the person typed. */
  byHand: { name: boolean; url: boolean };
}

export const blank: Filled = { name: "", url: "", byHand: { name: false, url: false } };

/** A field that was emptied again is nobody's. */
export const typed = (form: Filled, field: "name" | "url", text: string): Filled => ({
  ...form,
  [field]: text,
  byHand: { ...form.byHand, [field]: text.trim() !== "" },
});

/** Null: something that is not on the list. */
export const chosen = (form: Filled, preset: Preset | null): Filled => ({
  ...form,
  name: form.byHand.name ? form.name : (preset?.name ?? ""),
  url: form.byHand.url ? form.url : (preset?.base_url ?? ""),
});

/** Null is no number of seconds that makes sense. */
export function seconds(text: string): number | null {
  const number = Number(text.trim());
  return Number.isInteger(number) && number >= 1 && number <= 600 ? number : null;
}

export interface Header {
  name: string;
  value: string;
}

/** As far as it can be told here; the core has the last word. */
export const headerFits = ({ name, value }: Header): boolean =>
  /^[\w!#$%&'*+.^`|~-]+$/.test(name.trim()) && value.trim() !== "";
