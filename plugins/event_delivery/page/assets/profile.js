// @ts-check
// What did a day look like: rows by hour, and its most frequent courses?

/** @import { Profile } from "./answers.js" */

import { draw, make } from "./elements.js";
import { roundUp } from "./scale.js";
import { count, plural } from "./words.js";

const WIDE = 480, HIGH = 132, LEFT = 44, BASE = 112, TOP = 10;

/**
 * Draw the rows of each hour since local midnight; a day of a clock change has 23 or 25.
 * @param {Profile["rows_by_hour"]} byHour
 */
export function drawHours(byHour) {
  const hours = Object.keys(byHour).map(Number);
  const number = Math.max(24, ...hours.map((hour) => hour + 1));
  const most = Math.max(...Object.values(byHour));
  const top = roundUp(most);
  const total = Object.values(byHour).reduce((sum, rows) => sum + rows, 0);
  const busiest = hours.find((hour) => byHour[hour] === most);
  const words = `${plural(total, "row")}; most in the hour from ${busiest}:00, ${count(most)}.`;
  const step = (WIDE - LEFT) / number;
  const bars = Array.from({ length: number }, (_, hour) => drawBar(hour, byHour[hour] || 0, top, step));
  return make("figure", { class: "chart" },
    draw("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": words },
      drawGrid(top), bars, drawHourNames(number, step)),
    make("figcaption", {}, words));
}

/**
 * List the most frequent courses, each with a bar.
 * @param {Profile} profile
 */
export function listTitles(profile) {
  const titles = Object.entries(profile.top_titles);
  const most = Math.max(1, ...titles.map(([, rows]) => rows));
  return make("ul", { class: "titles" }, titles.map(([title, rows]) => {
    const bar = draw("svg", { viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
      draw("rect", { width: 100, height: 4, class: "rail" }),
      draw("rect", { width: (100 * rows) / most, height: 4, class: "bar" }));
    return make("li", {}, make("span", { dir: "auto" }, title), make("b", {}, count(rows)), bar);
  }));
}

/** @type {(hour: number, rows: number, top: number, step: number) => SVGElement} */
function drawBar(hour, rows, top, step) {
  const height = (rows / top) * (BASE - TOP);
  const attributes = { x: LEFT + hour * step + 1, y: BASE - height, width: step - 2, height, rx: 1.5, class: "bar" };
  return draw("rect", attributes, draw("title", {}, `${hour}:00 to ${hour + 1}:00: ${plural(rows, "row")}`));
}

/** @param {number} top */
function drawGrid(top) {
  return [0, 0.5, 1].map((part) => {
    const y = BASE - part * (BASE - TOP);
    return [draw("line", { x1: LEFT, x2: WIDE, y1: y, y2: y, class: "grid" }),
      draw("text", { x: LEFT - 6, y: y + 4, class: "axis end" }, count(top * part))];
  }).flat();
}

/** @type {(number: number, step: number) => SVGElement[]} */
function drawHourNames(number, step) {
  return Array.from({ length: Math.ceil(number / 6) }, (_, part) => part * 6).map((hour) =>
    draw("text", { x: LEFT + hour * step + 1, y: HIGH - 3, class: "axis" }, `${String(hour).padStart(2, "0")}:00`));
}
