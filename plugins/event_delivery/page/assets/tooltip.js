// @ts-check
// What does a cell tell when the pointer or the keyboard rests on it?

/** @import { Child } from "./elements.js" */
/** @import { MatrixRow } from "./matrix_row.js" */
/** @typedef {{ row: MatrixRow | null, day: string | undefined }} Place */

import { find, findTarget, listNodes, make } from "./elements.js";
import { makeCellMark, makeMark } from "./mark.js";
import { listFacts } from "./sentences.js";
import { STATES, TEST_STATES, sayMeaning } from "./states.js";
import { day, instant } from "./words.js";

const GAP = 8;

/**
 * Show tooltips over the matrix.
 * @param {HTMLElement} scroller
 * @param {(cell: HTMLElement) => Place} findPlace tells row and day of a cell
 */
export function followPointer(scroller, findPlace) {
  const show = (/** @type {Event} */ event) => {
    const cell = findTarget(event)?.closest("td.cell, td.test");
    const content = cell instanceof HTMLElement ? describe(cell, findPlace(cell)) : null;
    if (cell && content) place(cell, content);
    else hideTooltip();
  };
  scroller.addEventListener("pointerover", show);
  scroller.addEventListener("focusin", (event) => findTarget(event)?.matches(":focus-visible") && show(event));
  scroller.addEventListener("pointerleave", hideTooltip);
  scroller.addEventListener("focusout", hideTooltip);
  scroller.addEventListener("scroll", hideTooltip, { passive: true });
}

/** Hide the tooltip. */
export function hideTooltip() {
  find("tooltip").hidden = true;
}

/** @type {(element: HTMLElement, place: Place) => Array<Child | Child[]> | null} */
function describe(element, { row, day: text }) {
  if (!row) return null;
  if (element.classList.contains("test")) return row.first ? describeTest(row) : null;
  const cell = text && row.cells.get(text);
  if (!cell) return null;
  return [
    make("strong", {}, makeCellMark(cell), `${STATES[cell.state].name}, ${day(text)}`),
    make("p", {}, row.several ? `${row.client}, ${row.event}` : row.client),
    listFacts(row, cell).map((fact) => make("p", {}, capitalise(fact))),
    make("p", { class: "reason" }, cell.error || (cell.delivered_at ? "" : sayMeaning(cell.state, row.limits))),
  ];
}

/** @param {MatrixRow} row */
function describeTest(row) {
  const { name, symbol } = TEST_STATES[row.test.state];
  return [
    make("strong", {}, makeMark(symbol), name), make("p", {}, row.client),
    row.test.at && make("p", {}, instant(row.test.at, row.zone)),
    row.test.error && make("p", { class: "reason" }, row.test.error),
  ];
}

/** @type {(cell: Element, content: Array<Child | Child[]>) => void} */
function place(cell, content) {
  const tooltip = find("tooltip");
  tooltip.replaceChildren(...listNodes(content));
  tooltip.hidden = false;
  const around = cell.getBoundingClientRect(), own = tooltip.getBoundingClientRect();
  const below = around.bottom + GAP;
  const fits = below + own.height < innerHeight;
  tooltip.style.top = `${fits ? below : Math.max(GAP, around.top - own.height - GAP)}px`;
  const left = around.left + around.width / 2 - own.width / 2;
  tooltip.style.left = `${Math.max(GAP, Math.min(left, innerWidth - own.width - GAP))}px`;
}

/** @param {string} text */
function capitalise(text) {
  return text[0].toUpperCase() + text.slice(1);
}
