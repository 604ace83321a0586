// Labels of a model's capabilities. Pure functions.

import type { ModelView } from "../ipc/bindings";
import { effortName, t } from "../text";

/** Returns the labels of known capabilities. Unknown and missing ones have none. */
export function capabilityLabels({ capabilities, efforts }: ModelView): string[] {
  const { images, tools, parallel_tools, verbosity, fast } = capabilities;
  const labels = [
    images && t.models.images,
    tools && (parallel_tools ? t.models.toolsTogether : t.models.tools),
    verbosity && t.models.verbosity,
    fast && t.models.fast,
    // Several efforts have a row of their own.
    efforts.length === 1 && efforts[0] && t.models.oneEffort(effortName(efforts[0].id)),
  ];
  return labels.filter((one) => typeof one === "string");
}
