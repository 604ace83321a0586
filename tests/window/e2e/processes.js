// Ends a process that a test started, by its handle, and waits for its exit.
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  if ((await Promise.race([ended, pause(5000, "late", { ref: false })])) !== "late") return;
  child.kill("SIGKILL");
  await ended;
}
