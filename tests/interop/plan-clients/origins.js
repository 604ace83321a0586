// What listens at OpenAI's addresses in the namespace: it takes TLS off, and passes every byte to the sandbox.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";

export const ISSUER = "https://auth.openai.com";
export const API = "https://api.openai.com";

/** The names that lead here (siwc §0). */
export const NAMES = [ISSUER, API].map((origin) => new URL(origin).hostname);

/** Starts listening for the sandbox at `address`; the certificate is that of run.js. */
export async function startOrigins(folder, address) {
  const target = new URL(address);
  const sockets = new Set();
  const server = createServer({
    key: readFileSync(join(folder, "server.key")),
    cert: readFileSync(join(folder, "server.pem")),
  });
  const track = (socket, other) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket) && other.destroy());
    socket.on("error", () => other.destroy());
  };
  server.on("secureConnection", (socket) => {
    const onward = connect(target.port, target.hostname);
    track(socket, onward);
    track(onward, socket);
    socket.pipe(onward).pipe(socket);
  });
  server.listen(443, "0.0.0.0");
  await once(server, "listening");
  return {
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
