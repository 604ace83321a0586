// Listens at every address and name in the network namespace and records connection attempts. No name resolves.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

/** Starts listening at these ports; `take()` returns and resets the recorded hosts, without duplicates. */
export async function monitorConnections(ports = [53, 80, 443]) {
  const contacted = new Set();

  const dns = createSocket("udp4");
  dns.on("message", (query, from) => {
    contacted.add(nameIn(query));
    dns.send(notFound(query), from.port, from.address);
  });
  dns.bind(53, "127.0.0.1");
  await once(dns, "listening");

  const servers = [];
  for (const port of ports) {
    const server = createServer((socket) => {
      contacted.add(`${socket.localAddress}:${socket.localPort}`);
      socket.on("error", () => {});
      socket.resetAndDestroy();
    });
    server.listen(port, "0.0.0.0");
    await once(server, "listening");
    servers.push(server);
  }

  return {
    take() {
      const all = [...contacted].sort();
      contacted.clear();
      return all;
    },
    close() {
      dns.close();
      for (const server of servers) server.close();
    },
  };
}

/** Returns the name of the first question (RFC 1035 §4.1.2). */
function nameIn(message) {
  const labels = [];
  for (let at = 12; message[at]; at += message[at] + 1)
    labels.push(message.toString("latin1", at + 1, at + 1 + message[at]));
  return labels.join(".");
}

/** Turns the query into a response: recursion available, NXDOMAIN (RFC 1035 §4.1.1). */
function notFound(query) {
  const response = Buffer.from(query);
  response.writeUInt16BE(0x8183, 2);
  // An additional record, for example of EDNS, is kept.
  return response;
}
