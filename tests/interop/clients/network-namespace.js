// A separate network for each test file: only loopback, where connection-monitor.js records every attempt to reach
// another host. With processes of its own, so that what a client leaves running ends with the tests.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// As root, else as root of a new user namespace.
const network = ["--net", "--mount"];
const processes = ["--pid", "--fork", "--kill-child", "--mount-proc"];
const user = ["--user", "--map-root-user"];
const methods = [
  ["unshare", ...network, ...processes],
  ["unshare", ...user, ...network, ...processes],
  // Some containers refuse to mount /proc.
  ["unshare", ...network],
  ["unshare", ...user, ...network],
];

// Every address is local, so that a connection attempt is seen instead of only refused. Names are resolved here, too,
// and not through a socket of the system's resolver.
const script = `set -e
ip link set lo up
ip route add local default dev lo
mount --bind "$1/resolv.conf" /etc/resolv.conf
mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf
mount --bind "$1/hosts" /etc/hosts
shift
exec "$@"`;

/**
 * Returns the command that runs another one in a namespace, where `names` are names of this computer. `folder` must
 * exist while it runs.
 */
export function namespaceCommand(folder, names = []) {
  writeFileSync(join(folder, "resolv.conf"), "nameserver 127.0.0.1\n");
  writeFileSync(join(folder, "nsswitch.conf"), "hosts: files dns\n");
  const hosts = [readFileSync("/etc/hosts", "utf8"), ...names.map((name) => `127.0.0.1 ${name}`)];
  writeFileSync(join(folder, "hosts"), `${hosts.join("\n")}\n`);
  const errors = [];
  for (const method of methods) {
    const command = [...method, "sh", "-c", script, "sh", folder];
    try {
      execFileSync(command[0], [...command.slice(1), "true"], { stdio: ["ignore", "pipe", "pipe"] });
      return command;
    } catch (error) {
      errors.push(`  ${method.join(" ")}: ${String(error.stderr ?? error).trim()}`);
    }
  }
  throw new Error(
    `no network namespace can be made here:\n${errors.join("\n")}\n` +
      "hint: the tests of clients need util-linux and iproute2, and user namespaces (sysctl kernel.unprivileged_userns_clone=1," +
      " kernel.apparmor_restrict_unprivileged_userns=0) or root with CAP_SYS_ADMIN",
  );
}
