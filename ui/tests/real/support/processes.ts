// Processes that a test starts, and their output.

import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

/** Returns the built program that a variable names; `./dev test` sets them. */
export function program(variable: string): string {
  const found = process.env[variable];
  if (!found) throw new Error(`${variable} is not set: run the tests by ./dev test`);
  return found;
}

/** The environment of a process: without variables of Usher and other tools, except those that the test sets. */
export function surroundings(own: Record<string, string>): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(
    ([name]) => !/^(USHER_|OPENAI_|CODEX_|PI_|XDG_)/.test(name),
  );
  return { ...Object.fromEntries(others), ...own };
}

/** A process that prints JSON lines. It is ended by its handle or with the test. */
export class Speaker<E extends { event: string }> {
  #events: E[] = [];
  #waiting: { event: string; resolve: (line: E) => void; reject: (error: Error) => void }[] = [];
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;

  constructor(path: string, args: string[], env: NodeJS.ProcessEnv) {
    const child = spawn(path, args, { env, stdio: ["pipe", "pipe", "inherit"] });
    this.#child = child;
    createInterface({ input: child.stdout }).on("line", (line) => this.#emit(JSON.parse(line) as E));
    this.#gone = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => {
        for (const one of this.#waiting)
          one.reject(new Error(`${path} ended with ${code} before the event ${one.event}`));
        resolve();
      });
    });
  }

  #emit(line: E): void {
    const index = this.#waiting.findIndex((one) => one.event === line.event);
    if (index < 0) this.#events.push(line);
    else this.#waiting.splice(index, 1)[0]?.resolve(line);
  }

  get id(): number {
    return this.#child.pid ?? 0;
  }

  /** Returns the next line of that kind, now or when it arrives. */
  next(event: string): Promise<E> {
    const index = this.#events.findIndex((one) => one.event === event);
    const [there] = index < 0 ? [] : this.#events.splice(index, 1);
    if (there) return Promise.resolve(there);
    return new Promise((resolve, reject) => this.#waiting.push({ event, resolve, reject }));
  }

  /** Returns the number of unread lines of that kind. */
  left(event: string): number {
    return this.#events.filter((one) => one.event === event).length;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGTERM");
    await this.#gone;
  }
}
