// What comes after the first paint, in one piece.

export { needOf } from "./providerAttention";
export { default as Rest } from "./DeferredPanels.svelte";
