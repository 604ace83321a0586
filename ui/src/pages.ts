// The pages that the button of a failure opens in the browser.

import type { Link } from "./ipc/bindings";
import { links } from "./ipc/links";
import type { Step } from "./text";

export const pages: Partial<Record<Step, Link>> = {
  plans: "pricing",
  usage_page: "usage",
  status_page: "status",
  keys_page: links.platformKeys,
  billing_page: links.platformBilling,
  platform_usage: links.platformUsage,
};
