// @ts-check
// Of which elements does the matrix consist, and what do they say to those who do not see them?

/** @import { MatrixRow } from "./matrix_row.js" */
/** @import { Counted } from "./rows.js" */

import { make } from "./elements.js";
import { makeCellMark, makeMark } from "./mark.js";
import { describeCell, describeTest } from "./sentences.js";
import { STATES, TEST_STATES } from "./states.js";
import { day, dayParts } from "./words.js";

/**
 * How the rows are shown: which days, which states stand out, what is open, what has just changed.
 * @typedef {object} Look
 * @property {string[]} days
 * @property {string | undefined} lastDay
 * @property {Counted[]} states
 * @property {string} openId
 * @property {string} openEvent
 * @property {Set<string> | null} changed
 */

const WIDE_UP_TO = 45;

/**
 * Tell whether so many days leave no room for weekdays.
 * @param {string[]} days
 */
export function isNarrow(days) {
  return days.length > WIDE_UP_TO;
}

/**
 * Make the columns and their heads.
 * @param {string[]} days
 */
export function makeHead(days) {
  const columns = make("colgroup", {},
    make("col", { class: "name-column" }), make("col", { class: "test-column" }), days.map(() => make("col")));
  const heads = days.map((text, place) => makeDayHead(text, place, days));
  const corner = make("th", { scope: "col", class: "corner" }, "Client");
  const test = make("th", { scope: "col", class: "test", title: "Test file" }, "Test");
  const row = make("tr", { "aria-rowindex": 1 }, corner, test, heads);
  return [columns, make("thead", {}, row)];
}

/**
 * Make a row; its cells can be focused, and say in words what they show.
 * @param {MatrixRow} row
 * @param {number} place
 * @param {Look} look
 */
export function makeRowElement(row, place, look) {
  const cells = look.days.map((text, column) => makeCell(row, text, column, look));
  const open = row.id === look.openId && (!look.openEvent || row.event === look.openEvent);
  const attributes = { "aria-rowindex": place + 2, "data-row": row.key, class: open ? "open" : null };
  return make("tr", attributes, makeName(row), makeTest(row), cells);
}

/** @type {(text: string, place: number, days: string[]) => HTMLElement} */
function makeDayHead(text, place, days) {
  const { number, weekday, month } = dayParts(text);
  const wide = !isNarrow(days);
  const shown = wide || weekday === "Mon";
  const starts = number === 1 || (place === 0 && days.length > 3 && dayParts(days[3]).month === month);
  const kinds = [weekday[0] === "S" ? "weekend" : "", place === days.length - 1 ? "last" : ""].join(" ").trim();
  return make("th", { scope: "col", class: kinds || null, "aria-label": day(text), "data-column": place + 2 },
    make("span", { class: "month" }, starts ? month : ""), wide ? weekday.slice(0, 2) : "",
    make("b", {}, shown ? String(number) : " "));
}

/** @param {MatrixRow} row */
function makeName(row) {
  const detail = row.several ? `${row.id} · ${row.event}` : row.id;
  const badge = row.own ? STATES[row.own].name : row.paused ? "Paused" : "";
  const words = `${row.client}, ${detail}${badge ? `, ${badge.toLowerCase()}` : ""}: open the destination`;
  return make("th", { scope: "row", tabindex: -1, "data-column": 0, "aria-label": words, title: row.notice || row.client },
    make("div", { class: "client" },
      make("span", { class: "who" }, make("b", {}, row.client), make("i", {}, detail)),
      badge && make("span", { class: `badge ${row.own || ""}` }, badge)));
}

/** @param {MatrixRow} row */
function makeTest(row) {
  const { symbol: shape } = TEST_STATES[row.test.state];
  const attributes = { class: "test", role: "gridcell", tabindex: -1, "data-column": 1, "aria-label": describeTest(row) };
  return make("td", attributes, row.first && makeMark(shape));
}

/** @type {(row: MatrixRow, text: string, column: number, look: Look) => HTMLElement} */
function makeCell(row, text, column, look) {
  const cell = row.cells.get(text);
  const kinds = ["cell"];
  if (text === look.lastDay) kinds.push("last-column");
  if (cell && look.states.length && !look.states.includes(cell.state)) kinds.push("faded");
  if (look.changed?.has(`${row.key}/${text}`)) kinds.push("changed");
  const attributes = {
    class: kinds.join(" "), role: "gridcell", tabindex: -1, "data-column": column + 2, "data-day": text,
    "data-state": cell?.state, "aria-label": describeCell(row, text),
  };
  return make("td", attributes, cell && makeCellMark(cell));
}
