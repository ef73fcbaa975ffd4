// @ts-check
// What can the reader do, and what is said before it is done?

/** @import { Decision, HostKey } from "./answers.js" */
/** @import { Question } from "./dialog.js" */
/** @import { MatrixRow } from "./matrix_row.js" */
/** @import { Bounds } from "./panel_view.js" */

import { act } from "./api.js";
import { ask } from "./dialog.js";
import { make } from "./elements.js";
import { addDays, checkBounds, checkRange } from "./range.js";
import { askReconciliation } from "./reconciliation.js";
import { askDecision } from "./unconfirmed.js";
import { day } from "./words.js";

const EXACT = "Byte for byte as delivered: send the kept file, and do not read the source";

/** @typedef {ReturnType<typeof makeActions>} Actions */
/** @typedef {{ text: string, bounds: Bounds | null, sha256: string }} HeldFile a file that is held, and its day */

/**
 * Return the actions on a destination.
 * @param {MatrixRow} row
 * @param {() => void} done called after each
 */
export function makeActions(row, done) {
  return {
    sendTestFile: () => ask(askTestFile(row), done),
    confirmHostKey: (/** @type {HostKey} */ key) => ask(askHostKey(row, key), done),
    pause: () => ask(row.paused ? askUnpause(row) : askPause(row), done),
    deliverRange: (/** @type {[string, string]} */ days = chooseWeek(row)) => ask(askRange(row, days), done),
    redeliver: (/** @type {string} */ text, /** @type {Bounds | null} */ bounds) =>
      ask(askRedelivery(row, text, bounds, make("input", { type: "checkbox" })), done),
    reconcile: () => ask(askReconciliation(row), done),
    release: (/** @type {HeldFile} */ file) => ask(askRelease(row, file), done),
    resolve: (/** @type {Decision} */ decision, /** @type {string | null} */ text, /** @type {Bounds | null} */ bounds) =>
      ask(askDecision(row, decision, text, bounds), done),
  };
}

/**
 * Tell whether a day can be delivered: it is over, and not before the start.
 * @param {Pick<MatrixRow, "firstDay" | "lastDay" | "current">} row
 * @param {string} text
 */
export function isDeliverable({ firstDay, lastDay, current }, text) {
  return current && firstDay <= text && text <= lastDay;
}

/**
 * Return the last week that can be delivered.
 * @param {Pick<MatrixRow, "firstDay" | "lastDay">} row
 * @returns {[string, string]}
 */
export function chooseWeek({ firstDay, lastDay }) {
  const week = addDays(lastDay, -6);
  return [week < firstDay ? firstDay : week, lastDay];
}

/**
 * Return the question that is asked before a test file is sent.
 * @param {MatrixRow} row
 * @returns {Question}
 */
export function askTestFile({ id, client }) {
  return {
    title: `Send the test file to ${client}?`, verb: "Send test file",
    says: [`The sample event goes to ${client}'s server at once, with the Connection as it is now, as a file with a name of its own.`,
      "It proves login, folder and host key. No delivery of a day is touched."],
    act: () => act("test-file", { destination: id }),
  };
}

/**
 * Return the question that is asked before a day's delivery of the row's event type is made again.
 * @param {MatrixRow} row
 * @param {string} text the day
 * @param {Bounds | null} bounds its interval
 * @param {HTMLInputElement | null} exact whether the kept file is sent
 * @returns {Question}
 */
export function askRedelivery({ id, client, event, several }, text, bounds, exact = null) {
  return {
    title: `Deliver ${day(text)} to ${client} again?`, verb: "Redeliver",
    says: ["The day's events are read anew from the source and uploaded at once, with the Connection as it is now.",
      "The file keeps its name: one that lies on the client's server is replaced when the new one is whole.",
      ...(several ? [`Only ${event} is delivered; if the day has no run yet, or is sent as delivered, all its event types are.`] : [])],
    fields: exact ? make("label", { class: "switch" }, exact, EXACT) : undefined,
    act: () => act("redeliver", { destination: id, day: text, event, ...bounds, ...(exact?.checked ? { exact: true } : {}) }),
  };
}

/**
 * Return the question that is asked before a held file is let go.
 * @param {Pick<MatrixRow, "id" | "client" | "event">} row
 * @param {HeldFile} file
 * @returns {Question}
 */
export function askRelease({ id, client, event }, { text, bounds, sha256 }) {
  return {
    title: `Release the file of ${day(text)} to ${client}?`, verb: "Release",
    says: ["Its number of events is unusual. With your yes it is delivered at once, with the Connection as it is now.",
      "The yes is for this very file: if the day holds something else when it is read, that is held again.",
      `sha256 ${sha256}`],
    act: () => act("release", { destination: id, day: text, event, sha256, ...bounds }),
  };
}

/**
 * Return the question that is asked before a host key is confirmed.
 * @param {MatrixRow} row
 * @param {HostKey} key
 * @returns {Question}
 */
export function askHostKey({ id, client }, key) {
  return {
    title: `Is this the host key of ${client}?`, verb: "Confirm this key",
    fields: make("p", {}, make("code", { class: "fingerprint" }, key.fingerprint)),
    says: ["Compare it with what the client told you by another way than this server: whoever shows a confirmed key is sent the password.",
      "It is written into the Connection as its host_key, in place of one that stands there; the audit log says that it was you."],
    act: () => act("confirm-host-key", { destination: id, fingerprint: key.fingerprint }),
  };
}

/** @type {(row: MatrixRow) => Question} */
function askPause({ id, client }) {
  return {
    title: `Pause ${client}?`, verb: "Pause",
    says: ["No night is delivered until somebody unpauses it; days that pass meanwhile show as missing.",
      "A run that is under way goes on to its end."],
    act: () => act("pause", { destination: id, paused: true }),
  };
}

/** @type {(row: MatrixRow) => Question} */
function askUnpause({ id, client }) {
  return {
    title: `Unpause ${client}?`, verb: "Unpause",
    says: ["The nights are delivered again. The last day that was due starts at once.",
      "Days that passed before it stay missing: deliver them as a range."],
    act: () => act("pause", { destination: id, paused: false }),
  };
}

/** @type {(row: MatrixRow, days: [string, string]) => Question} */
function askRange({ id, client, limits, firstDay, lastDay }, [first, last]) {
  const bounds = { type: "date", min: firstDay || null, max: lastDay, required: true };
  const from = make("input", { ...bounds, value: first }), to = make("input", { ...bounds, value: last });
  return {
    title: `Deliver a range of days to ${client}?`, verb: "Start the backfill",
    says: ["An Airflow backfill makes a run for each day of the range that has none, and runs failed ones again, oldest first.",
      "Days that were delivered are left alone, and so is one whose run is called a success though nothing was delivered: deliver that day again."],
    fields: make("div", { class: "fields" }, make("label", {}, "First day", from), make("label", {}, "Last day", to)),
    check: () => checkRange(from.value, to.value, limits.days) || checkBounds(from.value, to.value, firstDay, lastDay),
    act: () => act("backfill", { destination: id, from: from.value, to: to.value }),
  };
}
