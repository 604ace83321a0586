// Signs a home in to the sandbox with a device code, as a person who enters the code and allows it.

import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"

/** Signs `account` of the sandbox at `issuer` in, with the `usher` at `program` in `environment`. */
export const signIn = async (program, environment, issuer, account) => {
  const env = { ...process.env, ...environment }
  const login = spawn(program, ["login", "--device", "--json"], { env, stdio: ["ignore", "pipe", "inherit"] })
  const ended = once(login, "exit")
  const [line] = await once(createInterface({ input: login.stdout }), "line")
  const form = (values) => ({ method: "POST", body: new URLSearchParams(values), redirect: "manual" })
  const entered = await fetch(new URL("/codex/device", issuer), form({ user_code: JSON.parse(line).user_code }))
  const request = new URL(entered.headers.get("location"), issuer).searchParams.get("request")
  const chosen = await fetch(new URL("/sandbox/login", issuer), form({ request, account }))
  const headers = { cookie: chosen.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ") }
  await fetch(new URL("/sandbox/consent", issuer), { ...form({ request, decision: "allow" }), headers })
  const [exit] = await ended
  if (exit !== 0) throw new Error(`usher login exited with ${exit}`)
}
