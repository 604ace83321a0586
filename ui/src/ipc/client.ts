// The one door between the page and the core. Three ends stand behind it: the window (tauri.ts), memory
// (fake.ts) and a test server (bridge.ts). Everything else in the page knows only this interface.

import type {
  DisconnectView,
  ErrorCode,
  FailureView,
  Link,
  ModelsView,
  Overview,
  Revoked,
  Selection,
  SignInEvent,
  SignInMethod,
  TestEvent,
  UsageView,
} from "./bindings";
import { errorCodes } from "./bindings";

/** What the core can do. Every rejection is a {@link Failure}. */
export interface Core {
  overview(): Promise<Overview>;
  /** Ends when the attempt ended. The same method joins a pending attempt, another one replaces it. */
  signIn(method: SignInMethod, onEvent: (event: SignInEvent) => void): Promise<void>;
  cancelSignIn(): Promise<void>;
  pasteRedirect(url: string): Promise<void>;
  openLink(link: Link): Promise<void>;
  models(refresh: boolean): Promise<ModelsView>;
  choose(model: string, effort: string | null): Promise<Selection>;
  /** Asks the network; {@link Overview.usage} is what was seen last. */
  usage(): Promise<UsageView>;
  runTest(onEvent: (event: TestEvent) => void): Promise<void>;
  stopTest(): Promise<void>;
  disconnect(): Promise<DisconnectView>;
  retryRevocation(id: string): Promise<Revoked>;
  forgetRevocation(id: string): Promise<void>;
  setEnabled(enabled: boolean): Promise<void>;
  /** Asks the keyring to unlock; the person has up to a minute. */
  unlockStore(): Promise<void>;
  /** The page can be seen now; noted in the log. */
  painted(): Promise<void>;
  /** Something changed in this or another process; answers with the way to stop listening. */
  onChanged(listener: () => void): () => void;
}

/** A failure on its way through promises; what counts is its view. */
export class Failure extends Error {
  constructor(readonly view: FailureView) {
    super(view.code);
  }
}

/** The view of anything that was thrown; what the core did not say is our own mistake. */
export function failureOf(thrown: unknown): FailureView {
  if (thrown instanceof Failure) return thrown.view;
  if (typeof thrown === "object" && thrown !== null && "code" in thrown) {
    const { code, cause, retry_at } = thrown as Partial<FailureView>;
    if (errorCodes.includes(code as ErrorCode)) {
      return { code: code as ErrorCode, cause: cause ?? "", retry_at: retry_at ?? null };
    }
  }
  return { code: "bad_usage", cause: thrown instanceof Error ? thrown.message : "", retry_at: null };
}
