// @ts-check
// Which days does a range hold, and is it one that the server takes?

import { day } from "./words.js";

const DAY = 86_400_000;

/**
 * Return the day so many days after another.
 * @param {string} text
 * @param {number} days
 */
export function addDays(text, days) {
  return new Date(Date.parse(`${text}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/**
 * Return how many days lie between two, both counted.
 * @param {string} from
 * @param {string} to
 */
export function countDays(from, to) {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY) + 1;
}

/**
 * Say what is wrong with a range of days, or nothing; `most` is how many the server takes.
 * @param {string} from
 * @param {string} to
 * @param {number} most
 */
export function checkRange(from, to, most) {
  if (!from || !to) return "Both days are needed.";
  if (from > to) return "The range ends before it begins.";
  return countDays(from, to) > most ? `Wanted at most ${most} days: ${day(from)} is too early.` : "";
}

/**
 * Say which day of a range cannot be delivered, or nothing.
 * @param {string} from
 * @param {string} to
 * @param {string} first the first day that can be; empty where any can
 * @param {string} last the last one
 */
export function checkBounds(from, to, first, last) {
  if (from < first) return `${day(from)} lies before start_date, ${day(first)}.`;
  return to > last ? `${day(to)} is not over yet: the last day that is, is ${day(last)}.` : "";
}
