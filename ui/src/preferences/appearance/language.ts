// The pages of the languages, and how another one is shown.

import type { Language, LanguageView } from "../../ipc/bindings";
import { isInWindow } from "../../ipc/connect";
import { showPreferences } from "../../state/route";

export const languages: readonly Language[] = ["en", "de", "fr", "es", "ja", "zh-Hans"];

/** Returns the path of a page. In a browser, `/` is the page in the browser's own language. */
function pathOf({ chosen, shown }: LanguageView): string {
  if (chosen === null && !isInWindow) return "/";
  return shown === "en" ? "/index.html" : `/${shown}/index.html`;
}

/** Shows the page of a language, with Preferences open. */
export function showPage(view: LanguageView): void {
  const path = pathOf(view);
  if (path !== "/" && view.shown === __LANGUAGE__) return;
  sessionStorage.setItem(showPreferences, "1");
  location.assign(`${path}${location.search}`);
}
