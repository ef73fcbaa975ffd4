// @ts-check
// What does one row of the matrix hold: a destination's deliveries of one event type?

/** @import { Cell, LatestTestFile, Overview, OverviewLimits, Row } from "./answers.js" */

import { isExpected, rank } from "./states.js";

/**
 * `own` is what its destination as a whole is, if that is wrong or off.
 * @typedef {object} MatrixRow
 * @property {string} key
 * @property {string} id
 * @property {string} client
 * @property {string} event
 * @property {"quarantined" | "disabled" | null} own
 * @property {Map<string, Cell>} cells by day
 * @property {Cell | undefined} last the last night's: of the latest due day, if it is enabled and still delivered
 * @property {boolean} first whether it is the first of its destination
 * @property {boolean} several whether its destination has more
 * @property {string} zone
 * @property {boolean | null} paused
 * @property {LatestTestFile} test
 * @property {string | null} quarantined
 * @property {string | null} notice what the quarantine cost, and what the schedule went past
 * @property {string} firstDay the first that can be delivered; empty where any can
 * @property {string} lastDay the last that can be
 * @property {boolean} current whether its event type is still delivered
 * @property {[string, string] | null} missing the first and the last day shown that a backfill would deliver
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
  const cells = makeCells(destination, event, own === "disabled" ? overview.days.at(-1) : undefined);
  const nights = [...cells.values()].sort((one, other) => Number(one.day > other.day) - Number(one.day < other.day));
  const current = !destination.events.length || destination.events.includes(event);
  const lastDue = destination.last_due < overview.to ? destination.last_due : overview.to;
  const worst = findWorst(current ? nights : nights.filter((night) => night.day >= destination.last_due));
  return {
    key: `${id}/${event}`, id, client, event, own, cells, zone, paused, quarantined, test, limits: overview.limits,
    notice: destination.notice, firstDay: destination.start_date || "", lastDay: destination.last_over,
    current, missing: current ? findMissing(nights) : null,
    last: current && destination.enabled ? findLast(nights, lastDue) : undefined,
    first: events[0] === event, several: events.length > 1, text: `${client} ${id} ${event}`.toLowerCase(),
    rank: rank(own || worst?.state), worstDay: worst?.day || "",
  };
}

/** @type {(destination: Row, event: string, disabledDay: string | undefined) => Map<string, Cell>} */
function makeCells(destination, event, disabledDay) {
  /** @type {Map<string, Cell>} */
  const cells = new Map();
  for (const cell of destination.cells) if (cell.event === event) cells.set(cell.day, cell);
  if (disabledDay && !cells.has(disabledDay)) cells.set(disabledDay, { day: disabledDay, event, state: "disabled" });
  return cells;
}

/**
 * A quarantined destination has no event types that could be read; its past deliveries have, also of some that were
 * taken out.
 * @param {Row} destination
 */
function listEvents(destination) {
  const events = [...new Set([...destination.events, ...destination.cells.map((cell) => cell.event)])];
  return events.length ? events : [""];
}

/**
 * Return the first and the last day that a backfill would deliver, or null.
 * @param {Cell[]} nights in order
 * @returns {[string, string] | null}
 */
function findMissing(nights) {
  const missing = nights.filter((night) => night.state === "missing" && !night.part && !night.has_run);
  return missing.length ? [missing[0].day, missing[missing.length - 1].day] : null;
}

/**
 * Return the night of the latest due day; while that is merely due, the one before.
 * @param {Cell[]} nights in order
 * @param {string} lastDue
 */
function findLast(nights, lastDue) {
  const due = nights.filter((night) => night.day <= lastDue), latest = due.at(-1);
  const last = latest?.state === "due" ? due.at(-2) : latest;
  return latest?.day === lastDue && last && isExpected(last.state) ? last : undefined;
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
