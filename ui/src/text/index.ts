// The catalogue in use.

import { en, type Messages } from "./en";

export const t: Messages = en;

export { effortName } from "./en";
export { buttonOf, codeFailures, detailOf, attentions, failures, signInFailures } from "./errors";
export type { FailureText, Step } from "./errors";
export { countdown, exactTime } from "./format";
export { kindOf, planTexts, signInTroubles } from "./plan";
export { lineOf, whoOf } from "./accountLabel";
export type { Kind, ProviderTexts, Trouble } from "./plan";
