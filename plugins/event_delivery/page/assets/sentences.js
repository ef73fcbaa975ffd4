// What does a cell say in words: to a screen reader, and in its tooltip?

import { STATES, TEST_STATES } from "./states.js";
import { count, day, instant, plural, size } from "./words.js";

/** Say a cell in one sentence. */
export function describeCell(row, text) {
  const cell = row.cells.get(text);
  const what = `${row.client}${row.several ? `, ${row.event}` : ""}, ${day(text)}`;
  if (!cell) return `${what}: no delivery expected`;
  return [`${what}: ${STATES[cell.s].name.toLowerCase()}`, ...listFacts(row, cell)].join(", ");
}

/** Say the state of a row's test file. */
export function describeTest(row) {
  const when = row.test.at ? `, ${instant(row.test.at)}` : "";
  return `${row.client}: ${TEST_STATES[row.test.state].name.toLowerCase()}${when}`;
}

/** List what is known about a delivery, in short phrases. */
export function listFacts(row, cell) {
  const facts = [];
  if (cell.a) facts.push(cell.t ? plural(cell.a, "attempt") : `attempt ${cell.a} of 11`);
  if (cell.n) facts.push(`next try at ${instant(cell.n, row.zone)}`);
  if (cell.f) facts.push(`first at ${instant(cell.f, row.zone)}`);
  if (cell.t) facts.push(`at ${instant(cell.t, row.zone)}`);
  if (cell.r !== undefined && cell.r !== null && cell.s !== "empty") facts.push(`${count(cell.r)} rows`);
  if (cell.b) facts.push(size(cell.b));
  return facts;
}
