// What can the reader do, and what is said before it is done?

import { act } from "./api.js";
import { ask } from "./dialog.js";
import { make } from "./elements.js";
import { addDays, countDays, day } from "./words.js";

const MOST_DAYS = 366;

/** Return the actions on a destination; `done(answer)` is called after each. */
export function makeActions(row, lastDay, done) {
  const { id, client } = row;
  return {
    sendTestFile: () => ask(askTestFile(id, client), done),
    pause: () => ask(row.paused ? askUnpause(id, client) : askPause(id, client), done),
    deliverRange: () => ask(askRange(id, client, lastDay), done),
    redeliver: (text) => ask(askRedelivery(id, client, text), done),
  };
}

function askTestFile(id, client) {
  return {
    title: `Send the test file to ${client}?`, verb: "Send test file",
    says: [`The sample event goes to ${client}'s server at once, with the Connection as it is now, as a file named courseCompletion-test-…`,
      "It proves login, folder and host key. No delivery of a day is touched."],
    act: () => act("test-file", { destination: id }),
  };
}

function askRedelivery(id, client, text) {
  return {
    title: `Deliver ${day(text)} to ${client} again?`, verb: "Redeliver",
    says: ["The day's events are read anew from the source and uploaded at once, with the Connection as it is now.",
      "The file keeps its name: one that lies on the client's server is replaced when the new one is whole."],
    act: () => act("redeliver", { destination: id, day: text }),
  };
}

function askPause(id, client) {
  return {
    title: `Pause ${client}?`, verb: "Pause",
    says: ["No night is delivered until somebody unpauses it; days that pass meanwhile show as missing.",
      "A run that is under way goes on to its end."],
    act: () => act("pause", { destination: id, paused: true }),
  };
}

function askUnpause(id, client) {
  return {
    title: `Unpause ${client}?`, verb: "Unpause",
    says: ["The nights are delivered again. The last day that was due starts at once.",
      "Days that passed before it stay missing: deliver them as a range."],
    act: () => act("pause", { destination: id, paused: false }),
  };
}

function askRange(id, client, lastDay) {
  const from = make("input", { type: "date", value: addDays(lastDay, -6), max: lastDay, required: true });
  const to = make("input", { type: "date", value: lastDay, max: lastDay, required: true });
  return {
    title: `Deliver a range of days to ${client}?`, verb: "Start the backfill",
    says: ["An Airflow backfill makes a run for each day of the range that has none, and runs failed ones again, oldest first.",
      "Days that were delivered are left alone."],
    fields: make("div", { class: "fields" }, make("label", {}, "First day", from), make("label", {}, "Last day", to)),
    check: () => checkRange(from.value, to.value),
    act: () => act("backfill", { destination: id, from: from.value, to: to.value }),
  };
}

function checkRange(from, to) {
  if (!from || !to) return "Both days are needed.";
  if (from > to) return "The range ends before it begins.";
  return countDays(from, to) > MOST_DAYS ? `Wanted at most ${MOST_DAYS} days.` : "";
}
