// Lines that let scripts use the gateway, for each shell. Pure functions.

import type { GatewayStatus } from "../ipc/bindings";
import { tools as texts } from "../text/tools/tools";

/** The pass that the lines read. */
export const scriptsPass = "scripts";

export interface ShellLines {
  shell: string;
  text: string;
}

type Variables = (name: string, address: string, pass: string) => [string, string];

const { posix, fish, powershell } = texts.scripts;

const shells: { shell: string; variables: Variables }[] = [
  {
    shell: posix,
    variables: (name, address, pass) => [
      `export ${name}_BASE_URL=${address}`,
      `export ${name}_API_KEY=$(usher pass print ${pass})`,
    ],
  },
  {
    shell: fish,
    variables: (name, address, pass) => [
      `set -gx ${name}_BASE_URL ${address}`,
      `set -gx ${name}_API_KEY (usher pass print ${pass})`,
    ],
  },
  {
    shell: powershell,
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

/** Returns the lines of each shell, for both APIs, because a script may use either. */
export function shellLines(address: string): ShellLines[] {
  return shells.map(({ shell, variables }) => ({
    shell,
    text: [
      ...variables("OPENAI", `${address}/v1`, scriptsPass),
      ...variables("ANTHROPIC", address, scriptsPass),
    ].join("\n"),
  }));
}

/** Returns the shell that an operating system has. */
export const firstShell = (os: string | undefined): string => (os === "windows" ? powershell : posix);
