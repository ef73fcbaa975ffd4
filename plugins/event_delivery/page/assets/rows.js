// Which rows does the matrix have, which of them pass the filter, and in which order?

import { ARRIVED, WORST_FIRST, rank } from "./states.js";

const ORDER = new Intl.Collator("en", { numeric: true });

/** Make a row for each destination and event type. */
export function makeRows(overview) {
  return overview.destinations.flatMap((destination) =>
    listEvents(destination).map((event) => makeRow(overview, destination, event)));
}

/** Keep the rows that match search, client and states, in the order asked for. */
export function chooseRows(rows, view) {
  const states = readStates(view);
  const words = view.q.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = rows.filter((row) =>
    words.every((word) => row.text.includes(word)) && (!view.client || row.client === view.client) &&
    (!states.length || states.some((state) => hasState(row, state, view.scope))));
  return chosen.sort(view.sort === "client" ? byClient : byWorst);
}

/** Count the deliveries of each state, in the last night or in all days shown. */
export function countStates(rows, scope) {
  const counts = Object.fromEntries([...WORST_FIRST, "test"].map((state) => [state, 0]));
  for (const row of rows) {
    for (const cell of scope === "all" ? row.cells.values() : [row.last]) {
      if (cell) counts[cell.state] += 1;
    }
    if (row.own && row.last?.state !== row.own) counts[row.own] += 1;
    if (row.first && row.test.state === "failed") counts.test += 1;
  }
  return counts;
}

/** Count the last night's deliveries: all that were due, and those that arrived. */
export function countNight(rows) {
  const cells = rows.map((row) => row.last).filter((cell) => cell && cell.state !== "disabled" && cell.state !== "due");
  return { expected: cells.length, arrived: cells.filter((cell) => ARRIVED.includes(cell.state)).length };
}

/** Return the states that the view filters by. */
export function readStates(view) {
  return view.state.split(",").filter(Boolean);
}

function makeRow(overview, destination, event) {
  const cells = new Map();
  for (const cell of destination.cells) if (cell.event === event) cells.set(cell.day, cell);
  const own = destination.quarantined ? "quarantined" : destination.enabled ? null : "disabled";
  const lastDay = overview.days.at(-1);
  if (own && !cells.has(lastDay)) cells.set(lastDay, { day: lastDay, event, state: own, error: destination.quarantined });
  const nights = [...cells.values()].sort((one, other) => (one.day > other.day) - (one.day < other.day));
  const worst = nights.reduce(worse, null);
  return {
    key: `${destination.id}/${event}`, id: destination.id, client: destination.client, event, own, cells,
    last: nights.findLast((cell) => cell.state !== "due") || nights.at(-1),
    first: listEvents(destination)[0] === event, several: listEvents(destination).length > 1, zone: destination.timezone,
    paused: destination.paused, test: destination.test_file, destination,
    text: `${destination.client} ${destination.id} ${event}`.toLowerCase(),
    rank: rank(own || worst?.state), worstDay: worst?.day || "",
  };
}

/** A quarantined destination has no event types that could be read; its past deliveries have. */
function listEvents(destination) {
  if (destination.events.length) return destination.events;
  const events = [...new Set(destination.cells.map((cell) => cell.event))];
  return events.length ? events : [""];
}

function worse(one, other) {
  if (!one) return other;
  const difference = rank(other.state) - rank(one.state);
  return difference < 0 || (difference === 0 && other.day > one.day) ? other : one;
}

function hasState(row, state, scope) {
  if (state === "test") return row.test.state === "failed";
  if (state === row.own) return true;
  if (scope !== "all") return row.last?.state === state;
  return [...row.cells.values()].some((cell) => cell.state === state);
}

function byClient(one, other) {
  return ORDER.compare(one.client, other.client) || ORDER.compare(one.key, other.key);
}

function byWorst(one, other) {
  return one.rank - other.rank || (one.worstDay < other.worstDay) - (one.worstDay > other.worstDay) || byClient(one, other);
}
