// Announces the progress of a sign-in to screen readers.

import type { SignInRoute } from "../ipc/bindings";
import { announcer } from "../components/accessibility/announcer.svelte";
import { t } from "../text";
import { signInFailure } from "../text/errors/signInErrors";
import { code, signIn as texts } from "../text/accounts/signIn";
import { spellOut, type SignInState } from "./signIn";

function waitingText({ opened, method }: SignInState & { at: "waiting" }): string {
  if (opened) return texts.browserOpened;
  return method === "paste" ? texts.linkReady : texts.notOpened;
}

export function announceSignIn(state: SignInState, before: SignInState, route: SignInRoute): void {
  switch (state.at) {
    case "waiting":
      if (before.at !== "waiting") announcer.say(waitingText(state));
      else if (state.ignored > before.ignored) announcer.say(texts.ignored);
      break;
    case "code":
      announcer.say(code.announced(spellOut(state.userCode, code.dash)));
      break;
    case "failed": {
      const text = signInFailure(state.failure.code, route, state.method);
      announcer.warn(t.announce.failure(text.title, text.next));
      break;
    }
    default:
  }
}
