// @ts-check
// Which row and column does an element of the matrix stand for?

/** @import { Matrix } from "./matrix.js" */

/**
 * Return the place of the cell that an element lies in, or null outside of the matrix's cells.
 * @param {Matrix} matrix
 * @param {Element | null} element
 */
export function findPlace(matrix, element) {
  const cell = element?.closest("tbody th, tbody td");
  const key = cell?.closest("tr")?.dataset.row;
  if (!(cell instanceof HTMLElement) || !key) return null;
  return { row: matrix.rows.findIndex((row) => row.key === key), column: Number(cell.dataset.column) };
}

/**
 * Let the arrow keys go on from the cell that a click or a screen reader chose; returns its place.
 * @param {Matrix} matrix
 * @param {Element | null} element
 */
export function standWhere(matrix, element) {
  const place = findPlace(matrix, element);
  if (!place) return null;
  matrix.active = place;
  matrix.markActive();
  return place;
}

/**
 * Return row and day of a cell.
 * @param {Matrix} matrix
 * @param {HTMLElement} cell
 */
export function describePlace(matrix, cell) {
  const place = findPlace(matrix, cell);
  return { row: place && matrix.rows[place.row], day: cell.dataset.day };
}
