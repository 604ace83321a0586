// Names of the OpenAI Platform pages that the core can open.

import type { Link } from "./bindings";

export const links = {
  /** platform.openai.com/api-keys */
  platformKeys: "platform_keys",
  /** platform.openai.com/usage */
  platformUsage: "platform_usage",
  /** platform.openai.com/settings/organization/billing */
  platformBilling: "platform_billing",
  /** platform.openai.com/docs/guides/model-selection */
  modelGuide: "model_guide",
} as const satisfies Record<string, Link>;
