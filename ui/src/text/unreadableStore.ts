// Texts about a store that cannot be read; part of the first paint.

export const unreadableStore = {
  damaged: "The file with your sign-ins is damaged",
  otherKey: "The key does not fit the file with your sign-ins",
  next: "Nothing was changed. Put it back from a backup if you have one, or start again without it: Usher keeps the old file under another name.",
  startAgain: "Start again without it",
};
