// How is a matrix of a thousand rows shown, of which only those in sight exist?

import { make } from "./elements.js";
import { makeHead, makeRowElement } from "./matrix_parts.js";

const ROW_HEIGHT = 34;
const SPARE = 8;

/** The matrix in its scrolling element; `active` is the cell that the keyboard stands on. */
export class Matrix {
  constructor(scroller) {
    this.scroller = scroller;
    this.rows = [];
    this.days = [];
    this.drawn = new Map();
    this.active = { row: 0, column: 0 };
    this.body = make("tbody");
    this.table = make("table", { class: "matrix", role: "grid", "aria-label": "Deliveries by client and day" });
    scroller.addEventListener("scroll", () => this.plan(), { passive: true });
    new ResizeObserver(() => this.plan()).observe(scroller);
  }

  /** Show rows; `look` is { days, states, lastDay, openKey, openDay, changed }. */
  show(rows, look) {
    const held = this.rows[this.active.row]?.key;
    const newDays = String(look.days) !== String(this.days);
    Object.assign(this, { rows, look, days: look.days });
    const place = rows.findIndex((row) => row.key === held);
    this.active.row = place < 0 ? Math.min(this.active.row, Math.max(0, rows.length - 1)) : place;
    this.active.column = Math.min(this.active.column, this.days.length + 1);
    if (newDays) this.layOut();
    this.table.setAttribute("aria-rowcount", rows.length + 1);
    const focused = this.body.contains(document.activeElement);
    this.drawn.clear();
    this.render();
    if (focused) this.focusActive();
  }

  /** Move to a cell, bring it into sight and focus it. */
  moveTo(row, column) {
    this.active = { row: clamp(row, this.rows.length - 1), column: clamp(column, this.days.length + 1) };
    this.reveal();
    this.render();
    this.focusActive();
  }

  /** Stand on a cell and bring it into sight, without taking the focus. */
  standOn(key, day) {
    const row = this.rows.findIndex((one) => one.key === key);
    if (row < 0) return;
    this.active = { row, column: day ? Math.max(0, this.days.indexOf(day) + 2) : 0 };
    this.reveal();
    if (!day) this.scroller.scrollLeft = this.scroller.scrollWidth;
    this.render();
  }

  /** Return the element of a cell if it is drawn. */
  element(row, column) {
    return this.drawn.get(this.rows[row]?.key)?.children[column] || null;
  }

  focusActive() {
    (this.element(this.active.row, this.active.column) || this.scroller).focus({ preventScroll: true });
  }

  layOut() {
    this.table.classList.toggle("narrow", this.days.length > 45);
    this.table.setAttribute("aria-colcount", this.days.length + 2);
    const least = this.days.length > 45 ? 15 : 25;
    this.table.style.minWidth = `${314 + this.days.length * least}px`;
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
    if (!this.look) return;
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / ROW_HEIGHT) - SPARE);
    const last = Math.min(this.rows.length, first + Math.ceil(this.scroller.clientHeight / ROW_HEIGHT) + 2 * SPARE);
    const drawn = new Map();
    for (let place = first; place < last; place++) {
      const row = this.rows[place];
      drawn.set(row.key, this.drawn.get(row.key) || makeRowElement(row, place, this.look));
    }
    if (document.activeElement?.closest("tr") && !this.isKept(drawn)) this.scroller.focus({ preventScroll: true });
    this.drawn = drawn;
    const above = makeSpace(first * ROW_HEIGHT), below = makeSpace((this.rows.length - last) * ROW_HEIGHT);
    const wanted = [above, ...drawn.values(), below].filter(Boolean);
    replaceRows(this.body, wanted);
    this.markActive(first);
  }

  isKept(drawn) {
    const row = document.activeElement.closest("tr");
    return !this.body.contains(row) || [...drawn.values()].includes(row);
  }

  /** Let Tab reach exactly one cell. */
  markActive(first) {
    this.body.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
    const cell = this.element(this.active.row, this.active.column) || this.element(first, 0);
    cell?.setAttribute("tabindex", "0");
  }

  reveal() {
    const top = this.active.row * ROW_HEIGHT;
    const head = this.table.tHead.offsetHeight;
    const room = this.scroller.clientHeight - head - ROW_HEIGHT;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    if (top > this.scroller.scrollTop + room) this.scroller.scrollTop = top - room;
    const heading = this.active.column > 1 && this.table.tHead.rows[0].cells[this.active.column];
    if (heading) this.revealColumn(heading);
  }

  revealColumn(heading) {
    const left = heading.offsetLeft, fixed = 314;
    if (left - fixed < this.scroller.scrollLeft) this.scroller.scrollLeft = left - fixed;
    const beyond = left + heading.offsetWidth - this.scroller.clientWidth;
    if (beyond > this.scroller.scrollLeft) this.scroller.scrollLeft = beyond;
  }
}

function makeSpace(height) {
  if (height <= 0) return null;
  const row = make("tr", { "aria-hidden": "true", class: "space" });
  row.style.height = `${height}px`;
  return row;
}

/** Replace the body's rows without touching those that stay: a focused one keeps its focus. */
function replaceRows(body, wanted) {
  const kept = new Set(wanted);
  for (const row of [...body.children]) if (!kept.has(row)) row.remove();
  wanted.forEach((row, place) => {
    if (body.children[place] !== row) body.insertBefore(row, body.children[place] || null);
  });
}

function clamp(number, most) {
  return Math.max(0, Math.min(number, most));
}
