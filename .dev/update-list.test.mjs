// The list of versions, of signatures that `tauri signer` made. The private key is gone.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { updateList } from "./update-list.mjs";

/** What is in `usher.key.pub`. */
const publicKey =
  "dW50cnVzdGVkIGNvbW1lbnQ6IG1pbmlzaWduIHB1YmxpYyBrZXk6IEMwMzdERjc3Q0YyMzA3RjcKUldUM0J5UFBkOTgzd0g4dmdSUkppWjJ3Vy9lRmFxcUdT" +
  "akRONUNIdiszTWY3aVVYcDUvYWI3K3MK";

/** Of a file, for version 0.2.0, by the private key of `publicKey`. */
const signature =
  "dW50cnVzdGVkIGNvbW1lbnQ6IHNpZ25hdHVyZSBmcm9tIHRhdXJpIHNlY3JldCBrZXkKUlVUM0J5UFBkOTgzd09weVg0ZFNmdlRPTkdOdFlUV3AwclFjUWRJ" +
  "SHdrdnRtZFIwTWV5ZFJQL3lxTFhJK25TdlZLUHplVmNCVWxvb1JQcjc3U0tQWGxHQ3lJMnFYeFYvS0FVPQp0cnVzdGVkIGNvbW1lbnQ6IHRpbWVzdGFtcDox" +
  "Nzk2MDUwNDkxCWZpbGU6VXNoZXJfMC4yLjBfYW1kNjQuQXBwSW1hZ2UJdmVyc2lvbjowLjIuMApPRllodkVCb1phYUZ1TzdYRWxPeEdMRGpJWDB2dy9KaHZ6" +
  "KzBab3M1ZG5zMGk1cmZ4cmgxbFB0bGdCbGUydm41bXZNT0JGTGRGNTI3TEJLVmg1QTdEUT09Cg==";

const packages = ["Usher_0.2.0_amd64.AppImage", "Usher_0.2.0_aarch64.app.tar.gz", "Usher_0.2.0_x64.app.tar.gz", "Usher_0.2.0_x64-setup.exe"];
const address = "https://usher.example/releases/latest.json";

/** Calls `use` with a folder of `names`, each with its signature. */
function withPackages(names, use) {
  const folder = mkdtempSync(path.join(tmpdir(), "update-list-"));
  try {
    for (const name of names) {
      writeFileSync(path.join(folder, name), "");
      writeFileSync(path.join(folder, `${name}.sig`), `${signature}\n`);
    }
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("the list names the package of each platform beside it, with its signature", () => {
  const list = withPackages([...packages, "Usher_0.2.0_x64.dmg"], (folder) => updateList(folder, address, publicKey, "0.2.0"));
  assert.equal(list.version, "0.2.0");
  assert.deepEqual(
    Object.entries(list.platforms).map(([platform, { url }]) => [platform, url]),
    ["linux-x86_64", "darwin-aarch64", "darwin-x86_64", "windows-x86_64"].map((platform, index) => [
      platform,
      `https://usher.example/releases/${packages[index]}`,
    ]),
  );
  for (const entry of Object.values(list.platforms)) assert.equal(entry.signature, signature);
});

test("a list that copies would refuse is not made", () => {
  const key = Buffer.from(publicKey, "base64").toString().split("\n");
  const other = Buffer.from([key[0], `RWQ${key[1].slice(3)}`].join("\n")).toString("base64");
  for (const [names, by, version, reason] of [
    [packages.slice(1), publicKey, "0.2.0", /0 packages \*_amd64\.AppImage/],
    [[...packages, "Usher_0.1.0_amd64.AppImage"], publicKey, "0.2.0", /2 packages/],
    [packages, publicKey, "0.3.0", /signed as version 0\.2\.0, not 0\.3\.0/],
    [packages, other, "0.2.0", /another key/],
    [packages, "", "0.2.0", /another key/],
  ]) {
    assert.throws(() => withPackages(names, (folder) => updateList(folder, address, by, version)), reason);
  }
});
