// The texts in use.

import { en, type Messages } from "./en";

export const t: Messages = en;

export { effortName } from "./en";
export { attentions, buttonOf, detailOf, failures } from "./errors";
export { codeFailures, signInFailures } from "./signInErrors";
export type { FailureText, RecoveryAction } from "./errors";
export { countdown, exactTime } from "./format";
export { providerKindOf, planTexts, signInHints } from "./plan";
export { accountShortLabel, accountLabel } from "./accountLabel";
export type { ProviderKind, ProviderTexts, TroubleshootingHint } from "./plan";
