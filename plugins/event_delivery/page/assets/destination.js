// @ts-check
// How is a destination configured, and how did its last nights go?

/** @import { Actions } from "./actions.js" */
/** @import { Behaviour, DestinationDetail, DestinationLinks, FieldValue, HostKey, LatestTestFile } from "./answers.js" */
/** @import { Child, Children } from "./elements.js" */
/** @import { MatrixRow } from "./matrix_row.js" */
/** @import { Around } from "./panel_view.js" */

import { make } from "./elements.js";
import { makeFiles } from "./files.js";
import { drawHistory } from "./history.js";
import { makeMark } from "./mark.js";
import { makeAirflowLink, makeButton, makeCopyButton, makeFacts, makePart } from "./panel.js";
import { makeReconciliations } from "./reconciliation.js";
import { STATES, TEST_STATES } from "./states.js";
import { UNDECIDED, makeDecisions } from "./unconfirmed.js";
import { sayValue } from "./values.js";
import { distance, instant } from "./words.js";

/** @type {Record<HostKey["source"], string>} */
const SOURCES = {
  yaml: "from the destination's file", connection: "from the Connection",
  "first contact, unconfirmed": "first contact, unconfirmed", confirmed: "confirmed by a person",
  "shown only": "shown only: nothing was ever offered to it, or its login was refused",
};

/**
 * Make the panel's content for a destination.
 * @param {DestinationDetail} destination
 * @param {Around} around
 * @param {Child} incidents what was wrong there, if anything
 * @returns {Children[]}
 */
export function makeDestination(destination, { row, now, acts }, incidents) {
  const zone = row?.zone;
  return [
    destination.quarantined && makeQuarantine(destination.quarantined),
    destination.notice && make("p", { class: "problem" }, destination.notice),
    makeTestFile(destination.test_file, zone, now),
    row && acts && makeActions(row, acts),
    incidents,
    ...(destination.history.length > 0 ? drawHistory(destination) : []),
    makeReconciliations(destination.reconciliations, destination.id, zone, acts, row),
    destination.files && makeFiles(destination, destination.files, row?.lastDay),
    makePart("Where it goes", makeFacts([
      ["Server", destination.kept && "for who may read its Connection in Airflow"],
      ["Server", destination.server && make("code", {}, destination.server)],
      ["Not readable", destination.server_error],
      ["Folder", destination.folder && make("code", {}, destination.folder)],
      ...listBehaviour(destination.behaviour),
    ])),
    makePart("Host keys", makeHostKeys(destination.host_keys, zone, acts)),
    makePart("Configuration as read", makeConfiguration(destination.configuration)),
    makePart("In Airflow", makeLinks(destination.links)),
  ];
}

/** @param {string} problem */
function makeQuarantine(problem) {
  return make("div", { class: "verdict open" },
    make("p", { class: "state" }, makeMark("quarantined"), make("b", {}, STATES.quarantined.name)),
    make("p", { class: "reason" }, problem),
    make("p", { class: "advice" }, STATES.quarantined.meaning));
}

/** @type {(test: LatestTestFile, zone: string | undefined, now: string) => HTMLElement} */
function makeTestFile(test, zone, now) {
  const { name, symbol } = TEST_STATES[test.state];
  const unconfirmed = test.state === "unconfirmed", kind = unconfirmed ? "undecided" : test.state === "failed" ? "open" : "";
  return make("div", { class: `verdict ${kind}` },
    make("p", { class: "state" }, makeMark(symbol, symbol === "none" ? "test" : symbol), make("b", {}, name),
      test.at && make("span", {}, `${distance(test.at, now)}, ${instant(test.at, zone)}`)),
    test.error && make("p", { class: "reason" }, test.error),
    unconfirmed && make("p", { class: "advice" }, UNDECIDED));
}

/** @type {(row: MatrixRow, acts: Actions) => HTMLElement | null} */
function makeActions(row, acts) {
  if (row.own) return null;
  const { missing } = row;
  return make("div", { class: "buttons" },
    row.test.state === "unconfirmed" ? makeDecisions(acts.resolve, null)
      : makeButton("Send test file", acts.sendTestFile, "main"),
    missing && makeButton("Deliver what is missing…", () => acts.deliverRange(missing), "main"),
    makeButton("Deliver a range of days…", () => acts.deliverRange()),
    row.paused !== null && makeButton(row.paused ? "Unpause" : "Pause", acts.pause));
}

/** @type {(keys: HostKey[], zone: string | undefined, acts: Actions | null | undefined) => HTMLElement} */
function makeHostKeys(keys, zone, acts) {
  if (!keys.length) return make("p", { class: "quiet" }, "None yet: what the server shows is recorded.");
  return make("ul", { class: "host-keys" }, keys.map((key) => make("li", {},
    make("code", {}, key.fingerprint),
    make("p", { class: "quiet" }, [SOURCES[key.source], key.since && instant(key.since, zone)]
      .filter(Boolean).join(", ")),
    make("div", { class: "buttons" }, makeCopyButton("Copy", key.fingerprint),
      key.confirmable && acts ? makeButton("Confirm…", () => acts.confirmHostKey(key)) : null))));
}

/** @param {Record<string, FieldValue>} configuration */
function makeConfiguration(configuration) {
  return makeFacts(Object.entries(configuration).map(([name, value]) => [name, makeValue(value)]));
}

/**
 * @param {Behaviour | null} behaviour
 * @returns {Array<[string, Child]>}
 */
function listBehaviour(behaviour) {
  return Object.entries(behaviour || {}).map(([name, value]) => [name.replaceAll("_", " "), makeValue(value)]);
}

/** @param {FieldValue} value */
function makeValue(value) {
  const { words, kind } = sayValue(value);
  return kind === "plain" ? words : kind === "quiet" ? make("span", { class: "quiet" }, words) : make("code", {}, words);
}

/** @param {DestinationLinks} links */
function makeLinks(links) {
  return make("p", { class: "links" }, makeAirflowLink(links.dag, "Nightly DAG"),
    makeAirflowLink(links.test_dag, "Test file DAG"), makeAirflowLink(links.connection, "Connection"));
}
