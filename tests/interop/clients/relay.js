// Passes requests on to the gateway and counts them, because those with a bad pass never reach the sandbox.
import { once } from "node:events";
import { createServer, request } from "node:http";

/** Starts a relay to the gateway at `address`. */
export async function startRelay(address, port = 0) {
  const target = new URL(address);
  let asked = [];
  let heads = [];
  let waiting = [];

  const server = createServer((incoming, outgoing) => {
    heads.push({ method: incoming.method, path: incoming.url, headers: incoming.headers });
    if (incoming.method === "POST") {
      asked.push(incoming.url);
      waiting = waiting.filter(({ atLeast, resolve }) => asked.length < atLeast || resolve());
    }
    const options = { host: target.hostname, port: target.port, method: incoming.method, path: incoming.url };
    const headers = { ...incoming.headers, host: target.host };
    const onward = request({ ...options, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.on("error", () => outgoing.destroy());
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onward.destroy());
    incoming.pipe(onward);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");

  return {
    address: `http://127.0.0.1:${server.address().port}`,
    /** The paths of all requests to a model since the last reset. */
    asked: () => asked,
    /** Method, path and headers of all requests since the last reset. */
    heads: () => heads,
    /** Resolves when a number of them has arrived. */
    counted: (atLeast) =>
      new Promise((resolve) => (asked.length < atLeast ? waiting.push({ atLeast, resolve }) : resolve())),
    reset() {
      asked = [];
      heads = [];
      waiting = [];
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
