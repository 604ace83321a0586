// The gateway on a port of its own, and what other programs send to it.

import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";

import type { RealPage } from "./real";

/** Returns a free port. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
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
