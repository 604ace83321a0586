// Loads what the first paint does not need: before the first of its places is shown, so that what was there
// stays until it can be seen and the focus finds its title.

class DeferredLoader {
  module = $state.raw<typeof import("./deferred") | null>(null);

  async load(): Promise<void> {
    this.module ??= await import("./deferred");
  }
}

export const deferred = new DeferredLoader();
