// The only interface between the page and the core. It has three implementations: the window (tauri.ts), memory
// (fake.ts) and a test server (bridge.ts). Everything else in the page knows only this interface.

import type {
  AccountCard,
  AccountId,
  AccountView,
  DoctorReport,
  CodexLoginEvent,
  DisconnectView,
  ErrorCode,
  FailureView,
  ExternalSignInView,
  GatewayStatus,
  Link,
  CreatedPass,
  ModelsView,
  MoveDirection,
  NewEndpoint,
  NewPass,
  Overview,
  PassView,
  ProviderChange,
  ProviderId,
  ProvidersView,
  ProviderView,
  RequestUpdate,
  RevocationView,
  Selection,
  SignInEvent,
  SignInMethod,
  TestEvent,
  UsageView,
} from "./bindings";
import { errorCodes } from "./bindings";

/** What the core can do. Every rejection is a {@link Failure}. */
export interface Core {
  /** The plan's provider; {@link Core.providers} has all of them. */
  overview(): Promise<Overview>;
  providers(): Promise<ProvidersView>;
  /** One of those that have no address of their own: `openai` or `codex-cli`. */
  addProvider(provider: ProviderId): Promise<ProviderView>;
  addEndpoint(endpoint: NewEndpoint): Promise<ProviderView>;
  changeProvider(provider: ProviderId, change: ProviderChange): Promise<ProviderView>;
  /** Forgets its key and the values of its headers, too. */
  removeProvider(provider: ProviderId): Promise<void>;
  setEnabled(provider: ProviderId, enabled: boolean): Promise<void>;
  saveKey(provider: ProviderId, key: string): Promise<ProviderView>;
  forgetKey(provider: ProviderId): Promise<ProviderView>;
  saveHeader(provider: ProviderId, name: string, value: string): Promise<ProviderView>;
  removeHeader(provider: ProviderId, name: string): Promise<ProviderView>;

  models(provider: ProviderId, refresh: boolean): Promise<ModelsView>;
  /** What is null stays as it is, as far as the model has it; an empty `small` takes the small model away. */
  choose(
    provider: ProviderId,
    model: string | null,
    effort: string | null,
    small: string | null,
  ): Promise<Selection>;
  /** A model by its id, which a refresh does not take away. */
  addModel(provider: ProviderId, id: string): Promise<ModelsView>;
  removeModel(provider: ProviderId, id: string): Promise<ModelsView>;
  runTest(provider: ProviderId, onEvent: (event: TestEvent) => void): Promise<void>;
  stopTest(): Promise<void>;
  /** Asks the network; {@link Overview.usage} is what was seen last. */
  usage(): Promise<UsageView>;

  /**
   * Ends when the attempt ended. The same method joins a pending attempt, another one replaces it.
   * `addAccount`: the page lets the person choose another account than the browser's.
   */
  signIn(method: SignInMethod, addAccount: boolean, onEvent: (event: SignInEvent) => void): Promise<void>;
  cancelSignIn(): Promise<void>;
  pasteRedirect(url: string): Promise<void>;
  /** An access token that the person pasted; it does not renew. */
  saveAccessToken(token: string): Promise<AccountView>;
  accounts(): Promise<AccountCard[]>;
  useAccount(account: AccountId): Promise<void>;
  /** An empty label takes the name away. */
  renameAccount(account: AccountId, label: string): Promise<void>;
  moveAccount(account: AccountId, direction: MoveDirection): Promise<void>;
  /** Null: the account in use. */
  disconnect(account: AccountId | null): Promise<DisconnectView>;
  retryRevocation(id: string): Promise<RevocationView>;
  forgetRevocation(id: string): Promise<void>;

  /** Sign-ins that other programs keep on this computer. */
  foundSignIns(): Promise<ExternalSignInView[]>;
  /** Runs the Codex CLI's own sign-in; ends when that has ended. */
  codexLogin(onEvent: (event: CodexLoginEvent) => void): Promise<void>;
  stopCodexLogin(): Promise<void>;

  doctor(): Promise<DoctorReport>;
  /** Answers with the file that was written. */
  exportDiagnostics(): Promise<string>;

  gatewayStatus(): Promise<GatewayStatus>;
  /** Off ends what is under way. */
  switchGateway(on: boolean): Promise<GatewayStatus>;
  /** In the order in which they were made. */
  passes(): Promise<PassView[]>;
  /** The only answer with a secret in it. */
  makePass(pass: NewPass): Promise<CreatedPass>;
  revokePass(id: string): Promise<void>;
  /** First all requests that are known, then those that began or ended; ends when that is stopped. */
  watchRequests(onNews: (news: RequestUpdate) => void): Promise<void>;
  stopWatchingRequests(): Promise<void>;

  openLink(link: Link): Promise<void>;
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
