// What the list of models shows and which option is active. Pure; the component only draws it.

import type { ModelView } from "../ipc/bindings";

export interface Named {
  id: string;
  name: string;
}

/** What a picker shows of a model. */
export type PickerModel = Pick<ModelView, "id" | "name" | "description" | "context_window" | "source">;

/** A name cut at the part that matches, so that it can be marked. */
export interface SearchResult<M extends Named> {
  model: M;
  before: string;
  match: string;
  after: string;
}

/** Every word of the query must be in the name or the id; the server's order stays. */
export function search<M extends Named>(models: readonly M[], query: string): SearchResult<M>[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return models
    .filter((model) => {
      const text = `${model.name} ${model.id}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .map((model) => {
      const whole = query.trim().toLowerCase();
      const lower = model.name.toLowerCase();
      const needle = whole && lower.includes(whole) ? whole : (words.find((w) => lower.includes(w)) ?? "");
      const from = needle ? lower.indexOf(needle) : model.name.length;
      return {
        model,
        before: model.name.slice(0, from),
        match: model.name.slice(from, from + needle.length),
        after: model.name.slice(from + needle.length),
      };
    });
}

/** Which option is active after typing: the first that has the words as they were typed, else the first. */
export function bestMatch(found: readonly SearchResult<Named>[], query: string): number {
  const whole = query.trim().toLowerCase();
  return Math.max(
    0,
    found.findIndex((one) => whole !== "" && one.match.toLowerCase() === whole),
  );
}

/** Rows that one Page Up or Page Down passes over. */
const pageSize = 5;

/** The active option after a key, or null when the key is none of the list's. */
export function nextActive(active: number, count: number, key: string): number | null {
  const last = count - 1;
  if (last < 0) return null;
  switch (key) {
    case "ArrowDown":
      return active >= last ? 0 : active + 1;
    case "ArrowUp":
      return active <= 0 ? last : active - 1;
    case "Home":
      return 0;
    case "End":
      return last;
    case "PageDown":
      return Math.min(last, active + pageSize);
    case "PageUp":
      return Math.max(0, active - pageSize);
    default:
      return null;
  }
}

/**
 * Changing the model keeps the effort if the new one has it, else takes its default. What is merely the old
 * model's default was never chosen.
 */
export function keptEffort(
  efforts: readonly { id: string }[],
  inUse: string | null,
  oldDefault: string | null,
): string | null {
  if (inUse === null || inUse === oldDefault) return null;
  return efforts.some((effort) => effort.id === inUse) ? inUse : null;
}

/**
 * What the list shows: models that answer with text, unless all are wanted, and always the one in use. Those
 * that were added by hand come last, as a group of their own.
 */
export function visibleModels<M extends { id: string; text: boolean; source: string }>(
  models: readonly M[],
  all: boolean,
  inUse: string | undefined,
): M[] {
  const shown = models.filter(
    (model) => all || model.text || model.source === "by_hand" || model.id === inUse,
  );
  const byHand = shown.filter((model) => model.source === "by_hand");
  return [...shown.filter((model) => model.source !== "by_hand"), ...byHand];
}
