// Labels of a model's capabilities. Pure functions.

import type { ModelView } from "../ipc/bindings";
import { effortName, t } from "../text";

/** Returns the labels of known capabilities. Unknown and missing ones have none. */
export function capabilityLabels({
  capabilities,
  efforts,
}: Partial<Pick<ModelView, "capabilities" | "efforts">>): string[] {
  const labels = [
    capabilities?.images && t.models.images,
    capabilities?.tools && (capabilities.parallel_tools ? t.models.toolsTogether : t.models.tools),
    // Several efforts have a row of their own.
    efforts?.length === 1 && efforts[0] && t.models.oneEffort(effortName(efforts[0].id)),
  ];
  return labels.filter((one) => typeof one === "string");
}
