// @ts-check
// What does one row of the matrix hold: a destination's deliveries of one event type?

/** @import { Cell, LatestTestFile, Overview, OverviewLimits, Row } from "./answers.js" */

import { rank } from "./states.js";

/**
 * `own` is what its destination as a whole is, if that is wrong or off.
 * @typedef {object} MatrixRow
 * @property {string} key
 * @property {string} id
 * @property {string} client
 * @property {string} event
 * @property {"quarantined" | "disabled" | null} own
 * @property {Map<string, Cell>} cells by day
 * @property {Cell | undefined} last the last night's
 * @property {boolean} first whether it is the first of its destination
 * @property {boolean} several whether its destination has more
 * @property {string} zone
 * @property {boolean | null} paused
 * @property {LatestTestFile} test
 * @property {string | null} quarantined
 * @property {OverviewLimits} limits
 * @property {string} text what a search looks through
 * @property {number} rank
 * @property {string} worstDay
 */

/**
 * Make a row for each destination and event type.
 * @param {Overview} overview
 */
export function makeRows(overview) {
  return overview.destinations.flatMap((destination) => {
    const events = listEvents(destination);
    return events.map((event) => makeRow(overview, destination, event, events));
  });
}

/** @type {(overview: Overview, destination: Row, event: string, events: string[]) => MatrixRow} */
function makeRow(overview, destination, event, events) {
  const { id, client, timezone: zone, paused, quarantined, test_file: test } = destination;
  const own = quarantined ? "quarantined" : destination.enabled ? null : "disabled";
  const cells = makeCells(destination, event, own, overview.days.at(-1));
  const nights = [...cells.values()].sort((one, other) => Number(one.day > other.day) - Number(one.day < other.day));
  const worst = findWorst(nights);
  return {
    key: `${id}/${event}`, id, client, event, own, cells, zone, paused, quarantined, test, limits: overview.limits,
    last: nights.findLast((cell) => cell.state !== "due") || nights.at(-1),
    first: events[0] === event, several: events.length > 1, text: `${client} ${id} ${event}`.toLowerCase(),
    rank: rank(own || worst?.state), worstDay: worst?.day || "",
  };
}

/** @type {(destination: Row, event: string, own: MatrixRow["own"], lastDay: string | undefined) => Map<string, Cell>} */
function makeCells(destination, event, own, lastDay) {
  /** @type {Map<string, Cell>} */
  const cells = new Map();
  for (const cell of destination.cells) if (cell.event === event) cells.set(cell.day, cell);
  if (own && lastDay && !cells.has(lastDay)) {
    cells.set(lastDay, { day: lastDay, event, state: own, error: destination.quarantined ?? undefined });
  }
  return cells;
}

/**
 * A quarantined destination has no event types that could be read; its past deliveries have.
 * @param {Row} destination
 */
function listEvents(destination) {
  if (destination.events.length) return destination.events;
  const events = [...new Set(destination.cells.map((cell) => cell.event))];
  return events.length ? events : [""];
}

/**
 * Return the worst of the nights, the latest of those.
 * @param {Cell[]} nights in order
 */
function findWorst(nights) {
  /** @type {Cell | undefined} */
  let worst;
  for (const night of nights) if (!worst || rank(night.state) <= rank(worst.state)) worst = night;
  return worst;
}
