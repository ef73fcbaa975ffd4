// What does a cell say in words: to a screen reader, and in its tooltip?

import { STATES, TEST_STATES } from "./states.js";
import { count, day, instant, plural, size } from "./words.js";

/** Say a cell in one sentence. */
export function describeCell(row, text) {
  const cell = row.cells.get(text);
  const what = `${row.client}${row.several ? `, ${row.event}` : ""}, ${day(text)}`;
  if (!cell) return `${what}: no delivery expected`;
  return [`${what}: ${STATES[cell.state].name.toLowerCase()}`, ...listFacts(row, cell)].join(", ");
}

/** Say the state of a row's test file. */
export function describeTest(row) {
  const when = row.test.at ? `, ${instant(row.test.at)}` : "";
  return `${row.client}: ${TEST_STATES[row.test.state].name.toLowerCase()}${when}`;
}

/** List what is known about a delivery, in short phrases. */
export function listFacts(row, cell) {
  const facts = [];
  if (cell.attempt) facts.push(cell.delivered_at ? plural(cell.attempt, "attempt") : `attempt ${cell.attempt} of 11`);
  if (cell.next_at) facts.push(`next try at ${instant(cell.next_at, row.zone)}`);
  if (cell.first_delivered_at) facts.push(`first at ${instant(cell.first_delivered_at, row.zone)}`);
  if (cell.delivered_at) facts.push(`at ${instant(cell.delivered_at, row.zone)}`);
  if (cell.rows !== undefined && cell.rows !== null && cell.state !== "empty") facts.push(`${count(cell.rows)} rows`);
  if (cell.bytes) facts.push(size(cell.bytes));
  return facts;
}
