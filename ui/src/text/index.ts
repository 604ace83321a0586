// The texts in use.

import { en, type Messages } from "./en";

export const t: Messages = en;

export { effortName } from "./en";
export { attentions } from "./errors/attentions";
export { buttonOf, detailOf, failures } from "./errors/errors";
export type { FailureText, RecoveryAction } from "./errors/errors";
export { countdown, ended, exactTime, list, sentences } from "./format";
export { providerKindOf, planTexts, sameFailure } from "./providers/plan";
export { isPlanUsage, planUsage, planUsageDiffers, planUsageFailure } from "./providers/planUsage";
export { accountLabel } from "./accountLabel";
export { spendLimits } from "./spendLimits";
export type { ProviderKind, ProviderTexts, TroubleshootingHint } from "./providers/plan";
export { unreadableStore } from "./unreadableStore";
