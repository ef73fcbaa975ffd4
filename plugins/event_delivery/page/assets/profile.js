// What did a day look like: rows by hour, and its most frequent courses?

import { draw, make } from "./elements.js";
import { count, plural } from "./words.js";

const WIDE = 480, HIGH = 132, LEFT = 44, BASE = 112, TOP = 10;

/** Draw the rows of each hour since local midnight; a day of a clock change has 23 or 25. */
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

/** List the most frequent courses, each with a bar. */
export function listTitles(profile) {
  const titles = Object.entries(profile.top_titles || {});
  const most = Math.max(1, ...titles.map(([, rows]) => rows));
  return make("ul", { class: "titles" }, titles.map(([title, rows]) => {
    const bar = draw("svg", { viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
      draw("rect", { width: 100, height: 4, class: "rail" }),
      draw("rect", { width: (100 * rows) / most, height: 4, class: "bar" }));
    return make("li", {}, make("span", { dir: "auto" }, title), make("b", {}, count(rows)), bar);
  }));
}

function drawBar(hour, rows, top, step) {
  const height = (rows / top) * (BASE - TOP);
  const attributes = { x: LEFT + hour * step + 1, y: BASE - height, width: step - 2, height, rx: 1.5, class: "bar" };
  return draw("rect", attributes, draw("title", {}, `${hour}:00 to ${hour + 1}:00: ${plural(rows, "row")}`));
}

function drawGrid(top) {
  return [0, 0.5, 1].map((part) => {
    const y = BASE - part * (BASE - TOP);
    return [draw("line", { x1: LEFT, x2: WIDE, y1: y, y2: y, class: "grid" }),
      draw("text", { x: LEFT - 6, y: y + 4, class: "axis end" }, count(top * part))];
  }).flat();
}

function drawHourNames(number, step) {
  return Array.from({ length: Math.ceil(number / 6) }, (_, part) => part * 6).map((hour) =>
    draw("text", { x: LEFT + hour * step + 1, y: HIGH - 3, class: "axis" }, `${String(hour).padStart(2, "0")}:00`));
}

/** Return a round number, not below and even, so that its half is whole. */
function roundUp(number) {
  const power = 10 ** Math.floor(Math.log10(Math.max(number, 1)));
  const steps = power < 100 ? [1, 2, 4, 6, 8, 10] : [1, 1.2, 1.6, 2, 3, 4, 6, 8, 10];
  return Math.max(2, steps.map((step) => step * power).find((step) => step >= number));
}
