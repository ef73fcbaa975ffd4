// How is a destination configured, and how did its last nights go?

import { make } from "./elements.js";
import { drawHistory } from "./history.js";
import { makeMark } from "./matrix_parts.js";
import { makeAirflowLink, makeButton, makeCopyButton, makeFacts, makePart } from "./panel.js";
import { STATES, TEST_STATES } from "./states.js";
import { distance, instant } from "./words.js";

const SOURCES = {
  yaml: "from the destination's file", connection: "from the Connection", "first contact": "shown at the first contact",
  accepted: "accepted by an operator",
};

/** Make the panel's content for a destination; `row` is its row in the matrix, `acts` are the actions. */
export function makeDestination(destination, { row, now, acts }) {
  const zone = row?.zone;
  return [
    row?.own === "quarantined" && makeQuarantine(row),
    makeTestFile(destination.test_file, zone, now),
    acts && makeActions(row, acts),
    destination.history.length > 0 && drawHistory(destination),
    makePart("Where it goes", makeFacts([
      ["Server", destination.server && make("code", {}, destination.server)],
      ["Not readable", destination.server_error],
      ["Folder", destination.folder && make("code", {}, destination.folder)],
      ...listBehaviour(destination.behaviour),
    ])),
    makePart("Host keys", makeHostKeys(destination.host_keys, zone)),
    makePart("Configuration as read", makeConfiguration(destination.configuration)),
    makePart("In Airflow", make("p", { class: "links" }, makeAirflowLink(destination.links.dag, "Nightly DAG"),
      makeAirflowLink(destination.links.test_dag, "Test file DAG"),
      makeAirflowLink(destination.links.connection, "Connection"))),
  ];
}

function makeQuarantine(row) {
  return make("div", { class: "verdict open" },
    make("p", { class: "state" }, makeMark("quarantined"), make("b", {}, STATES.quarantined.name)),
    make("p", { class: "reason" }, row.destination.quarantined),
    make("p", { class: "advice" }, STATES.quarantined.meaning));
}

function makeTestFile(test, zone, now) {
  const { name, symbol } = TEST_STATES[test.state];
  return make("div", { class: `verdict ${test.state === "failed" ? "open" : ""}` },
    make("p", { class: "state" }, makeMark(symbol, symbol === "none" ? "test" : symbol), make("b", {}, name),
      test.at && make("span", {}, `${distance(test.at, now)}, ${instant(test.at, zone)}`)),
    test.error && make("p", { class: "reason" }, test.error));
}

function makeActions(row, acts) {
  if (row?.own) return null;
  return make("div", { class: "buttons" },
    makeButton("Send test file", acts.sendTestFile, "main"),
    makeButton("Deliver a range of days…", acts.deliverRange),
    row && row.paused !== null && makeButton(row.paused ? "Unpause" : "Pause", acts.pause));
}

function makeHostKeys(keys, zone) {
  if (!keys.length) return make("p", { class: "quiet" }, "None yet: the first contact remembers the server's key.");
  return make("ul", { class: "host-keys" }, keys.map((key) => make("li", {},
    make("code", {}, key.fingerprint),
    make("p", { class: "quiet" }, [SOURCES[key.source] || key.source, key.since && instant(key.since, zone)]
      .filter(Boolean).join(", ")),
    makeCopyButton("Copy", key.fingerprint))));
}

function makeConfiguration(configuration) {
  return makeFacts(Object.entries(configuration).map(([name, value]) => [name, sayValue(value)]));
}

function listBehaviour(behaviour) {
  return Object.entries(behaviour || {}).map(([name, value]) => [name.replaceAll("_", " "), sayValue(value)]);
}

function sayValue(value) {
  if (value === null || value === "") return make("span", { class: "quiet" }, "not set");
  if (value === true || value === false) return value ? "yes" : "no";
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) return instant(value);
  if (Array.isArray(value)) return value.length ? value.join(", ") : make("span", { class: "quiet" }, "none");
  if (typeof value === "object") {
    return Object.entries(value).filter(([, part]) => part).map(([name, part]) => `${name}: ${part}`).join(", ");
  }
  return make("code", {}, String(value));
}
