// @ts-check
// Does a client outgrow its limits: time and size of its deliveries over the last 90 days?

/** @import { DestinationDetail, HistoryNight } from "./answers.js" */

import { drawChart } from "./chart.js";
import { make } from "./elements.js";
import { makePart } from "./panel.js";
import { share } from "./scale.js";
import { forecast } from "./trend.js";
import { plural, size, span } from "./words.js";

const TIMES = [0.1, 1, 10, 60, 600, 3600, 36_000];
const SIZES = Array.from({ length: 13 }, (_, power) => 10 ** power);
const DAY = 86_400_000;

/**
 * Draw three charts: transfer time with its limit, delay with the retry window, size.
 * @param {DestinationDetail} destination
 */
export function drawHistory({ history, limits }) {
  const seconds = history.map((night) => night.seconds ?? 0), sent = history.some((night) => night.seconds !== null);
  const slowest = Math.max(0, ...seconds);
  return [
    makePart("Transfer time, last 90 days",
      drawChart(history, { of: (night) => night.seconds, say: span, ticks: TIMES, limit: limits.transfer, words: "limit" }),
      sent && make("p", { class: "quiet" },
        `The slowest took ${span(slowest)}, ${share(slowest, limits.transfer)} of the limit of ${span(limits.transfer)}.`),
      makeForecast(history, limits.transfer)),
    makePart("Delay after the due time",
      drawChart(history, { of: (night) => night.delay, say: span, ticks: TIMES, limit: limits.window, words: "retry window" }),
      make("p", { class: "quiet" }, sayLatest(history, limits))),
    makePart("Size", drawChart(history, { of: (night) => night.bytes, say: size, ticks: SIZES })),
  ];
}

/**
 * Say how late the latest scheduled night came.
 * @param {Pick<HistoryNight, "delay">[]} history
 * @param {Pick<DestinationDetail["limits"], "retries" | "window">} limits
 */
export function sayLatest(history, { retries, window }) {
  const delays = history.flatMap(({ delay }) => (delay === null ? [] : [delay])), latest = Math.max(...delays);
  const rest = `the ${retries} retries span ${span(window)}.`;
  if (!delays.length) return `No scheduled night has arrived yet; ${rest}`;
  return latest <= 0 ? `None came after it was due; ${rest}` : `The latest came ${span(latest)} after it was due; ${rest}`;
}

/**
 * @param {HistoryNight[]} history
 * @param {number} limit
 */
function makeForecast(history, limit) {
  const points = history.flatMap(({ day, seconds }) =>
    (seconds === null ? [] : [/** @type {[number, number]} */ ([Date.parse(day) / DAY, seconds])]));
  const days = forecast(points, limit);
  if (days === null) return null;
  const when = days === 0 ? "It is at the limit now." : `At this pace it reaches the limit in about ${plural(days, "day")}.`;
  return make("p", { class: "advice" }, `${when} Agree with the client on a faster line, a nearer server or CSV.`);
}
