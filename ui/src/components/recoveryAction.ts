// What the one button of a failure does: a page opens in the browser wherever one is; what the other steps
// mean is for each place to say.

import type { Link } from "../ipc/bindings";
import { links } from "../ipc/links";
import type { Step } from "../text/index";

const pages: Partial<Record<Step, Link>> = {
  plans: "pricing",
  usage_page: "usage",
  status_page: "status",
  keys_page: links.platformKeys,
  billing_page: links.platformBilling,
  platform_usage: links.platformUsage,
};

export function acting(
  openLink: (link: Link) => void,
  own: Partial<Record<Step, () => unknown>>,
  otherwise: () => unknown,
): (step: Step) => unknown {
  return (step) => {
    const page = pages[step];
    if (page) return openLink(page);
    return (own[step] ?? otherwise)();
  };
}
