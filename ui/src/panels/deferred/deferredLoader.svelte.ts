// Loads the deferred panels before the first of them is shown, so that the old panel stays until then
// and the focus finds the new title.

type Deferred = typeof import("./deferred");

class DeferredLoader {
  module = $state.raw<Deferred | null>(null);

  async load(): Promise<Deferred> {
    return (this.module ??= await import("./deferred"));
  }
}

export const deferred = new DeferredLoader();
