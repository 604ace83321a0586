// Loads the deferred panels before the first of them is shown, so that the old panel stays until then
// and the focus finds the new title.

class DeferredLoader {
  module = $state.raw<typeof import("./deferred") | null>(null);

  async load(): Promise<void> {
    this.module ??= await import("./deferred");
  }
}

export const deferred = new DeferredLoader();
