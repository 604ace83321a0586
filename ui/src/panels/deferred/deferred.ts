// Everything that is loaded right after the first paint, as one chunk.

import { keepFocus } from "../../components/accessibility/keepFocus";

export { laterIcons } from "../../components/display/laterIcons";
export { laterFailures } from "../../text/errors/laterFailures";

export { accountWithRoom } from "../attention/accountWithRoom";
export { providerAttentionOf } from "../attention/providerAttention";
export { default as DisconnectDialog } from "../../account/DisconnectDialog.svelte";
export { default as DisconnectNotices } from "../../account/DisconnectNotices.svelte";
export { default as WelcomeDialog } from "../../account/WelcomeDialog.svelte";
export { default as NoToolsRow } from "../../account/NoToolsRow.svelte";
export { default as NameForm } from "../../account/NameForm.svelte";
export { passesNow } from "../../components/dialog/passesNow";
export { PassQuestion } from "../../components/dialog/passQuestion.svelte";
export { default as PassQuestionDialog } from "../../components/dialog/PassQuestionDialog.svelte";
export { coloursOf } from "../../components/display/accountPalette";
export { default as LinkQuestion } from "../../deep-link/LinkQuestion.svelte";
export { default as ExternalSignIns } from "../../external-sign-ins/ExternalSignIns.svelte";
export { default as CloseQuestion } from "../../gateway/CloseQuestion.svelte";
export { default as LockNotice } from "../../gateway/LockNotice.svelte";
export { lockAttention } from "../../gateway/lockAttention";
export { settingsAttention } from "../../preferences/notices/settingsAttention";
export { nameHolderAttention } from "../../preferences/notices/nameHolderAttention";
export { default as NameHolderNotice } from "../../preferences/notices/NameHolderNotice.svelte";
export { default as SettingsNotice } from "../../preferences/notices/SettingsNotice.svelte";
export { passphraseQuestion } from "../../state/passphraseQuestion.svelte";
export { default as PassphraseQuestion } from "../../preferences/secrets/PassphraseQuestion.svelte";
export { announceSignIn } from "../../sign-in/announceSignIn";
export { default as SignInScreen } from "../../sign-in/SignInScreen.svelte";
export { default as RoleRows } from "../../models/RoleRows.svelte";
export { default as PlanUseRow } from "../../usage/PlanUseRow.svelte";
export { storeAttention } from "../../storage/storeAttention";
export { default as StoreNotice } from "../../storage/StoreNotice.svelte";
export { default as StoreQuestion } from "../../storage/StoreQuestion.svelte";

keepFocus();
