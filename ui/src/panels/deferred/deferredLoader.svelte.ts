// Loads what the first paint does not need.

type Deferred = typeof import("./deferred");
type Panels = typeof import("./DeferredPanels.svelte");

class DeferredLoader {
  /** What the panel of the plan and the notices need besides. Loaded right after the first paint. */
  module = $state.raw<Deferred | null>(null);
  /** The other panels. Loaded before the first of them is shown, since many windows never show one. */
  panels = $state.raw<Panels["default"] | null>(null);

  async load(): Promise<Deferred> {
    return (this.module ??= await import("./deferred"));
  }

  /** Until they are loaded, the old panel stays, so that the focus finds the new title. */
  async loadPanels(): Promise<void> {
    await this.load();
    this.panels ??= (await import("./DeferredPanels.svelte")).default;
  }
}

export const deferred = new DeferredLoader();
