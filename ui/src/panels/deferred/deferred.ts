// Everything that is loaded after the first paint, as one chunk.

export { providerAttentionOf } from "../attention/providerAttention";
export { default as DisconnectDialog } from "../../account/DisconnectDialog.svelte";
export { PassQuestion } from "../../components/popup/passQuestion.svelte";
export { default as PassQuestionDialog } from "../../components/popup/PassQuestionDialog.svelte";
export { coloursOf } from "../../components/display/accountPalette";
export { default as CloseQuestion } from "../../gateway/CloseQuestion.svelte";
export { settingsAttention } from "../../preferences/settingsAttention";
export { default as SettingsNotice } from "../../preferences/SettingsNotice.svelte";
export { storeAttention } from "../../storage/storeAttention";
export { default as StoreNotice } from "../../storage/StoreNotice.svelte";
export { default as StoreQuestion } from "../../storage/StoreQuestion.svelte";
export { default as DeferredPanels } from "./DeferredPanels.svelte";
