// Base of the in-memory core: scenario, recorded calls, and failures to inject.

import type { CloseAnswer, DeepLinkView, FailureView, Language, LanguageView } from "../bindings";
import { Failure } from "../client";
import type { Scenario } from "./fixtures";
import { scenarioOf } from "./scenarios";

export const isFailure = (value: object | string): value is FailureView =>
  typeof value === "object" && "code" in value;

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export class FakeBase {
  scenario: Scenario;
  /** Commands in call order, for tests. */
  readonly calls: string[] = [];
  /** Failures by command, each for the next call only. */
  readonly nextFailures = new Map<string, FailureView>();
  #listeners = new Set<() => void>();
  #closers = new Set<() => void>();
  #linked = new Set<() => void>();
  #link: DeepLinkView | null = null;

  constructor(readonly state: string) {
    this.scenario = scenarioOf(state, this.now());
  }

  /** Whole seconds, as all times of the core. */
  now(): number {
    return Math.floor(Date.now() / 1000);
  }

  /** Changes the scenario as another process would, and notifies the page. */
  change(edit: (scenario: Scenario) => void): void {
    edit(this.scenario);
    for (const listener of this.#listeners) listener();
  }

  protected async respond<T extends object>(command: string, value: T | FailureView): Promise<T> {
    this.calls.push(command);
    const name = command.split(" ", 1)[0] ?? command;
    const failure = this.nextFailures.get(command) ?? this.nextFailures.get(name);
    this.nextFailures.delete(command);
    this.nextFailures.delete(name);
    await sleep(0);
    if (failure) throw new Failure(failure);
    if (isFailure(value)) throw new Failure(value);
    return structuredClone(value);
  }

  protected async acknowledge(command: string): Promise<void> {
    await this.respond(command, {});
  }

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onCloseRequested(listener: () => void): () => void {
    this.#closers.add(listener);
    return () => this.#closers.delete(listener);
  }

  onDeepLink(listener: () => void): () => void {
    this.#linked.add(listener);
    return () => this.#linked.delete(listener);
  }

  async takeDeepLink(): Promise<DeepLinkView | null> {
    const link = this.#link;
    this.#link = null;
    return link && this.respond("take_deep_link", link);
  }

  /** Hands a link to the page, as another program does. */
  giveLink(link: DeepLinkView): void {
    this.#link = link;
    for (const listener of this.#linked) listener();
  }

  /** Asks to close the window, as its close button does. */
  requestClose(): void {
    for (const closer of this.#closers) closer();
  }

  answerClose(answer: CloseAnswer): Promise<void> {
    return this.acknowledge(`answer_close ${answer}`);
  }

  language(): Promise<LanguageView> {
    return this.respond("language", this.#languageView());
  }

  async chooseLanguage(language: Language | null): Promise<LanguageView> {
    await this.acknowledge(`choose_language ${language ?? "system"}`);
    // The next page is another core.
    if (language === null) sessionStorage.removeItem("fake-language");
    else sessionStorage.setItem("fake-language", language);
    return this.#languageView();
  }

  #languageView(): LanguageView {
    const chosen = sessionStorage.getItem("fake-language") as Language | null;
    return { chosen, shown: chosen ?? "en" };
  }
}
