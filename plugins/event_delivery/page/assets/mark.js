// @ts-check
// How is a state drawn: its colour, its shape and its symbol?

import { make, symbol } from "./elements.js";

/** @type {Map<string, HTMLElement>} */
const marks = new Map();

/**
 * Make a state's mark; the same ones are copied, for a thousand rows have many.
 * @param {string} state
 * @param {string} [shape] the symbol, where it is another than the state's own
 */
export function makeMark(state, shape = state) {
  const key = `${state} ${shape}`;
  const mark = marks.get(key) || make("span", { class: `mark ${state}` }, symbol(shape));
  marks.set(key, mark);
  return mark.cloneNode(true);
}
