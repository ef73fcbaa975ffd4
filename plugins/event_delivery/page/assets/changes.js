// @ts-check
// Which deliveries have another state than a moment ago?

/** @import { Overview } from "./answers.js" */

/**
 * Find the cells whose state differs, as `destination/event/day`; null when the range is another one.
 * @param {Overview} before
 * @param {Overview} after
 */
export function findChanges(before, after) {
  if (before.from !== after.from || before.to !== after.to) return null;
  const states = new Map(listCells(before));
  const all = listCells(after).filter(([key, state]) => states.get(key) !== state);
  return new Set(all.map(([key]) => key));
}

/**
 * @param {Overview} overview
 * @returns {Array<[string, string]>}
 */
function listCells(overview) {
  return overview.destinations.flatMap(({ id, cells }) =>
    cells.map((cell) => /** @type {[string, string]} */ ([`${id}/${cell.event}/${cell.day}`, cell.state])));
}
