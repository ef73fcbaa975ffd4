// Does a client outgrow its limits: time and size of its deliveries over the last 90 days?

import { draw, make } from "./elements.js";
import { makePart } from "./panel.js";
import { forecast } from "./trend.js";
import { day, dayParts, plural, size, span } from "./words.js";

const WIDE = 480, LEFT = 56, TOP = 14, BASE = 104, HIGH = 122, APART = 12;
const TIMES = [0.1, 1, 10, 60, 600, 3600, 36_000];
const DAY = 86_400_000;
const SIZES = Array.from({ length: 13 }, (_, power) => 10 ** power);

/** Draw three charts: transfer time with its limit, delay with the retry window, size. */
export function drawHistory({ history, limits }) {
  const sent = history.filter((night) => night.seconds !== null);
  const slowest = Math.max(0, ...sent.map((night) => night.seconds));
  const latest = Math.max(0, ...history.map((night) => night.delay ?? 0));
  return [
    makePart("Transfer time, last 90 days",
      drawChart(history, { name: "seconds", say: span, ticks: TIMES, limit: limits.transfer, words: "limit" }),
      sent.length > 0 && make("p", { class: "quiet" },
        `The slowest took ${span(slowest)}, ${share(slowest, limits.transfer)} of the limit of ${span(limits.transfer)}.`),
      makeForecast(sent, limits.transfer)),
    makePart("Delay after the due time",
      drawChart(history, { name: "delay", say: span, ticks: TIMES, limit: limits.window, words: "retry window" }),
      make("p", { class: "quiet" }, `The latest came ${span(latest)} after it was due; the ten retries span ${span(limits.window)}.`)),
    makePart("Size", drawChart(history, { name: "bytes", say: size, ticks: SIZES })),
  ].flat();
}

function makeForecast(sent, limit) {
  const days = forecast(sent.map((night) => [Date.parse(night.day) / DAY, night.seconds]), limit);
  if (days === null) return null;
  const when = days === 0 ? "It is at the limit now." : `At this pace it reaches the limit in about ${plural(days, "day")}.`;
  return make("p", { class: "advice" }, `${when} Agree with the client on a faster line, a nearer server or CSV.`);
}

function drawChart(history, { name, say, ticks, limit, words }) {
  const points = history.filter((night) => (night[name] ?? -1) >= 0);
  const values = [...points.map((night) => night[name]), ...(limit ? [limit] : [])].filter((value) => value > 0);
  if (!values.length) return make("p", { class: "quiet" }, "Nothing to show yet.");
  const scale = makeScale(history, values, ticks);
  const label = `${words ? `A line marks the ${words} of ${say(limit)}. ` : ""}${plural(points.length, "delivery").replace("ys", "ies")}, from ${say(Math.min(...points.map((p) => p[name])))} to ${say(Math.max(...points.map((p) => p[name])))}.`;
  return make("figure", { class: "chart" },
    draw("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": label },
      drawTicks(scale, ticks, say, limit), limit && drawLimit(scale.y(limit), `${words} ${say(limit)}`),
      points.map((night) => drawPoint(night, scale, name, say, limit)), drawDays(scale)));
}

/** Return a logarithmic scale: seconds and hours, bytes and gigabytes on one chart. */
function makeScale(history, values, ticks) {
  const least = Math.min(...values), most = Math.max(...values);
  const low = Math.log(Math.max(ticks.filter((tick) => tick <= least).at(-1) ?? ticks[0], least / 10));
  const high = Math.log(most * 1.6);
  const days = history.map((night) => Date.parse(night.day));
  const last = Math.max(...days), first = Math.min(...days, last - 6 * DAY);
  return {
    low, high, first, last,
    x: (text) => LEFT + 6 + ((Date.parse(text) - first) / (last - first)) * (WIDE - LEFT - 12),
    y: (value) => BASE - (Math.max(0, Math.log(Math.max(value, 1e-9)) - low) / (high - low)) * (BASE - TOP),
  };
}

function drawTicks(scale, ticks, say, limit) {
  const shown = [], taken = limit ? [scale.y(limit)] : [];
  for (const tick of ticks.filter((one) => Math.log(one) >= scale.low - 1e-9 && Math.log(one) <= scale.high)) {
    const y = scale.y(tick);
    if (taken.some((other) => Math.abs(other - y) < APART)) continue;
    taken.push(y);
    shown.push(draw("line", { x1: LEFT, x2: WIDE, y1: y, y2: y, class: "grid" }),
      draw("text", { x: LEFT - 6, y: y + 4, class: "axis end" }, tick < 1 ? `${tick} s` : say(tick).replace(".0 ", " ")));
  }
  return shown;
}

function drawLimit(y, words) {
  return [draw("line", { x1: LEFT, x2: WIDE, y1: y, y2: y, class: "limit" }),
    draw("text", { x: WIDE - 2, y: y - 4, class: "axis end limit-name" }, words)];
}

function drawPoint(night, scale, name, say, limit) {
  const over = limit && night[name] > limit, trouble = over || night.attempts > 1;
  const title = draw("title", {}, `${day(night.day)}: ${say(night[name])}, ${plural(night.attempts, "attempt")}`);
  const [x, y] = [scale.x(night.day), scale.y(night[name])];
  if (!trouble) return draw("circle", { cx: x, cy: y, r: 2.7, class: "point" }, title);
  return draw("path", { d: `M${x} ${y - 4.6}l4.2 7.6h-8.4z`, class: over ? "point over" : "point again" }, title);
}

function drawDays(scale) {
  const days = Math.round((scale.last - scale.first) / DAY), parts = days < 8 ? days : 4;
  return Array.from({ length: parts + 1 }, (_, part) => {
    const text = new Date(scale.first + Math.round((part * days) / parts) * DAY).toISOString().slice(0, 10);
    const { number, month } = dayParts(text);
    const [kind, shift] = part === 0 ? ["axis", -6] : part === parts ? ["axis end", 6] : ["axis middle", 0];
    return draw("text", { x: scale.x(text) + shift, y: HIGH - 3, class: kind }, `${number} ${month}`);
  });
}

function share(part, whole) {
  const percent = (100 * part) / whole;
  return percent < 1 ? "less than 1 %" : `${Math.round(percent)} %`;
}
