// Lines that let scripts use the gateway, for each shell. Pure functions.

import type { GatewayStatus } from "../ipc/bindings";
import type { CodeTab } from "../components/controls/codeTab";
import { tools as texts } from "../text/panels/tools";

/** The pass that the lines read. */
export const scriptsPass = "scripts";

type Variables = (name: string, address: string, pass: string) => [string, string];

const shells: { label: string; variables: Variables }[] = [
  {
    label: texts.scripts.posix,
    variables: (name, address, pass) => [
      `export ${name}_BASE_URL=${address}`,
      `export ${name}_API_KEY=$(usher pass print ${pass})`,
    ],
  },
  {
    label: texts.scripts.fish,
    variables: (name, address, pass) => [
      `set -gx ${name}_BASE_URL ${address}`,
      `set -gx ${name}_API_KEY (usher pass print ${pass})`,
    ],
  },
  {
    label: texts.scripts.powershell,
    variables: (name, address, pass) => [
      `$env:${name}_BASE_URL = "${address}"`,
      `$env:${name}_API_KEY = usher pass print ${pass}`,
    ],
  },
];

/** Returns the address of the gateway, also of one that is off. */
export function addressOf(status: GatewayStatus): string {
  return "address" in status ? status.address : `http://127.0.0.1:${status.port}`;
}

/** Returns a tab for each shell, with the lines for both APIs, because a script may use either. */
export function scriptTabs(address: string): CodeTab[] {
  return shells.map(({ label, variables }) => ({
    label,
    where: texts.scripts.where(label),
    text: [
      ...variables("OPENAI", `${address}/v1`, scriptsPass),
      ...variables("ANTHROPIC", address, scriptsPass),
    ].join("\n"),
  }));
}

/** Returns the tab of the shell that an operating system has. */
export const firstTab = (os: string | undefined): number =>
  os === "windows" ? shells.findIndex(({ label }) => label === texts.scripts.powershell) : 0;
