// What does a cell tell when the pointer or the keyboard rests on it?

import { find, make } from "./elements.js";
import { makeMark } from "./matrix_parts.js";
import { listFacts } from "./sentences.js";
import { STATES, TEST_STATES } from "./states.js";
import { day, instant } from "./words.js";

const GAP = 8;

/** Show tooltips over the matrix; `findPlace(cell)` returns { row, day } of a cell. */
export function followPointer(scroller, findPlace) {
  const show = (event) => {
    const cell = event.target.closest?.("td.cell, td.test");
    const content = cell && describe(cell, findPlace(cell));
    if (content) place(cell, content);
    else hideTooltip();
  };
  scroller.addEventListener("pointerover", show);
  scroller.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && show(event));
  scroller.addEventListener("pointerleave", hideTooltip);
  scroller.addEventListener("focusout", hideTooltip);
  scroller.addEventListener("scroll", hideTooltip, { passive: true });
}

/** Hide the tooltip. */
export function hideTooltip() {
  find("tooltip").hidden = true;
}

function describe(element, { row, day: text }) {
  if (element.classList.contains("test")) return row?.first ? describeTest(row) : null;
  const cell = row?.cells.get(text);
  if (!cell) return null;
  const { name, meaning } = STATES[cell.state];
  return [
    make("strong", {}, makeMark(cell.state), `${name}, ${day(text)}`),
    make("p", {}, row.several ? `${row.client}, ${row.event}` : row.client),
    listFacts(row, cell).map((fact) => make("p", {}, capitalise(fact))),
    make("p", { class: "reason" }, cell.error || (cell.delivered_at ? "" : meaning)),
  ];
}

function describeTest(row) {
  const { name, symbol } = TEST_STATES[row.test.state];
  return [
    make("strong", {}, makeMark(symbol), name), make("p", {}, row.client),
    row.test.at && make("p", {}, instant(row.test.at, row.zone)),
    row.test.error && make("p", { class: "reason" }, row.test.error),
  ];
}

function place(cell, content) {
  const tooltip = find("tooltip");
  tooltip.replaceChildren(...content.flat().filter(Boolean));
  tooltip.hidden = false;
  const around = cell.getBoundingClientRect(), own = tooltip.getBoundingClientRect();
  const below = around.bottom + GAP;
  const fits = below + own.height < innerHeight;
  tooltip.style.top = `${fits ? below : Math.max(GAP, around.top - own.height - GAP)}px`;
  const left = around.left + around.width / 2 - own.width / 2;
  tooltip.style.left = `${Math.max(GAP, Math.min(left, innerWidth - own.width - GAP))}px`;
}

function capitalise(text) {
  return text[0].toUpperCase() + text.slice(1);
}
