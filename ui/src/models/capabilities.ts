// What is known of a model that is worth a word. Pure.

import type { ModelView } from "../ipc/bindings";
import { effortName, t } from "../text";

/** Only what it has; of what is unknown nothing is said. */
export function capabilityLabels({ capabilities, efforts }: ModelView): string[] {
  const { images, tools, parallel_tools, verbosity, fast } = capabilities;
  const said = [
    images && t.models.images,
    tools && (parallel_tools ? t.models.toolsTogether : t.models.tools),
    verbosity && t.models.verbosity,
    fast && t.models.fast,
    // More than one are a row of their own.
    efforts.length === 1 && efforts[0] && t.models.oneEffort(effortName(efforts[0].id)),
  ];
  return said.filter((one) => typeof one === "string");
}
