// @ts-check
// What can the reader do, and what is said before it is done?

/** @import { Decision } from "./answers.js" */
/** @import { Question } from "./dialog.js" */
/** @import { MatrixRow } from "./matrix_row.js" */

import { act } from "./api.js";
import { ask } from "./dialog.js";
import { make } from "./elements.js";
import { addDays, checkRange } from "./range.js";
import { askDecision } from "./unconfirmed.js";
import { day } from "./words.js";

/** @typedef {ReturnType<typeof makeActions>} Actions */

/**
 * Return the actions on a destination.
 * @param {MatrixRow} row
 * @param {string} lastDay the last one that can be delivered
 * @param {() => void} done called after each
 */
export function makeActions(row, lastDay, done) {
  return {
    sendTestFile: () => ask(askTestFile(row), done),
    pause: () => ask(row.paused ? askUnpause(row) : askPause(row), done),
    deliverRange: () => ask(askRange(row, lastDay), done),
    redeliver: (/** @type {string} */ text) => ask(askRedelivery(row, text), done),
    resolve: (/** @type {Decision} */ decision, /** @type {string | null} */ text) =>
      ask(askDecision(row, decision, text), done),
  };
}

/** @type {(row: MatrixRow) => Question} */
function askTestFile({ id, client, event }) {
  return {
    title: `Send the test file to ${client}?`, verb: "Send test file",
    says: [`The sample event goes to ${client}'s server at once, with the Connection as it is now, as a file named ${event}-test-…`,
      "It proves login, folder and host key. No delivery of a day is touched."],
    act: () => act("test-file", { destination: id }),
  };
}

/** @type {(row: MatrixRow, text: string) => Question} */
function askRedelivery({ id, client }, text) {
  return {
    title: `Deliver ${day(text)} to ${client} again?`, verb: "Redeliver",
    says: ["The day's events are read anew from the source and uploaded at once, with the Connection as it is now.",
      "The file keeps its name: one that lies on the client's server is replaced when the new one is whole."],
    act: () => act("redeliver", { destination: id, day: text }),
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

/** @type {(row: MatrixRow, lastDay: string) => Question} */
function askRange({ id, client, limits }, lastDay) {
  const from = make("input", { type: "date", value: addDays(lastDay, -6), max: lastDay, required: true });
  const to = make("input", { type: "date", value: lastDay, max: lastDay, required: true });
  return {
    title: `Deliver a range of days to ${client}?`, verb: "Start the backfill",
    says: ["An Airflow backfill makes a run for each day of the range that has none, and runs failed ones again, oldest first.",
      "Days that were delivered are left alone."],
    fields: make("div", { class: "fields" }, make("label", {}, "First day", from), make("label", {}, "Last day", to)),
    check: () => checkRange(from.value, to.value, limits.days),
    act: () => act("backfill", { destination: id, from: from.value, to: to.value }),
  };
}
