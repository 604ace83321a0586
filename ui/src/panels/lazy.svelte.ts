// Loads the places that the first paint does not need: before the first of them is shown, so that what was
// there stays until it can be seen and the focus finds its title.

type Rest = (typeof import("./Rest.svelte"))["default"];

class Lazy {
  Rest = $state.raw<Rest | null>(null);

  async load(): Promise<void> {
    this.Rest ??= (await import("./Rest.svelte")).default;
  }
}

export const lazy = new Lazy();
