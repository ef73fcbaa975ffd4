// @ts-check
// Which rows of the matrix are in sight, and how do they take the place of those that were?

import { make } from "./elements.js";

export const ROW_HEIGHT = 34;
const SPARE = 8;

/**
 * Return the first row in sight and the one after the last, with some to spare on both sides.
 * @param {{ scrollTop: number, clientHeight: number }} scroller
 * @param {number} number how many rows there are
 * @returns {[number, number]}
 */
export function findInSight({ scrollTop, clientHeight }, number) {
  const first = Math.max(0, Math.floor(scrollTop / ROW_HEIGHT) - SPARE);
  return [first, Math.min(number, first + Math.ceil(clientHeight / ROW_HEIGHT) + 2 * SPARE)];
}

/**
 * Make the room that so many rows would take; null for none.
 * @param {number} rows
 */
export function makeRoom(rows) {
  if (rows <= 0) return null;
  const row = make("tr", { "aria-hidden": "true", class: "space" });
  row.style.height = `${rows * ROW_HEIGHT}px`;
  return row;
}

/**
 * Replace the body's rows without touching those that stay: a focused one keeps its focus.
 * @param {HTMLElement} body
 * @param {HTMLElement[]} wanted
 */
export function replaceRows(body, wanted) {
  /** @type {Set<Element>} */
  const kept = new Set(wanted);
  for (const row of [...body.children]) if (!kept.has(row)) row.remove();
  wanted.forEach((row, place) => {
    if (body.children[place] !== row) body.insertBefore(row, body.children[place] || null);
  });
}

/**
 * Return the number, or the nearest one from 0 to `most`.
 * @param {number} number
 * @param {number} most
 */
export function clamp(number, most) {
  return Math.max(0, Math.min(number, most));
}
