// Everything that is loaded after the first paint, as one chunk.

export { providerAttentionOf } from "../attention/providerAttention";
export { default as CloseQuestion } from "../../gateway/CloseQuestion.svelte";
export { settingsAttention } from "../../preferences/settingsAttention";
export { default as SettingsNotice } from "../../preferences/SettingsNotice.svelte";
export { storeAttention } from "../../storage/storeAttention";
export { default as StoreNotice } from "../../storage/StoreNotice.svelte";
export { default as StoreQuestion } from "../../storage/StoreQuestion.svelte";
export { default as DeferredPanels } from "./DeferredPanels.svelte";
