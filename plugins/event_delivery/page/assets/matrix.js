// @ts-check
// How is a matrix of a thousand rows shown, of which only those in sight exist?

/** @import { Look } from "./matrix_parts.js" */
/** @import { MatrixRow } from "./matrix_row.js" */

import { findFocused, make } from "./elements.js";
import { isNarrow, makeHead, makeRowElement } from "./matrix_parts.js";
import { ROW_HEIGHT, clamp, findInSight, makeRoom, replaceRows } from "./matrix_rows.js";

const FIXED = 314; // the two columns that stay: client and test file
const LEAST = { narrow: 15, wide: 25 };

/** The matrix in its scrolling element; `active` is the cell that the keyboard stands on. */
export class Matrix {
  /** @param {HTMLElement} scroller */
  constructor(scroller) {
    this.scroller = scroller;
    /** @type {MatrixRow[]} */
    this.rows = [];
    /** @type {string[]} */
    this.days = [];
    /** @type {Look | null} */
    this.look = null;
    /** @type {Map<string, HTMLElement>} */
    this.drawn = new Map();
    this.active = { row: 0, column: 0 };
    this.planned = 0;
    this.body = make("tbody");
    this.table = make("table", { class: "matrix", role: "grid", "aria-label": "Deliveries by client and day" });
    scroller.addEventListener("scroll", () => this.plan(), { passive: true });
    new ResizeObserver(() => this.plan()).observe(scroller);
  }

  /**
   * Show rows; the active cell stays the active one.
   * @param {MatrixRow[]} rows
   * @param {Look} look
   */
  show(rows, look) {
    const held = this.rows[this.active.row]?.key;
    const newDays = String(look.days) !== String(this.days);
    Object.assign(this, { rows, look, days: look.days });
    const place = rows.findIndex((row) => row.key === held);
    this.active.row = place < 0 ? clamp(this.active.row, rows.length - 1) : place;
    this.active.column = Math.min(this.active.column, this.days.length + 1);
    if (newDays) this.layOut();
    this.table.setAttribute("aria-rowcount", String(rows.length + 1));
    const focused = this.body.contains(document.activeElement);
    this.drawn.clear();
    this.render();
    if (focused) this.focusActive();
  }

  /**
   * Move to a cell, bring it into sight and focus it.
   * @param {number} row
   * @param {number} column
   */
  moveTo(row, column) {
    this.active = { row: clamp(row, this.rows.length - 1), column: clamp(column, this.days.length + 1) };
    this.reveal();
    this.render();
    this.focusActive();
  }

  /**
   * Stand on a cell and bring it into sight, without taking the focus.
   * @param {string} key the row's
   * @param {string} day empty for the row itself
   */
  standOn(key, day) {
    const row = this.rows.findIndex((one) => one.key === key);
    if (row < 0) return;
    this.active = { row, column: day ? Math.max(0, this.days.indexOf(day) + 2) : 0 };
    this.reveal();
    if (!day) this.scroller.scrollLeft = this.scroller.scrollWidth;
    this.render();
  }

  focusActive() {
    (this.element(this.active.row, this.active.column) || this.scroller).focus({ preventScroll: true });
  }

  /** Let Tab reach exactly one cell. */
  markActive(first = this.active.row) {
    this.body.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
    const cell = this.element(this.active.row, this.active.column) || this.element(first, 0);
    cell?.setAttribute("tabindex", "0");
  }

  /** @type {(row: number, column: number) => HTMLElement | null} */
  element(row, column) {
    const cell = this.drawn.get(this.rows[row]?.key)?.children[column];
    return cell instanceof HTMLElement ? cell : null;
  }

  layOut() {
    const narrow = isNarrow(this.days);
    this.table.classList.toggle("narrow", narrow);
    this.table.setAttribute("aria-colcount", String(this.days.length + 2));
    this.table.style.minWidth = `${FIXED + this.days.length * (narrow ? LEAST.narrow : LEAST.wide)}px`;
    this.table.replaceChildren(...makeHead(this.days), this.body);
    this.scroller.replaceChildren(this.table);
    this.scroller.scrollLeft = this.scroller.scrollWidth;
  }

  plan() {
    if (this.planned) return;
    this.planned = requestAnimationFrame(() => {
      this.planned = 0;
      this.render();
    });
  }

  render() {
    const { look } = this;
    if (!look) return;
    const [first, end] = findInSight(this.scroller, this.rows.length);
    const drawn = new Map(this.rows.slice(first, end).map((row, place) =>
      [row.key, this.drawn.get(row.key) || makeRowElement(row, first + place, look)]));
    const focused = findFocused()?.closest("tr");
    if (focused && this.body.contains(focused) && ![...drawn.values()].includes(focused)) {
      this.scroller.focus({ preventScroll: true });
    }
    this.drawn = drawn;
    const rows = [makeRoom(first), ...drawn.values(), makeRoom(this.rows.length - end)];
    replaceRows(this.body, rows.filter((row) => row !== null));
    this.markActive(first);
  }

  reveal() {
    const { scroller } = this, head = this.table.tHead;
    const top = this.active.row * ROW_HEIGHT;
    const room = scroller.clientHeight - (head?.offsetHeight ?? 0) - ROW_HEIGHT;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    if (top > scroller.scrollTop + room) scroller.scrollTop = top - room;
    const heading = this.active.column > 1 && head?.rows[0].cells[this.active.column];
    if (!heading) return;
    const left = heading.offsetLeft;
    if (left - FIXED < scroller.scrollLeft) scroller.scrollLeft = left - FIXED;
    const beyond = left + heading.offsetWidth - scroller.clientWidth;
    if (beyond > scroller.scrollLeft) scroller.scrollLeft = beyond;
  }
}
