// @ts-check
// Where on a chart does a value lie, and which values are named beside it?

const DAY = 86_400_000;
const APART = 12;
const HEADROOM = 1.6;

/**
 * A logarithmic scale over days: seconds and hours, bytes and gigabytes on one chart.
 * @typedef {object} Scale
 * @property {number} low
 * @property {number} high
 * @property {number} first the first day, in milliseconds
 * @property {number} last
 * @property {(day: string) => number} x
 * @property {(value: number) => number} y
 */
/** @typedef {{ left: number, right: number, top: number, base: number }} Frame */

/**
 * Make the scale of a chart in its frame; a week at least, and room above the highest value.
 * @param {string[]} dates
 * @param {number[]} values all above 0
 * @param {number[]} ticks
 * @param {Frame} frame
 * @returns {Scale}
 */
export function makeScale(dates, values, ticks, frame) {
  const least = Math.min(...values), most = Math.max(...values);
  const low = Math.log(Math.max(ticks.filter((tick) => tick <= least).at(-1) ?? ticks[0], least / 10));
  const high = Math.log(most * HEADROOM);
  const days = dates.map((date) => Date.parse(date));
  const last = Math.max(...days), first = Math.min(...days, last - 6 * DAY);
  return {
    low, high, first, last,
    x: (date) => frame.left + ((Date.parse(date) - first) / (last - first)) * (frame.right - frame.left),
    y: (value) => {
      const part = Math.max(0, Math.log(Math.max(value, 1e-9)) - low) / (high - low);
      return frame.base - part * (frame.base - frame.top);
    },
  };
}

/**
 * Choose the values that are named: within the scale, and none so near another, or the limit, that names overlap.
 * @param {Scale} scale
 * @param {number[]} ticks
 * @param {number} [limit]
 */
export function chooseTicks(scale, ticks, limit) {
  const taken = limit ? [scale.y(limit)] : [];
  const within = ticks.filter((tick) => Math.log(tick) >= scale.low - 1e-9 && Math.log(tick) <= scale.high);
  return within.filter((tick) => {
    const y = scale.y(tick);
    const free = taken.every((other) => Math.abs(other - y) >= APART);
    if (free) taken.push(y);
    return free;
  });
}

/**
 * Choose the days that are named: each of a week, else the first, the last and three between.
 * @param {Pick<Scale, "first" | "last">} scale
 */
export function chooseDays({ first, last }) {
  const days = Math.round((last - first) / DAY), parts = days < 8 ? days : 4;
  return Array.from({ length: parts + 1 }, (_, part) =>
    new Date(first + Math.round((part * days) / parts) * DAY).toISOString().slice(0, 10));
}

/**
 * Return a round number, not below and even, so that its half is whole.
 * @param {number} number
 */
export function roundUp(number) {
  const power = 10 ** Math.floor(Math.log10(Math.max(number, 1)));
  const steps = power < 100 ? [1, 2, 4, 6, 8, 10] : [1, 1.2, 1.6, 2, 3, 4, 6, 8, 10];
  return Math.max(2, steps.map((step) => step * power).find((step) => step >= number) ?? number);
}

/**
 * Say which share of a whole a part is.
 * @param {number} part
 * @param {number} whole
 */
export function share(part, whole) {
  const percent = (100 * part) / whole;
  return percent < 1 ? "less than 1 %" : `${Math.round(percent)} %`;
}
