// For how long the gateway may be silent before the files of a tool come back.

/** The minutes that can be chosen; the command line takes others, too. */
export const silenceChoices: readonly [number, number, ...number[]] = [5, 10, 30, 60];
