// What the built .rpm has and needs. It is not installed: this system has no database of RPM.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { built, output, run } from "./package.js";

/** Folders of Debian, with those that Fedora and openSUSE read instead; `null` where the file is only in the .deb. */
const folders = [
  ["/usr/share/zsh/vendor-completions/", "/usr/share/zsh/site-functions/"],
  ["/usr/share/doc/", null],
];

/** Returns where a file of the .deb is in the .rpm. */
function inRpm(file) {
  const [debian, other] = folders.find(([folder]) => file.startsWith(folder)) ?? ["", ""];
  return other === null ? [] : [other + file.slice(debian.length)];
}

test("the .rpm package has the files of the .deb where its systems read them, and needs libraries by their names", async () => {
  const [rpm, deb] = [await built("rpm"), await built("deb")];
  const listed = (await output("dpkg-deb", "--contents", deb)).split("\n").filter((line) => line.startsWith("-"));
  const inDeb = listed.map((line) => `/${/ (?:\.\/)?(\S+)$/.exec(line)[1]}`);
  const files = (await output("rpm", "-qlp", rpm)).split("\n");
  const licences = ["LICENSE-MIT", "LICENSE-APACHE"].map((name) => `/usr/share/licenses/usher/${name}`);
  assert.deepEqual(files.toSorted(), [...inDeb.flatMap(inRpm), ...licences].sort());
  const needs = (await output("rpm", "-qRp", rpm)).split("\n");
  for (const library of ["libwebkit2gtk-4.1.so.0()(64bit)", "libgtk-3.so.0()(64bit)"]) assert.ok(needs.includes(library), needs.join("\n"));
  assert.equal(needs.some((one) => one.includes("appindicator")), false);
  assert.match(await output("rpm", "-qp", "--scripts", rpm), /preuninstall[^]*end_processes/);
});

test("the .rpm package installs as far as it can be tried without its libraries", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "usher-rpm-"));
  try {
    await run("rpm", ["--dbpath", folder, "--test", "--nodeps", "-i", await built("rpm")]);
    await assert.rejects(run("rpm", ["--dbpath", folder, "--test", "-i", await built("rpm")]), /webkit2gtk/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
