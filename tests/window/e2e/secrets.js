// Searches what the app leaves behind for secrets of a session, as plain text and in base64.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** Any run of this many characters of a secret is a leak. */
const SLICE = 12;

/** Returns the secrets in the requests that the sandbox received. */
export function secretsOf(requests) {
  const secrets = requests.flatMap(({ path: target, headers, body }) => {
    const bearer = headers.find(([name]) => name === "authorization")?.[1].replace(/^Bearer /, "");
    const state = new URL(target, "http://sandbox").searchParams.get("state");
    return [bearer, state, body?.code, body?.code_verifier, body?.refresh_token, body?.token];
  });
  return [...new Set(secrets.filter(Boolean))];
}

/** Returns all substrings of `text` of that length. */
const runs = (text, length) => Array.from({ length: Math.max(0, text.length - length + 1) }, (_, at) => text.slice(at, at + length));

/** Returns the bytes of a file; none if it was deleted since it was listed, as a database does with its journal. */
const contents = (file) =>
  readFile(file).catch((failure) => {
    if (failure.code === "ENOENT") return Buffer.alloc(0);
    throw failure;
  });

/** Returns files below `folder`, and `output`, that contain any part of a secret. */
export async function leaks(folder, output, secrets) {
  const needles = new Set(
    secrets.flatMap((secret) => [
      ...runs(secret, SLICE),
      // Nine characters are at least twelve of base64 at any offset.
      ...runs(secret, 9).flatMap((run) => ["base64", "base64url"].map((form) => Buffer.from(run).toString(form))),
    ]),
  );
  const holds = (bytes) => {
    // Web views store text as UTF-16; without zero bytes it is comparable.
    const text = bytes.toString("latin1").replaceAll("\0", "");
    for (let at = 0; at + SLICE <= text.length; at += 1) if (needles.has(text.slice(at, at + SLICE))) return true;
    return false;
  };
  const found = holds(Buffer.from(output)) ? ["the output"] : [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && holds(await contents(file))) found.push(path.relative(folder, file));
  }
  return found;
}
