// Looks for the secrets of a session in what the app leaves behind, as they are and in base64.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** Any run of this many characters of a secret is a leak. */
const SLICE = 12;

/** What was secret in the requests that the sandbox received. */
export function secretsOf(requests) {
  const secrets = requests.flatMap(({ path: target, headers, body }) => {
    const bearer = headers.find(([name]) => name === "authorization")?.[1].replace(/^Bearer /, "");
    const state = new URL(target, "http://sandbox").searchParams.get("state");
    return [bearer, state, body?.code, body?.code_verifier, body?.refresh_token, body?.token];
  });
  return [...new Set(secrets.filter(Boolean))];
}

/** The runs of `text` that are so long. */
const runs = (text, length) => Array.from({ length: Math.max(0, text.length - length + 1) }, (_, at) => text.slice(at, at + length));

/** The files below `folder`, and the `output`, that hold any part of a secret. */
export async function leaks(folder, output, secrets) {
  const needles = new Set(
    secrets.flatMap((secret) => [
      ...runs(secret, SLICE),
      // Nine characters are twelve of base64, wherever in the encoded text they lie.
      ...runs(secret, 9).flatMap((run) => ["base64", "base64url"].map((form) => Buffer.from(run).toString(form))),
    ]),
  );
  const holds = (bytes) => {
    // Web views keep text as UTF-16; without its zeros that reads the same.
    const text = bytes.toString("latin1").replaceAll("\0", "");
    for (let at = 0; at + SLICE <= text.length; at += 1) if (needles.has(text.slice(at, at + SLICE))) return true;
    return false;
  };
  const found = holds(Buffer.from(output)) ? ["the output"] : [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && holds(await readFile(file))) found.push(path.relative(folder, file));
  }
  return found;
}
