// @ts-check
// Which incidents are open, and what does a person say of them?

/** @import { Incident, Incidents } from "./answers.js" */
/** @import { Question } from "./dialog.js" */

import { say } from "./api.js";
import { ask } from "./dialog.js";
import { find, findFocused, make } from "./elements.js";
import { checkSnooze, chooseMorning, isSnoozed, sayAge, sayAnswers, sayHits, sayMessage, summarizeIncidents } from "./incident_words.js";
import { makeButton, makeFacts, makePart } from "./panel.js";
import { instant, plural } from "./words.js";

const FIRST = 3;
let shown = "";
let all = false;

/**
 * Show the open incidents above the matrix: the first few, the others on demand; none is no word.
 * @param {Incidents | string | null} answer a string: why they could not be read
 * @param {() => void} done called after an action
 */
export function showIncidents(answer, done) {
  const band = find("incidents", HTMLDetailsElement);
  const list = typeof answer === "string" ? [] : answer?.incidents || [];
  band.hidden = !answer || (typeof answer !== "string" && list.length === 0);
  if (!answer || band.hidden) return;
  const now = typeof answer === "string" ? "" : answer.now;
  const state = JSON.stringify([typeof answer === "string" ? answer : list, all]);
  if (state !== shown) rebuild(answer, list, now, done);
  shown = state;
  for (const age of band.querySelectorAll("[data-since]")) {
    if (age instanceof HTMLElement) age.textContent = sayAge({ opened_at: age.dataset.since || "", closed_at: null }, now);
  }
}

/** @type {(answer: Incidents | string, list: Incident[], now: string, done: () => void) => void} */
function rebuild(answer, list, now, done) {
  const band = find("incidents"), open = new Set([...band.querySelectorAll("li details[open]")].map(nameOf));
  const held = band.contains(findFocused()) && findFocused()?.closest("li, #incidents > summary"), name = held && nameOf(held);
  const more = list.length - FIRST;
  const showAll = () => { all = true; showIncidents(answer, done); };
  const problem = typeof answer === "string" && answer;
  find("incidents-summary").textContent = problem ? "Open incidents cannot be read" : summarizeIncidents(list);
  find("incidents-list").replaceChildren(
    ...(problem ? [make("p", { class: "problem" }, problem)] : []),
    make("ul", {}, list.slice(0, all ? undefined : FIRST).map((one) => makeItem(one, now, open.has(String(one.id)), done))),
    ...(more > 0 && !all ? [makeButton(`and ${more} more`, showAll)] : []));
  const again = name && band.querySelector(`li[data-id="${CSS.escape(name)}"] summary`);
  if (again instanceof HTMLElement) again.focus({ preventScroll: true });
}

/** @type {(element: Element) => string} */
function nameOf(element) {
  return element instanceof HTMLElement ? element.closest("li")?.dataset.id || "" : "";
}

/** @type {(incident: Incident, now: string, open: boolean, done: () => void) => HTMLElement} */
function makeItem(incident, now, open, done) {
  const { id, severity, title, hits, opened_at } = incident, said = sayAnswers(incident, now);
  return make("li", { "data-id": id, class: isSnoozed(incident.snoozed_until, now) ? "incident snoozed" : "incident" },
    make("details", { open },
      make("summary", {}, make("b", { class: `severity ${severity}` }, severity), make("b", {}, title),
        make("span", { class: "quiet", "data-since": opened_at }),
        hits.length > 1 && make("span", { class: "quiet" }, plural(hits.length, "destination")),
        said && make("span", { class: "quiet" }, said)),
      makeDetails(incident, now),
      incident.may_answer && make("div", { class: "buttons" },
        !incident.acknowledged_by && makeButton("Acknowledge", () => ask(askAcknowledging(incident), done)),
        makeButton("Snooze…", () => ask(askSnooze(incident), done)),
        isSnoozed(incident.snoozed_until, now) && makeButton("Take the snooze back", () => ask(askUnsnooze(incident), done)))));
}

/** @type {(incident: Incident, now: string) => HTMLElement} */
function makeDetails(incident, now) {
  const { cause, advice, hits, messages, opened_at, snooze_reason } = incident;
  const told = messages.map((message) => make("li", {}, sayMessage(message, now)));
  return makeFacts([
    ["Cause", cause], ["What to do", !incident.closed_at && advice], ["Since", instant(opened_at)],
    ["Hits", sayHits(hits)],
    ["Told", told.length ? make("ul", {}, told) : "nobody: no rule of include/alerts.yaml names it, or whoever one names knew of these nights already"],
    ["Seen by", incident.acknowledged_by && `${incident.acknowledged_by}, ${instant(incident.acknowledged_at)}`],
    ["Snoozed", incident.snoozed_until && `until ${instant(incident.snoozed_until)}: ${snooze_reason}`],
  ]);
}

/**
 * Make the part of a destination's panel with what was wrong there, open or over; null where nothing was.
 * @param {Incidents | string} answer a string: why it could not be read
 */
export function makeIncidentHistory(answer) {
  if (typeof answer === "string") return makePart("Incidents", make("p", { class: "problem" }, answer));
  const { incidents, now } = answer;
  if (!incidents.length) return null;
  return makePart("Incidents of the last 90 days", make("ul", { class: "incident-history" }, incidents.map((one) =>
    make("li", {}, make("details", {}, make("summary", {}, make("b", { class: `severity ${one.severity}` }, one.severity),
      make("span", {}, one.title), make("span", { class: "quiet" }, sayAge(one, now))), makeDetails(one, now))))));
}

/** @type {(incident: Incident) => Question} */
function askAcknowledging({ id, title }) {
  return {
    title: `Acknowledge: ${title}?`, verb: "Acknowledge",
    says: ["Everybody sees here that you have seen it, and since when. Messages go on as they would."],
    act: () => say(`incidents/${id}/acknowledge`, {}),
  };
}

/** @type {(incident: Incident) => Question} */
function askSnooze({ id, title }) {
  const until = make("input", { type: "datetime-local", required: true, value: chooseMorning(new Date()) });
  const reason = make("input", { type: "text", required: true, maxlength: 500, placeholder: "such as: the client moves house" });
  return {
    title: `Snooze: ${title}?`, verb: "Snooze",
    says: ["Nobody is told of it until then, or until it is over. Who was told that it began is told that it is over."],
    fields: make("div", { class: "fields" }, make("label", {}, "Until, by your clock", until), make("label", {}, "Why", reason)),
    check: () => checkSnooze(until.value, reason.value, Date.now()),
    act: () => say(`incidents/${id}/snooze`, { until: new Date(until.value).toISOString(), reason: reason.value }),
  };
}

/** @type {(incident: Incident) => Question} */
function askUnsnooze({ id, title }) {
  return {
    title: `Take the snooze back: ${title}?`, verb: "Take it back",
    says: ["Messages go on as they would; what was held goes out by the next look of the watch."],
    act: () => say(`incidents/${id}/unsnooze`, {}),
  };
}
