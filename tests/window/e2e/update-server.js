// A server with a list of versions and their packages, signed as Tauri's command line does.
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

const base64 = (...pieces) => Buffer.concat(pieces.map((piece) => Buffer.from(piece))).toString("base64");

/** A pair of keys in the form of minisign. */
function makeKey() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const id = randomBytes(8);
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  return {
    publicKey: base64(`untrusted comment: minisign public key\n${base64("Ed", id, raw)}\n`),
    /** Returns the signature of a package, which names the version. */
    sign(data, version) {
      const signature = sign(null, createHash("blake2b512").update(data).digest(), privateKey);
      const comment = `timestamp:1795953600\tfile:Usher.AppImage\tversion:${version}`;
      const whole = sign(null, Buffer.concat([signature, Buffer.from(comment)]), privateKey);
      return base64(`untrusted comment: signature\n${base64("ED", id, signature)}\ntrusted comment: ${comment}\n${base64(whole)}\n`);
    },
  };
}

/** Starts it on a free port. `offer` sets what it has; before that there is nothing. */
export async function startUpdateServer() {
  const [key, other] = [makeKey(), makeKey()];
  let list = null;
  let bytes = null;
  const requests = [];
  const server = createServer((request, response) => {
    requests.push({ url: request.url, headers: request.headers });
    const body = request.url === "/latest.json" ? list && JSON.stringify(list) : bytes;
    response.writeHead(body ? 200 : 404).end(body ?? "");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `http://127.0.0.1:${server.address().port}`;
  return {
    endpoint: `${address}/latest.json`,
    publicKey: key.publicKey,
    requests,
    /** Offers `data` as `version`; what differs from a right offer is given. */
    offer(version, data, { signedAs = version, signedFor = data, byOther = false } = {}) {
      bytes = data;
      const signature = (byOther ? other : key).sign(signedFor, signedAs);
      list = {
        version,
        notes: "Faster start.\n<b>Not bold</b>",
        platforms: { [`linux-${process.arch === "arm64" ? "aarch64" : "x86_64"}`]: { url: `${address}/package`, signature } },
      };
    },
    close: () => new Promise((closed) => server.close(closed)),
  };
}
