// @ts-check
// How are numbers, sizes, spans and instants said?

const COUNT = new Intl.NumberFormat("en-US");
const WEEKDAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", timeZone: "UTC" });
const DAY = new Intl.DateTimeFormat("en-GB", {
  weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC",
});
const MONTH = new Intl.DateTimeFormat("en-GB", { month: "short", timeZone: "UTC" });
const UNITS = ["bytes", "kB", "MB", "GB", "TB"];
/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();
const MISSING = "—";

/**
 * Say a number with thousands separated.
 * @param {number | null | undefined} number
 */
export function count(number) {
  return number === null || number === undefined ? MISSING : COUNT.format(number);
}

/**
 * Say a number of things: "1 row", "2 rows", "2 deliveries".
 * @param {number} number
 * @param {string} noun
 */
export function plural(number, noun) {
  return number === 1 ? `1 ${noun}` : `${count(number)} ${noun.replace(/([^aeiou])y$/, "$1ie")}s`;
}

/**
 * Say a size: "950 bytes", "12.3 MB".
 * @param {number | null | undefined} bytes
 */
export function size(bytes) {
  if (bytes === null || bytes === undefined) return MISSING;
  const unit = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** unit;
  return `${unit === 0 ? count(value) : value.toFixed(value < 100 ? 1 : 0)} ${UNITS[unit]}`;
}

/**
 * Say a span: "0.4 s", "12 s", "4 min 10 s", "3 h 25 min", "2 days".
 * @param {number | null | undefined} seconds
 */
export function span(seconds) {
  if (seconds === null || seconds === undefined) return MISSING;
  if (seconds < 0.1) return "under 0.1 s";
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return pair(whole, 60, "min", 1, "s");
  return whole < 172_800 ? pair(whole, 3600, "h", 60, "min") : `${Math.round(whole / 86_400)} days`;
}

/**
 * Say how far an instant lies from now: "in 4 min", "3 h 2 min ago".
 * @param {string} instant
 * @param {string} now
 */
export function distance(instant, now) {
  const seconds = (Date.parse(instant) - Date.parse(now)) / 1000;
  if (Math.abs(seconds) < 5) return "now";
  return seconds > 0 ? `in ${span(seconds)}` : `${span(-seconds)} ago`;
}

/**
 * Say a day: "Sat, 21 Nov 2026".
 * @param {string | null | undefined} text
 */
export function day(text) {
  return text ? DAY.format(new Date(`${text}T00:00:00Z`)) : MISSING;
}

/**
 * Return the parts of a day that a column's head shows.
 * @param {string} text
 */
export function dayParts(text) {
  const date = new Date(`${text}T00:00:00Z`);
  return { number: date.getUTCDate(), weekday: WEEKDAY.format(date), month: MONTH.format(date) };
}

/**
 * Say an instant: "21 Nov 2026, 02:00:41 UTC", in a zone when one is given.
 * @param {string | null | undefined} text
 * @param {string} [zone]
 */
export function instant(text, zone = "UTC") {
  if (!text) return MISSING;
  return `${findFormat(zone).format(new Date(text))} ${zone}`;
}

/**
 * Say an interval, in a zone when one is given: a day by its midnights, whatever zone's they are.
 * @param {string} start
 * @param {string} end
 * @param {string} [zone]
 */
export function sayInterval(start, end, zone = "UTC") {
  return `${findFormat(zone).format(new Date(start))} to ${instant(end, zone)}`;
}

/**
 * Making a format costs a hundred times as much as using it.
 * @param {string} zone
 */
function findFormat(zone) {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone: zone });
  formats.set(zone, made);
  return made;
}

/** @type {(whole: number, large: number, largeName: string, small: number, smallName: string) => string} */
function pair(whole, large, largeName, small, smallName) {
  const rest = Math.floor((whole % large) / small);
  return `${Math.floor(whole / large)} ${largeName}${rest ? ` ${rest} ${smallName}` : ""}`;
}
