// What comes after the first paint, in one piece.

export { needOf } from "./needs";
export { default as Rest } from "./Rest.svelte";
