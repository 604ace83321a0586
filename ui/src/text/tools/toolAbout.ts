// Explains what goes through Usher once a tool is connected, and what does not.

import * as m from "#messages";

/** Paragraphs for tools of which there is more to say than their lines. */
export const toolAbout: Record<string, readonly string[]> = {
  "codex-app": [
    m.tool_about_codex_app_requests(),
    m.tool_about_codex_app_sign_in(),
    m.tool_about_codex_app_header(),
    m.tool_about_codex_app_restart(),
  ],
};

export const toolAboutTexts = {
  open: m.tool_about_open(),
  title: (name: string) => m.tool_about_title({ name }),
};
