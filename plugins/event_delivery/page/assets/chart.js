// @ts-check
// How is one number of every night drawn, and which line may it not cross?

/** @import { HistoryNight } from "./answers.js" */
/** @import { Frame, Scale } from "./scale.js" */

import { draw, make } from "./elements.js";
import { chooseDays, chooseTicks, makeScale } from "./scale.js";
import { day, dayParts, plural } from "./words.js";

/**
 * What is drawn: which number of a night, how it is said, and its limit with that one's name.
 * @typedef {object} Plot
 * @property {(night: HistoryNight) => number | null} of
 * @property {(value: number) => string} say
 * @property {number[]} ticks
 * @property {number} [limit]
 * @property {string} [words]
 */
/** @typedef {{ night: HistoryNight, value: number }} Point */

const WIDE = 480, LEFT = 56, TOP = 14, BASE = 104, HIGH = 122;
/** @type {Frame} */
const FRAME = { left: LEFT + 6, right: WIDE - 6, top: TOP, base: BASE };

/**
 * Draw a point for each night.
 * @param {HistoryNight[]} history
 * @param {Plot} plot
 */
export function drawChart(history, plot) {
  const { of, limit } = plot;
  const points = history.map((night) => ({ night, value: of(night) ?? -1 })).filter(({ value }) => value >= 0);
  const values = [...points.map(({ value }) => value), limit ?? 0].filter((value) => value > 0);
  if (!points.length || !values.length) return make("p", { class: "quiet" }, "Nothing to show yet.");
  const scale = makeScale(history.map((night) => night.day), values, plot.ticks, FRAME);
  return make("figure", { class: "chart" },
    draw("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": describePoints(points, plot) },
      drawTicks(scale, plot), limit ? drawLimit(scale.y(limit), `${plot.words} ${plot.say(limit)}`) : null,
      points.map((point) => drawPoint(point, scale, plot)), drawDays(scale)));
}

/** @type {(points: Point[], plot: Plot) => string} */
function describePoints(points, { say, limit, words }) {
  const values = points.map(({ value }) => value);
  const line = limit ? `A line marks the ${words} of ${say(limit)}. ` : "";
  return `${line}${plural(points.length, "delivery")}, from ${say(Math.min(...values))} to ${say(Math.max(...values))}.`;
}

/** @type {(scale: Scale, plot: Plot) => SVGElement[]} */
function drawTicks(scale, { ticks, say, limit }) {
  return chooseTicks(scale, ticks, limit).flatMap((tick) => {
    const y = scale.y(tick), words = tick < 1 ? `${tick} s` : say(tick).replace(".0 ", " ");
    return [draw("line", { x1: LEFT, x2: WIDE, y1: y, y2: y, class: "grid" }),
      draw("text", { x: LEFT - 6, y: y + 4, class: "axis end" }, words)];
  });
}

/** @type {(y: number, words: string) => SVGElement[]} */
function drawLimit(y, words) {
  return [draw("line", { x1: LEFT, x2: WIDE, y1: y, y2: y, class: "limit" }),
    draw("text", { x: WIDE - 2, y: y - 4, class: "axis end limit-name" }, words)];
}

/** @type {(point: Point, scale: Scale, plot: Plot) => SVGElement} */
function drawPoint({ night, value }, scale, { say, limit }) {
  const over = limit !== undefined && value > limit;
  const title = draw("title", {}, `${day(night.day)}: ${say(value)}, ${plural(night.attempts, "attempt")}`);
  const x = scale.x(night.day), y = scale.y(value);
  if (!over && night.attempts <= 1) return draw("circle", { cx: x, cy: y, r: 2.7, class: "point" }, title);
  return draw("path", { d: `M${x} ${y - 4.6}l4.2 7.6h-8.4z`, class: over ? "point over" : "point again" }, title);
}

/** @param {Scale} scale */
function drawDays(scale) {
  const days = chooseDays(scale);
  return days.map((text, part) => {
    const { number, month } = dayParts(text);
    const [kind, shift] = part === 0 ? ["axis", -6] : part === days.length - 1 ? ["axis end", 6] : ["axis middle", 0];
    return draw("text", { x: scale.x(text) + Number(shift), y: HIGH - 3, class: kind }, `${number} ${month}`);
  });
}
