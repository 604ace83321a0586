// Everything that is loaded after the first paint, as one chunk.

export { providerAttentionOf } from "../attention/providerAttention";
export { default as DeferredPanels } from "./DeferredPanels.svelte";
