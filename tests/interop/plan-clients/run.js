// Runs client.test.js for each client of clients.js, and usher.test.js, each in a network namespace of its own, where the
// names of OpenAI lead to the sandbox. Ids of clients as arguments run only these. All of them together check the tables of
// page.js, or write them with `--write`.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { chosen, inFolder, runJobs } from "../clients/jobs.js";
import { namespaceCommand } from "../clients/network-namespace.js";
import { nodeForClients } from "../clients/packages.js";
import { clients, python, usherClient } from "./clients.js";
import { NAMES } from "./origins.js";
import { checkUsher, part, tables } from "./page.js";
import { sentBy } from "./sent.js";

await inFolder("usher-plan-clients-", async (folder) => {
  if (!python) throw new Error("run these tests by ./dev test, or by npm test with USHER_PLAN_CLIENTS_PYTHON set");
  makeCertificates(folder);
  const jobs = clients.map(({ id }) => ({ name: id, file: "client.test.js", env: { USHER_CLIENT: id } }));
  jobs.push({ name: usherClient.id, file: "usher.test.js" });
  const names = process.argv.slice(2).filter((name) => name !== "--write");
  await runJobs(chosen(jobs, names), {
    namespace: namespaceCommand(folder, NAMES),
    node: nodeForClients(),
    cwd: import.meta.dirname,
    // Node reads the certificates when it starts; the tests need them for the browser.
    env: { USHER_CLIENTS_FOLDER: folder, NODE_EXTRA_CA_CERTS: join(folder, "client.pem") },
  });
  if (names.length === 0 && !process.exitCode) checkPage(sentBy(folder));
});

function checkPage(sent) {
  checkUsher(sent[usherClient.id]);
  const text = tables(sent);
  if (process.argv.includes("--write")) part.commit(text);
  else assert.equal(part.committed(), text, "the page has other requests: write it by npm test -- --write");
}

/** Makes a certificate authority, client.pem, and with it server.pem and server.key. */
function makeCertificates(folder) {
  execFileSync(python, ["-m", "trustme", "--quiet", "--dir", folder, "--identities", ...NAMES]);
}
