// @ts-check
// What do cells, test files and the last night say in words: to a reader, to a screen reader, in a tooltip?

/** @import { Cell, Difference } from "./answers.js" */
/** @import { MatrixRow } from "./matrix_row.js" */

import { STATES, TEST_STATES } from "./states.js";
import { count, day, instant, plural, size, span } from "./words.js";

const STALE_SECONDS = 90;

/**
 * Say a cell in one sentence.
 * @param {MatrixRow} row
 * @param {string} text the day
 */
export function describeCell(row, text) {
  const cell = row.cells.get(text);
  const what = `${row.client}${row.several ? `, ${row.event}` : ""}, ${day(text)}`;
  if (!cell) return `${what}: no delivery expected`;
  return [`${what}: ${STATES[cell.state].name.toLowerCase()}`, ...listFacts(row, cell)].join(", ");
}

/**
 * Say the state of a row's test file.
 * @param {MatrixRow} row
 */
export function describeTest(row) {
  const when = row.test.at ? `, ${instant(row.test.at)}` : "";
  return `${row.client}: ${TEST_STATES[row.test.state].name.toLowerCase()}${when}`;
}

/**
 * List what is known about a delivery, in short phrases.
 * @param {Pick<MatrixRow, "zone" | "limits">} row
 * @param {Cell} cell
 */
export function listFacts(row, cell) {
  const facts = [];
  if (cell.deliveries) facts.push(`the worst of ${cell.deliveries} deliveries that are called by this day`);
  if (cell.attempt) facts.push(`attempt ${cell.attempt} of ${row.limits.attempts}`);
  if (cell.next_at) facts.push(`next try at ${instant(cell.next_at, row.zone)}`);
  if (cell.first_delivered_at) facts.push(`first at ${instant(cell.first_delivered_at, row.zone)}`);
  if (cell.delivered_at) facts.push(`at ${instant(cell.delivered_at, row.zone)}`);
  if (typeof cell.rows === "number" && cell.state !== "empty") facts.push(`${count(cell.rows)} rows`);
  if (cell.bytes) facts.push(size(cell.bytes));
  if (cell.differs) facts.push(sayDifference(cell.differs));
  if (cell.supplements) facts.push(`late events, brought by ${plural(cell.supplements, "supplement")}`);
  return facts;
}

/**
 * Say how a client's files of a day differ from what the source holds.
 * @param {Difference} difference
 */
export function sayDifference({ late, deleted }) {
  if (late === null || deleted === null) return "not as the source is, and nobody can tell which events differ";
  const said = [late && `${plural(late, "event")} late`, deleted && `${plural(deleted, "event")} deleted at the source`];
  return said.filter(Boolean).join(", ") || "some events are in two files";
}

/**
 * Say whether every client got the last night's file: what counts, and the rest of the sentence.
 * @param {{ expected: number, arrived: number, unconfirmed: number, day: string | null }} night `day`: if it is one
 * @returns {[string, string]}
 */
export function describeNight({ expected, arrived, unconfirmed, day: text }) {
  if (!expected) return ["", "No delivery was due yet."];
  const lacking = expected - arrived - unconfirmed, files = plural(expected, "file"), of = text ? ` of ${day(text)}` : " of the last night";
  const doubt = `${unconfirmed === 1 ? "is" : "are"} unconfirmed`;
  if (lacking) {
    const rest = unconfirmed ? `, ${count(unconfirmed)} ${doubt}` : "";
    return [`${count(lacking)} of ${files}`, `${of} ${lacking === 1 ? "has" : "have"} not arrived${rest}.`];
  }
  if (unconfirmed) return [`${count(unconfirmed)} of ${files}`, `${of} ${doubt}.`];
  return [expected === 1 ? "The one file" : `All ${files}`, `${of} arrived.`];
}

/**
 * Say how old the data is, and whether it is too old.
 * @param {number} age in seconds
 * @param {boolean} failed whether the last reading failed
 */
export function describeAge(age, failed) {
  const stale = failed || age > STALE_SECONDS;
  if (age < 3 && !stale) return { stale, words: "Up to date" };
  const ago = span(Math.floor(age) || 0).replace(".0", "");
  return { stale, words: `${stale ? "Out of date: read" : "Read"} ${ago} ago` };
}
