// Search, filtering and keyboard movement of the model picker. Pure functions.

import type { ModelView } from "../ipc/bindings";

export interface Named {
  id: string;
  name: string;
}

/** The fields of a model that the picker shows. */
export type PickerModel = Pick<ModelView, "id" | "name" | "description" | "context_window" | "source"> &
  Partial<Pick<ModelView, "capabilities" | "efforts">>;

/** A match, with the name split at the matching part for highlighting. */
export interface SearchResult<M extends Named> {
  id: string;
  model: M;
  before: string;
  match: string;
  after: string;
}

/** Returns models whose name or id contains every word of the query, in the server's order. */
export function search<M extends Named>(models: readonly M[], query: string): SearchResult<M>[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return models
    .filter((model) => {
      const text = `${model.name} ${model.id}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .map((model) => {
      const phrase = query.trim().toLowerCase();
      const lower = model.name.toLowerCase();
      const needle = phrase && lower.includes(phrase) ? phrase : (words.find((w) => lower.includes(w)) ?? "");
      const from = needle ? lower.indexOf(needle) : model.name.length;
      return {
        id: model.id,
        model,
        before: model.name.slice(0, from),
        match: model.name.slice(from, from + needle.length),
        after: model.name.slice(from + needle.length),
      };
    });
}

/** Returns the index of the first result that contains the complete query, else 0. */
export function bestMatch(found: readonly SearchResult<Named>[], query: string): number {
  const phrase = query.trim().toLowerCase();
  return Math.max(
    0,
    found.findIndex((one) => phrase !== "" && one.match.toLowerCase() === phrase),
  );
}

/**
 * Returns the effort to keep when the model changes, or null for the new model's default. The old
 * model's default does not count as a choice.
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
 * Returns the models to show: text models, or all, and always the one in use. Models added by hand
 * come last, as a group of their own.
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
