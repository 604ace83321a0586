// The person at the browser: opens the address that a client shows, and answers on the pages of the sandbox.

/** Returns the address at which the browser ends up: the client's own, with the code or the error. */
export async function answer(url, { account = "ada", decision = "allow" } = {}) {
  let at = await followed(url);
  while (at.hostname !== "127.0.0.1") {
    const page = at.pathname.split("/").at(-1);
    const form = { login: { account }, consent: { decision } }[page];
    const body = new URLSearchParams({ request: at.searchParams.get("request"), ...form });
    at = await (form ? followed(new URL(at.pathname, at), { method: "POST", body }) : followed(at));
  }
  return at;
}

async function followed(url, options = {}) {
  const response = await fetch(url, { ...options, redirect: "manual" });
  const location = response.headers.get("location");
  if (!location) throw new Error(`${url} leads nowhere: ${response.status} ${await response.text()}`);
  return new URL(location, url);
}
