// A network of its own for each file of tests: nothing but loopback, where whoever looks for the rest of the world is
// written down (outside.js).
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

// As root, and else as root of a user namespace of its own.
const ways = [
  ["unshare", "--net", "--mount"],
  ["unshare", "--user", "--map-root-user", "--net", "--mount"],
];

// Every address is here, so that a connection to one is seen and not just refused; names are asked for here as well,
// and not over a socket of the system's own resolver.
const enter = `set -e
ip link set lo up
ip route add local default dev lo
mount --bind "$1/resolv.conf" /etc/resolv.conf
mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf
shift
exec "$@"`;

/** The beginning of a command line that runs a program enclosed. `folder` holds what it needs as long as that runs. */
export function enclosure(folder) {
  writeFileSync(join(folder, "resolv.conf"), "nameserver 127.0.0.1\n");
  writeFileSync(join(folder, "nsswitch.conf"), "hosts: files dns\n");
  const refusals = [];
  for (const way of ways) {
    const command = [...way, "sh", "-c", enter, "sh", folder];
    try {
      execFileSync(command[0], [...command.slice(1), "true"], { stdio: ["ignore", "pipe", "pipe"] });
      return command;
    } catch (error) {
      refusals.push(`  ${way.join(" ")}: ${String(error.stderr ?? error).trim()}`);
    }
  }
  throw new Error(
    `no network namespace can be made here:\n${refusals.join("\n")}\n` +
      "hint: the tests of clients need util-linux and iproute2, and user namespaces (sysctl kernel.unprivileged_userns_clone=1," +
      " kernel.apparmor_restrict_unprivileged_userns=0) or root with CAP_SYS_ADMIN",
  );
}
