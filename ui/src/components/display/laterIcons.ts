// Icons of the deferred panels, which import this file for its effect.

import { icons } from "./icons";

export const laterIcons = {
  copy: "M7.25 5.75h5a1.5 1.5 0 0 1 1.5 1.5v5a1.5 1.5 0 0 1-1.5 1.5h-5a1.5 1.5 0 0 1-1.5-1.5v-5a1.5 1.5 0 0 1 1.5-1.5zM10.25 5.75v-2A1.5 1.5 0 0 0 8.75 2.25h-5a1.5 1.5 0 0 0-1.5 1.5v5a1.5 1.5 0 0 0 1.5 1.5h2",
  x: "M4 4l8 8M12 4l-8 8",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6a2 2 0 1 0 0 4 2 2 0 1 0 0-4",
  pencil: "M2.75 13.25l.75-3 7-7a1.41 1.41 0 0 1 2 0l.25.25a1.41 1.41 0 0 1 0 2l-7 7z",
  undo: "M5.5 2.75 2.5 5.75l3 3M2.75 5.75h6.75a3.75 3.75 0 0 1 0 7.5H6",
  save: "M8 2.25v7.5M4.75 6.75 8 10l3.25-3.25M2.75 13.25h10.5",
  left: "M10 3.5 5.5 8 10 12.5",
  up: "M8 13V3.25M4 7l4-4 4 4",
  down: "M8 3v9.75M4 9l4 4 4-4",
} as const;

Object.assign(icons, laterIcons);
