// @ts-check
// How is a state drawn: its colour, its shape and its symbol?

/** @import { Cell } from "./answers.js" */

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
  return /** @type {HTMLElement} */ (mark.cloneNode(true));
}

/** What a small sign at a delivery's mark means, the more urgent first. */
export const SIGNS = /** @type {const} */ ({
  differs: { name: "Differs from the source", meaning: "Events came late, or were deleted at the source since; the panel says how many." },
  supplements: { name: "Supplemented", meaning: "Late events were brought by a further file of that day." },
});

/**
 * Make a delivery's mark, with a sign where its events came late.
 * @param {Cell} cell
 */
export function makeCellMark(cell) {
  const mark = makeMark(cell.state), sign = cell.differs ? "differs" : cell.supplements ? "supplements" : null;
  if (sign) mark.append(makeSign(sign));
  return mark;
}

/**
 * Make a small sign.
 * @param {keyof typeof SIGNS} name
 */
export function makeSign(name) {
  return make("span", { class: `sign ${name}` }, symbol(name));
}
