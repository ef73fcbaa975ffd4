// @ts-check
// Which rows pass the filter, in which order, and how many deliveries have which state?

/** @import { State } from "./answers.js" */
/** @import { MatrixRow } from "./matrix_row.js" */
/** @import { View } from "./view.js" */

import { COUNTED_TESTS, WORST_FIRST, hasArrived } from "./states.js";

/** @typedef {keyof typeof COUNTED_TESTS} CountedTest */
/** @typedef {State | CountedTest} Counted */

export const COUNTED = /** @type {Counted[]} */ ([...WORST_FIRST, ...Object.keys(COUNTED_TESTS)]);
const ORDER = new Intl.Collator("en", { numeric: true });

/**
 * Keep the rows that match search, client and states, in the order asked for.
 * @param {MatrixRow[]} rows
 * @param {View} view
 */
export function chooseRows(rows, view) {
  const states = readStates(view);
  const words = view.q.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = rows.filter((row) =>
    words.every((word) => row.text.includes(word)) && (!view.client || row.client === view.client) &&
    (!states.length || states.some((state) => hasState(row, state, view.scope))));
  return chosen.sort(view.sort === "client" ? byClient : byWorst);
}

/**
 * Count the deliveries of each state, in the last night or in all days shown.
 * @param {MatrixRow[]} rows
 * @param {string} scope
 */
export function countStates(rows, scope) {
  const counts = /** @type {Record<Counted, number>} */ (
    Object.fromEntries(COUNTED.map((state) => [state, 0])));
  for (const row of rows) {
    const counted = scope === "all" ? [...row.cells.values()] : row.last ? [row.last] : [];
    for (const cell of counted) counts[cell.state] += 1;
    if (row.own && counted.every(({ state }) => state !== row.own)) counts[row.own] += 1;
    for (const state of COUNTED) if (row.first && isCountedTest(state) && hasState(row, state, scope)) counts[state] += 1;
  }
  return counts;
}

/**
 * Count the last night's deliveries: all of days that are over and due, those that arrived, and those of which nobody
 * can tell; and say of which day they are, if it is one.
 * @param {MatrixRow[]} rows
 */
export function countNight(rows) {
  const nights = rows.flatMap((row) => row.last || []);
  const expected = nights.map((night) => night.state), days = new Set(nights.map((night) => night.day));
  const unconfirmed = expected.filter((state) => state === "unconfirmed").length;
  const [only] = days.size === 1 ? days : [null];
  return { expected: expected.length, arrived: expected.filter(hasArrived).length, unconfirmed, day: only };
}

/**
 * Return the states that the view filters by.
 * @param {View} view
 */
export function readStates(view) {
  return /** @type {Counted[]} */ (view.state.split(",").filter(Boolean));
}

/**
 * Tell whether what is counted are test files.
 * @param {Counted} state
 * @returns {state is CountedTest}
 */
export function isCountedTest(state) {
  return state in COUNTED_TESTS;
}

/** @type {(row: MatrixRow, state: Counted, scope: string) => boolean} */
function hasState(row, state, scope) {
  if (isCountedTest(state)) return row.test.state === COUNTED_TESTS[state].state;
  if (state === row.own) return true;
  if (scope !== "all") return row.last?.state === state;
  return [...row.cells.values()].some((cell) => cell.state === state);
}

/** @type {(one: MatrixRow, other: MatrixRow) => number} */
function byClient(one, other) {
  return ORDER.compare(one.client, other.client) || ORDER.compare(one.key, other.key);
}

/** @type {(one: MatrixRow, other: MatrixRow) => number} */
function byWorst(one, other) {
  const later = Number(one.worstDay < other.worstDay) - Number(one.worstDay > other.worstDay);
  return one.rank - other.rank || later || byClient(one, other);
}
