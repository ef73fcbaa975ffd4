// What was sent on one day, in which attempts, and why not?

import { drawHours, listTitles } from "./profile.js";
import { make } from "./elements.js";
import { makeMark } from "./matrix_parts.js";
import { makeAirflowLink, makeButton, makeCopyButton, makeFacts, makePart } from "./panel.js";
import { ARRIVED, STATES } from "./states.js";
import { count, distance, instant, plural, size, span } from "./words.js";

/** Make the panel's content for a delivery; `may` tells whether actions are offered, `zone` is the client's. */
export function makeDelivery(delivery, { zone, next, now, may, redeliver, openDestination }) {
  return [
    makeVerdict(delivery, { next, now, zone }),
    make("div", { class: "buttons" },
      may && delivery.kind !== "test" && makeButton("Redeliver this day", redeliver, "main"),
      delivery.support && makeCopyButton("Copy support summary", delivery.support),
      makeButton("Open destination", openDestination)),
    makePart("The file", makeFile(delivery, zone)),
    delivery.attempts.length > 0 && makePart("Attempts", makeAttempts(delivery.attempts, zone)),
    makeProfile(delivery),
    makePart("In Airflow", makeLinks(delivery.links)),
  ];
}

function makeVerdict(delivery, { next, now, zone }) {
  const { name, meaning } = STATES[delivery.state];
  const arrived = isThere(delivery);
  const reason = !arrived && delivery.last_error;
  const advice = reason && delivery.permanent && "Retrying cannot help: somebody must change something first.";
  return make("div", { class: `verdict ${arrived ? "" : "open"}` },
    make("p", { class: "state" }, makeMark(delivery.state), make("b", {}, name), arrived && delivery.delivered_at
      && make("span", {}, `${distance(delivery.delivered_at, now)}, in ${plural(delivery.attempts.length || 1, "attempt")}`)),
    make("p", { class: reason ? "reason" : "" }, reason || (arrived ? "" : meaning)),
    advice && make("p", { class: "advice" }, advice),
    next && make("p", {}, `Next try ${distance(next, now)}, at ${instant(next, zone)}.`));
}

function makeFile(delivery, zone) {
  const rate = delivery.rate ?? (delivery.seconds > 0 ? delivery.bytes / delivery.seconds : null);
  return [
    makeFacts([
      ["Name", make("code", {}, delivery.file_name || "—")],
      ["Remote path", delivery.remote_path && make("code", {}, delivery.remote_path)],
      ["Rows", count(delivery.rows)],
      ["Size", delivery.bytes === null ? "—" : `${size(delivery.bytes)}${delivery.bytes >= 1000 ? ` (${count(delivery.bytes)} bytes)` : ""}`],
      ["Due", delivery.due && instant(delivery.due, zone)],
      ["Delivered", delivery.delivered_at && instant(delivery.delivered_at, zone)],
      ["Duration", delivery.seconds && `${span(delivery.seconds)}${rate ? `, ${size(rate)}/s` : ""}`],
      ["sha256", delivery.sha256 && make("code", {}, delivery.sha256)],
    ]),
    delivery.sha256 && makeCopyButton("Copy sha256", delivery.sha256),
  ];
}

function makeAttempts(attempts, zone) {
  return make("ol", { class: "attempts" }, [...attempts].reverse().map((attempt) => makeAttempt(attempt, zone)));
}

function makeAttempt(attempt, zone) {
  const state = attempt.error ? "failed" : attempt.ended_at ? "delivered" : "running";
  const took = attempt.ended_at && (new Date(attempt.ended_at) - new Date(attempt.started_at)) / 1000;
  const facts = [instant(attempt.started_at, zone), took !== null && span(took),
    attempt.bytes_sent ? `${size(attempt.bytes_sent)} sent` : ""].filter(Boolean);
  return make("li", {}, makeMark(state), make("div", {},
    make("p", {}, make("b", {}, `Attempt ${attempt.attempt}`), ` ${facts.join(" · ")}`),
    attempt.error && make("p", { class: "reason" }, attempt.error)));
}

function makeProfile({ profile }) {
  const hours = profile?.rows_by_hour || {};
  if (!Object.keys(hours).length) return null;
  return [makePart("Rows by hour", drawHours(hours)), makePart("Most frequent courses", listTitles(profile))];
}

function makeLinks(links = {}) {
  return make("p", { class: "links" }, makeAirflowLink(links.run, "DAG run"), makeAirflowLink(links.log, "Task log"),
    makeAirflowLink(links.connection, "Connection"), makeAirflowLink(links.dag, "DAG"));
}

function isThere(delivery) {
  return ARRIVED.includes(delivery.state);
}
