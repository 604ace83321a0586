// The gateway on a port of its own, and what other programs send to it.

import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";

import type { RealPage } from "./real";

let given = 0;

/**
 * Returns a free port. It is none of those that the system gives to programs which ask for any: such a one may be
 * given to another program before it is used.
 */
export async function freePort(): Promise<number> {
  const port = 10_000 + ((process.pid * 50 + given++) % 20_000);
  return (await isFree(port)) ? port : await freePort();
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}

/** Sets the port of the gateway. */
export const setPort = (usher: RealPage, port: number) =>
  writeFile(path.join(usher.home, "config.toml"), `[gateway]\nport = ${port}\n`);

/** Asks the gateway as a program with a pass does. */
export const post = (address: string, pass: string, input: string) =>
  fetch(`${address}/v1/responses`, {
    method: "POST",
    headers: { authorization: `Bearer ${pass}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "", input, stream: true }),
  });
