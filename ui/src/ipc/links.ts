// Pages of the OpenAI Platform by the name that the core opens them by. It does not have all of them yet; until
// then the nearest one that it has is opened.

import type { Link } from "./bindings";

export const links = {
  /** platform.openai.com/api-keys */
  platformKeys: "models",
  /** platform.openai.com/usage */
  platformUsage: "usage",
  /** platform.openai.com/settings/organization/billing */
  platformBilling: "pricing",
  /** developers.openai.com/api/docs/models */
  modelGuide: "models",
} as const satisfies Record<string, Link>;
