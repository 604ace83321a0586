// What a screen reader hears of a sign-in while it goes on.

import { announcer } from "./components/announcer.svelte";
import { spelled, type SignIn } from "./sign-in/signIn";
import { codeFailures, signInFailures, t } from "./text";

export function speakOf(state: SignIn, before: SignIn): void {
  switch (state.at) {
    case "waiting":
      if (before.at !== "waiting") announcer.say(state.opened ? t.announce.browserOpened : t.signIn.openIt);
      else if (state.ignored > before.ignored) announcer.say(t.signIn.ignored);
      break;
    case "code":
      announcer.say(t.code.announced(spelled(state.userCode, t.code.dash)));
      break;
    case "failed": {
      const texts = state.method === "device" ? codeFailures : signInFailures;
      const text = texts[state.failure.code];
      announcer.warn(t.announce.failure(text.title, text.next));
      break;
    }
    default:
  }
}
