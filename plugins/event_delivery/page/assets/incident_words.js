// @ts-check
// What is said of incidents: how many, since when, whom they hit, and who was told?

/** @import { Incident, IncidentHit, IncidentMessage } from "./answers.js" */

import { distance, instant, plural, span } from "./words.js";

const NAMED = 12, DAYS = 5;
/** @type {Incident["severity"][]} */
const SEVERITIES = ["error", "warning", "info"];

/**
 * Say how many are open, and how grave: "3 open incidents: 2 errors, 1 warning".
 * @param {Pick<Incident, "severity">[]} incidents
 */
export function summarizeIncidents(incidents) {
  const counts = SEVERITIES.map((severity) => [severity, incidents.filter((one) => one.severity === severity).length]);
  const said = counts.filter(([, count]) => count).map(([severity, count]) =>
    severity === "info" ? `${count} info` : plural(Number(count), String(severity)));
  return `${plural(incidents.length, "open incident")}: ${said.join(", ")}`;
}

/**
 * Say since when: "for 3 h 2 min", or how long it was.
 * @param {Pick<Incident, "opened_at" | "closed_at">} incident
 * @param {string} now
 */
export function sayAge({ opened_at, closed_at }, now) {
  const seconds = Math.max(0, (Date.parse(closed_at || now) - Date.parse(opened_at)) / 1000);
  return closed_at ? `lasted ${span(seconds)}, over ${distance(closed_at, now)}` : `for ${span(seconds)}`;
}

/**
 * Say whom it hits, the first few by name and day.
 * @param {IncidentHit[]} hits
 */
export function sayHits(hits) {
  const named = hits.slice(0, NAMED).map(({ destination, days }) => {
    const more = days.length > DAYS ? ` and ${plural(days.length - DAYS, "more day")}` : "";
    return days.length ? `${destination} (${days.slice(-DAYS).join(", ")}${more})` : destination;
  });
  return named.join(", ") + (hits.length > NAMED ? `, and ${hits.length - NAMED} more` : "");
}

/**
 * Say who was told what, and whether it went out.
 * @param {IncidentMessage} message
 * @param {string} now
 */
export function sayMessage({ ending, recipient, state, sent_at, tries, error }, now) {
  const what = ending === "opened" ? "that it has begun" : "that it is over";
  if (sent_at) return `${recipient} was told ${what}, ${distance(sent_at, now)}`;
  const why = error ? `, after ${plural(tries, "try")}: ${error}` : "";
  return state === "failed" ? `${recipient} could not be told ${what}${why}` : `${recipient} is still to be told ${what}${why}`;
}

/**
 * Say what people said of it.
 * @param {Pick<Incident, "acknowledged_by" | "snoozed_until">} incident
 * @param {string} now
 */
export function sayAnswers({ acknowledged_by, snoozed_until }, now) {
  const said = acknowledged_by ? [`seen by ${acknowledged_by}`] : [];
  if (isSnoozed(snoozed_until, now)) said.push(`snoozed until ${instant(snoozed_until)}`);
  return said.join(", ");
}

/** @type {(until: string | null, now: string) => boolean} */
export function isSnoozed(until, now) {
  return until !== null && Date.parse(until) > Date.parse(now);
}

/**
 * Return what is wrong with a snooze; empty when nothing is.
 * @param {string} until as a field for date and time has it, in the reader's zone
 * @param {string} reason
 * @param {number} now in ms
 */
export function checkSnooze(until, reason, now) {
  const at = Date.parse(until);
  if (!(at > now)) return "Choose an instant to come.";
  return reason.trim() ? "" : "Say why: others see it here.";
}

/**
 * Return tomorrow at nine in the reader's zone, as a field for date and time wants it.
 * @param {Date} now
 */
export function chooseMorning(now) {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
  const pad = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}T09:00`;
}
