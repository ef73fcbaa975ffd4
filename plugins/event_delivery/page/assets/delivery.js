// @ts-check
// What was sent on one day, in which attempts, and why not?

/** @import { Attempt, DeliveryDetail, DeliveryLinks, State } from "./answers.js" */
/** @import { Child, Children } from "./elements.js" */
/** @import { Around } from "./panel_view.js" */

import { make } from "./elements.js";
import { makeMark } from "./mark.js";
import { isDeliverable } from "./actions.js";
import { makeCompleteness } from "./completeness.js";
import { makeNamed } from "./named.js";
import { makeAirflowLink, makeButton, makeCopyButton, makeFacts, makePart } from "./panel.js";
import { drawHours, listTitles } from "./profile.js";
import { STATES, hasArrived, sayMeaning } from "./states.js";
import { UNDECIDED, makeDecisions } from "./unconfirmed.js";
import { count, distance, instant, plural, sayInterval, size, span } from "./words.js";

/** @type {Partial<Record<State, string>>} what waits for a person, and how its verdict looks */
const WAITING = { unconfirmed: "undecided", held: "held-back" };

/**
 * Make the panel's content for a delivery; instants are said in the client's zone.
 * @param {DeliveryDetail} delivery
 * @param {Around} around
 * @returns {Children[]}
 */
export function makeDelivery(delivery, around) {
  const { row, openDestination } = around;
  return [
    makeVerdict(delivery, around),
    make("div", { class: "buttons" },
      makeActions(delivery, around),
      makeCopyButton("Copy support summary", delivery.support),
      makeButton("Open destination", () => row && openDestination(row))),
    makeNamed(delivery, around),
    makePart("The file", makeFile(delivery, row?.zone)),
    makeCompleteness(delivery, row?.zone),
    delivery.attempts.length > 0 && makePart("Attempts", makeAttempts(delivery.attempts, row?.zone)),
    makeProfile(delivery),
    makePart("In Airflow", makeLinks(delivery.links)),
  ];
}

/** @type {(delivery: DeliveryDetail, around: Around) => Child[]} */
function makeActions({ kind, state, day, start, end, held }, { row, acts }) {
  if (!acts || !row || row.own) return [];
  const bounds = start && end ? { start, end } : null;
  if (kind === "test") return state === "unconfirmed" && row.test.state === state ? makeDecisions(acts.resolve, null) : [];
  if (!isDeliverable(row, day)) return [];
  if (state === "unconfirmed") return makeDecisions(acts.resolve, day, bounds);
  const waits = held && state && (state === "held" || hasArrived(state)) ? held : null;
  return [waits && makeButton("Release…", () => acts.release({ text: day, bounds, sha256: waits }), "main"),
    makeButton("Redeliver this day", () => acts.redeliver(day, bounds), waits ? "" : "main")];
}

/** @type {(delivery: DeliveryDetail, around: Around) => HTMLElement | null} */
function makeVerdict(delivery, { row, now, limits }) {
  const { state, last_error: error, delivered_at: at, attempts, remark } = delivery;
  if (!state) return null;
  const arrived = hasArrived(state), reason = arrived ? "" : error || "";
  const next = delivery.cell?.next_at, zone = row?.zone;
  return make("div", { class: `verdict ${arrived ? "" : WAITING[state] || "open"}` },
    make("p", { class: "state" }, makeMark(state), make("b", {}, STATES[state].name), arrived && at
      && make("span", {}, `${distance(at, now)}, in ${plural(attempts.length || 1, "attempt")}`)),
    make("p", { class: reason ? "reason" : "" }, reason || (arrived ? "" : sayMeaning(state, limits))),
    remark && make("p", { class: "reason" }, `A later redelivery failed before its upload: ${remark}`),
    !arrived && make("p", { class: "advice" }, advise(delivery)),
    next && make("p", {}, `Next try ${distance(next, now)}, at ${instant(next, zone)}.`));
}

/** @param {DeliveryDetail} delivery */
function advise({ state, permanent }) {
  if (state === "unconfirmed") return UNDECIDED;
  if (state === "held") return "If the number is right, release the day; else mend the source, then redeliver the day.";
  return permanent ? "Retrying cannot help: somebody must change something first." : "";
}

/** @type {(delivery: DeliveryDetail, zone: string | undefined) => Children} */
function makeFile(delivery, zone) {
  const { bytes, rate, seconds, sha256 } = delivery;
  const exact = bytes !== null && bytes >= 1000 ? ` (${count(bytes)} bytes)` : "";
  return [
    makeFacts([
      ["Name", make("code", {}, delivery.file_name || "—")],
      ["Replaces", delivery.replaces && make("code", {}, delivery.replaces)],
      ["Made", delivery.exact && "byte for byte as delivered before"],
      ["Covers", delivery.start && delivery.end && sayInterval(delivery.start, delivery.end, zone)],
      ["Remote path", delivery.remote_path && make("code", {}, delivery.remote_path)],
      ["Rows", count(delivery.rows)],
      ["Size", size(bytes) + exact],
      ["Due", delivery.due && instant(delivery.due, zone)],
      ["Delivered", delivery.delivered_at && instant(delivery.delivered_at, zone)],
      ["Duration", seconds ? `${span(seconds)}${rate ? `, ${size(rate)}/s` : ""}` : null],
      ["sha256", sha256 && make("code", {}, sha256)],
    ]),
    sha256 && makeCopyButton("Copy sha256", sha256),
  ];
}

/** @type {(attempts: Attempt[], zone: string | undefined) => HTMLElement} */
function makeAttempts(attempts, zone) {
  return make("ol", { class: "attempts" }, [...attempts].reverse().map((attempt) => makeAttempt(attempt, zone)));
}

/** @type {(attempt: Attempt, zone: string | undefined) => HTMLElement} */
function makeAttempt(attempt, zone) {
  const lacking = attempt.unconfirmed ? "unconfirmed" : "failed";
  const state = attempt.error ? lacking : attempt.ended_at ? "delivered" : "running";
  const facts = [instant(attempt.started_at, zone), attempt.seconds !== null && span(attempt.seconds),
    attempt.bytes_sent ? `${size(attempt.bytes_sent)} sent` : ""].filter(Boolean);
  return make("li", {}, makeMark(state), make("div", {},
    make("p", {}, make("b", {}, `Attempt ${attempt.attempt}`), ` ${facts.join(" · ")}`),
    attempt.error && make("p", { class: "reason" }, attempt.error)));
}

/** @param {DeliveryDetail} delivery */
function makeProfile({ profile }) {
  if (!profile || !Object.keys(profile.rows_by_hour).length) return null;
  return [makePart("Rows by hour", drawHours(profile.rows_by_hour)),
    Object.keys(profile.top_titles).length > 0 && makePart("Most frequent courses", listTitles(profile))];
}

/** @param {DeliveryLinks} links */
function makeLinks(links) {
  return make("p", { class: "links" }, makeAirflowLink(links.run, "DAG run"), makeAirflowLink(links.log, "Task log"),
    makeAirflowLink(links.connection, "Connection"), makeAirflowLink(links.dag, "DAG"));
}
