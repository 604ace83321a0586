// What comes after the first paint, in one piece.

export { providerAttentionOf } from "./providerAttention";
export { default as DeferredPanels } from "./DeferredPanels.svelte";
