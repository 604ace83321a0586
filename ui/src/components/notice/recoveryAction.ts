// Runs recovery actions of failures. Pages open in the browser everywhere; each screen defines the
// other actions.

import type { Link } from "../../ipc/bindings";
import { links } from "../../ipc/links";
import type { RecoveryAction } from "../../text";

const pages: Partial<Record<RecoveryAction, Link>> = {
  plans: "pricing",
  usage_page: "usage",
  manage_usage: "manage_usage",
  status_page: "status",
  keys_page: links.platformKeys,
  billing_page: links.platformBilling,
  platform_usage: links.platformUsage,
};

export function recoveryHandler(
  openLink: (link: Link) => void,
  own: Partial<Record<RecoveryAction, () => unknown>>,
  otherwise: () => unknown,
): (action: RecoveryAction) => unknown {
  return (action) => {
    const page = pages[action];
    if (page) return openLink(page);
    return (own[action] ?? otherwise)();
  };
}
