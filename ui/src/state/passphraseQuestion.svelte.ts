// The question for the passphrase of the secrets, which a notice of any panel asks.

class PassphraseQuestion {
  /** What follows once it was entered, while it is asked for. */
  next = $state.raw<(() => unknown) | null>(null);

  ask(next: () => unknown): void {
    this.next = next;
  }
}

export const passphraseQuestion = new PassphraseQuestion();
