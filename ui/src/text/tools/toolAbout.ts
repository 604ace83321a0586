// Explains what goes through Usher once a tool is connected, and what does not.

/** Paragraphs for tools of which there is more to say than their lines. */
export const toolAbout: Record<string, readonly string[]> = {
  "codex-app": [
    "The requests of its agent and the list of models go through Usher, and the account of the pass pays for them.",
    "Its sign-in stays with OpenAI, as do its plugins, its account, the limits that it shows, and what it reports about its use.",
    "It sends its sign-in to Usher with each request. Usher removes it there: it is not used, forwarded, logged or kept. Only the pass in the line http_headers lets a request in.",
    "Restart the app after you connect or disconnect it.",
  ],
};

export const toolAboutTexts = {
  open: "Learn more",
  title: (name: string) => `About connecting ${name}`,
};
