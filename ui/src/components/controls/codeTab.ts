// Tabs of lines that are ready to copy.

/** One tab with its lines. */
export interface CodeTab {
  label: string;
  /** Where the lines go. */
  where: string;
  text: string;
}
