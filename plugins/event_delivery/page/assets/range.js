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
