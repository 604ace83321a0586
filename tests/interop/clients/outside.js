// Stands where the rest of the world would be, and writes down who is looked for. Nobody is found.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

/** Listens in the enclosure; `take()` gives what was wanted since the last time, each once. */
export async function watchOutside() {
  const wanted = new Set();

  const names = createSocket("udp4");
  names.on("message", (question, from) => {
    wanted.add(nameIn(question));
    names.send(notFound(question), from.port, from.address);
  });
  names.bind(53, "127.0.0.1");
  await once(names, "listening");

  const doors = [];
  for (const port of [53, 80, 443]) {
    const door = createServer((socket) => {
      wanted.add(`${socket.localAddress}:${socket.localPort}`);
      socket.on("error", () => {});
      socket.resetAndDestroy();
    });
    door.listen(port, "0.0.0.0");
    await once(door, "listening");
    doors.push(door);
  }

  return {
    take() {
      const all = [...wanted].sort();
      wanted.clear();
      return all;
    },
    close() {
      names.close();
      for (const door of doors) door.close();
    },
  };
}

/** The name of the first question (RFC 1035 §4.1.2). */
function nameIn(message) {
  const labels = [];
  for (let at = 12; message[at]; at += message[at] + 1)
    labels.push(message.toString("latin1", at + 1, at + 1 + message[at]));
  return labels.join(".");
}

/** The same message as an answer: recursion available, NXDOMAIN (RFC 1035 §4.1.1). */
function notFound(question) {
  const answer = Buffer.from(question);
  answer.writeUInt16BE(0x8183, 2);
  // An additional record, EDNS's for one, stays where it is.
  return answer;
}
