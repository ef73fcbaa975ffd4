// @ts-check
// Which key does what?

/** @import { Matrix } from "./matrix.js" */

import { findTarget } from "./elements.js";

const PAGE = 12;

/**
 * Move over the matrix by keys; `open` opens what the active cell stands for.
 * @param {Matrix} matrix
 * @param {(row: number, column: number) => void} open
 */
export function followKeys(matrix, open) {
  matrix.scroller.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey) return;
    const { row, column } = matrix.active;
    if (event.key === "Enter" || event.key === " ") open(row, column);
    else {
      const cell = moveBy(event, row, column);
      if (!cell) return;
      matrix.moveTo(...cell);
    }
    event.preventDefault();
  });
}

/**
 * Search with "/", close with Esc; neither while a dialog is open.
 * @param {HTMLInputElement} search
 * @param {(searching: boolean) => boolean} close
 */
export function followShortcuts(search, close) {
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = findTarget(event)?.matches("input, select, textarea");
    if (event.key === "/" && !typing) {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "Escape" && close(event.target === search)) event.preventDefault();
  });
}

/**
 * Return the cell that a key leads to, perhaps beyond the matrix; null for a key that does not move.
 * @param {Pick<KeyboardEvent, "key" | "ctrlKey">} event
 * @param {number} row
 * @param {number} column
 * @returns {[number, number] | null}
 */
export function moveBy(event, row, column) {
  const end = Number.MAX_SAFE_INTEGER;
  switch (event.key) {
    case "ArrowUp": return [row - 1, column];
    case "ArrowDown": return [row + 1, column];
    case "ArrowLeft": return [row, column - 1];
    case "ArrowRight": return [row, column + 1];
    case "PageUp": return [row - PAGE, column];
    case "PageDown": return [row + PAGE, column];
    case "Home": return event.ctrlKey ? [0, 0] : [row, 0];
    case "End": return event.ctrlKey ? [end, end] : [row, end];
    default: return null;
  }
}
