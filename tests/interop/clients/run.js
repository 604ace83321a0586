// Runs each test file, and defined.test.js for each client of definitions/, in a network namespace of its own, and prints
// the outcome of every client and case. Names of files or of clients as arguments run only these; `--write` puts the
// outcomes on the page of docs.js.
import { readdirSync } from "node:fs";
import { definitions } from "./definitions.js";
import { commit } from "./docs.js";
import { chosen, inFolder, runJobs } from "./jobs.js";
import { namespaceCommand } from "./network-namespace.js";
import { nodeForClients } from "./packages.js";
import { table } from "./table.js";

await inFolder("usher-clients-", async (folder) => {
  const namespace = namespaceCommand(folder);
  const names = process.argv.slice(2).filter((name) => name !== "--write");
  await runJobs(chosen(await allJobs(), names), {
    namespace,
    node: nodeForClients(),
    cwd: import.meta.dirname,
    env: { USHER_CLIENTS_FOLDER: folder },
  });
  const [outcomes, cases] = [table(folder, "defined"), table(folder, "own")];
  console.log(`\n${outcomes}\n\n${cases}\n`);
  if (process.argv.includes("--write")) commit({ outcomes, cases });
});

/** Returns what can be run: the longest first, so that two workers end at about the same time. */
async function allJobs() {
  const installed = (await definitions()).filter((client) => client.bin);
  const ofClients = installed
    .sort((a, b) => b.apis.length - a.apis.length)
    .map(({ id }) => ({ name: id, file: "defined.test.js", env: { USHER_CLIENT: id } }));
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.js") && name !== "defined.test.js");
  return [...ofClients, ...files.map((file) => ({ name: file, file }))];
}
