// What is said of a cell, of the last night, of the page's age and of a refusal?

import assert from "node:assert/strict";
import { test } from "node:test";

import { askRedelivery, askRelease, askTestFile, chooseWeek, isDeliverable } from "../../plugins/event_delivery/page/assets/actions.js";
import { explain } from "../../plugins/event_delivery/page/assets/api.js";
import { sayLatest } from "../../plugins/event_delivery/page/assets/history.js";
import { makeRows } from "../../plugins/event_delivery/page/assets/matrix_row.js";
import {
  describeAge, describeCell, describeNight, describeTest, listFacts,
} from "../../plugins/event_delivery/page/assets/sentences.js";
import { sayMeaning } from "../../plugins/event_delivery/page/assets/states.js";
import { askDecision } from "../../plugins/event_delivery/page/assets/unconfirmed.js";
import { LIMITS, makeDestination, makeOverview } from "./overview.js";

const DAY = "2026-03-09";

function makeRow(state, facts, more) {
  return makeRows(makeOverview(makeDestination("acme", [[DAY, state, facts]], more)))[0];
}

test("a delivered cell says when, how many rows and how large", () => {
  const row = makeRow("delivered", { delivered_at: "2026-03-10T06:01:00Z", rows: 1200, bytes: 640_000 });
  assert.equal(describeCell(row, DAY),
    "acme, Mon, 9 Mar 2026: delivered, at 10 Mar 2026, 02:01:00 America/New_York, 1,200 rows, 640 kB");
});

test("a delivered night says what came late, and what brought it", () => {
  const said = (facts) => describeCell(makeRow("delivered", facts), DAY);
  assert.match(said({ differs: { late: 2, deleted: 0 } }), /: delivered, 2 events late$/);
  assert.match(said({ supplements: 1 }), /: delivered, late events, brought by 1 supplement$/);
  assert.match(said({ differs: { late: 1, deleted: 3 }, supplements: 2 }),
    /: delivered, 1 event late, 3 events deleted at the source, late events, brought by 2 supplements$/);
});

test("a day that calls several deliveries says that this is the worst of them", () => {
  const row = makeRow("missing", { deliveries: 2, error: "No run carries it." });
  assert.match(describeCell(row, DAY), /: missing, the worst of 2 deliveries that are called by this day$/);
});

test("the delay's sentence is right without a scheduled night, with one in time, and with a late one", () => {
  const say = (...delays) => sayLatest(delays.map((delay) => ({ delay })), { retries: 10, window: 12_300 });
  assert.equal(say(), "No scheduled night has arrived yet; the 10 retries span 3 h 25 min.");
  assert.match(say(null, null), /^No scheduled night has arrived yet/);
  assert.match(say(-3600), /^None came after it was due;/);
  assert.match(say(null, 7, 60), /^The latest came 1 min after it was due;/);
});

test("the yes to a held file names the very file", () => {
  const bounds = { start: "2026-03-09T04:00:00Z", end: "2026-03-10T04:00:00Z" };
  const { title, says } = askRelease(makeRow("held"), { text: DAY, bounds, sha256: "ab" });
  assert.equal(title, "Release the file of Mon, 9 Mar 2026 to acme?");
  assert.deepEqual([/very file/.test(says[1]), says[2]], [true, "sha256 ab"]);
});

test("only days that are over, and not before the start, are offered", () => {
  const row = { firstDay: "2026-03-05", lastDay: "2026-03-09", current: true };
  assert.deepEqual(["2026-03-04", "2026-03-05", "2026-03-09", "2026-03-10"].map((text) => isDeliverable(row, text)),
    [false, true, true, false]);
  assert.equal(isDeliverable({ ...row, current: false }, "2026-03-09"), false);
  assert.deepEqual(chooseWeek(row), ["2026-03-05", "2026-03-09"]);
  assert.deepEqual(chooseWeek({ ...row, firstDay: "" }), ["2026-03-03", "2026-03-09"]);
});

test("an empty day names no rows, and a day without a cell expects nothing", () => {
  const row = makeRow("empty", { rows: 0, bytes: 3 });
  assert.equal(describeCell(row, DAY), "acme, Mon, 9 Mar 2026: empty day, 3 bytes");
  assert.equal(describeCell(row, "2026-03-08"), "acme, Sun, 8 Mar 2026: no delivery expected");
});

test("a retry says which attempt it is, of how many the server makes, and when the next comes", () => {
  const row = makeRow("retrying", { attempt: 3, next_at: "2026-03-10T06:04:20Z" });
  const fewer = { ...row, limits: { ...LIMITS, attempts: 5 } };
  assert.deepEqual(listFacts(fewer, row.cells.get(DAY)),
    ["attempt 3 of 5", "next try at 10 Mar 2026, 02:04:20 America/New_York"]);
});

test("a late file that was delivered again says when it came first", () => {
  const row = makeRow("late", { first_delivered_at: "2026-03-10T08:00:00Z", delivered_at: "2026-03-11T08:00:00Z" });
  assert.match(describeCell(row, DAY), /delivered late, first at 10 Mar 2026, 04:00:00 .*, at 11 Mar 2026/);
  assert.equal(sayMeaning("late", { ...LIMITS, late_seconds: 5400 }), "Delivered more than 1 h 30 min after it was due.");
});

test("one of several event types names itself", () => {
  const row = makeRow("failed", {}, { events: ["courseCompletion", "courseStarted"] });
  assert.match(describeCell(row, DAY), /^acme, courseCompletion, Mon/);
});

test("a test file says what became of it, and when", () => {
  const row = makeRow("due", {}, { test_file: { state: "ok", at: "2026-03-09T10:00:00Z", error: null } });
  assert.equal(describeTest(row), "acme: test file arrived, 9 Mar 2026, 10:00:00 UTC");
  assert.equal(describeTest(makeRow("due")), "acme: no test file sent yet");
  const gone = makeRow("due", {}, { test_file: { state: "unconfirmed", at: null, error: "gone" } });
  assert.equal(describeTest(gone), "acme: test file unconfirmed");
});

test("of an unconfirmed delivery it is said that nobody can tell", () => {
  assert.equal(describeCell(makeRow("unconfirmed", { error: "gone" }), DAY), "acme, Mon, 9 Mar 2026: unconfirmed");
  assert.equal(sayMeaning("unconfirmed", LIMITS),
    "Nobody can tell whether the file arrived: it is gone from the server.");
});

test("of a held night it is said that it waits for a person, and it has not arrived", () => {
  assert.equal(describeCell(makeRow("held", { error: "unusual" }), DAY), "acme, Mon, 9 Mar 2026: held");
  assert.match(sayMeaning("held", LIMITS), /Nothing was sent: .* a person has to release it\./);
});

test("before a decision is taken it is said what it means", () => {
  const row = makeRow("unconfirmed");
  const robot = askDecision(row, "robot", DAY), again = askDecision(row, "send again", DAY);
  assert.deepEqual([robot.title, robot.verb],
    ["Count the file of Mon, 9 Mar 2026 as delivered to acme?", "A robot takes files here"]);
  assert.match(robot.says.join(), /counts as delivered, and from now on a file that vanishes from this folder counts as taken/);
  assert.deepEqual([again.title, again.verb], ["Send the file of Mon, 9 Mar 2026 to acme again?", "Send again"]);
  assert.match(again.says.join(), /if the client has it already, it gets a second copy/);
  assert.equal(askDecision(row, "send again", null).title, "Send the test file to acme again?");
});

test("of several event types one is delivered again, and all where the day has no run", () => {
  const one = askRedelivery(makeRow("failed"), DAY, null);
  assert.doesNotMatch(one.says.join(" "), /event type/);
  const two = askRedelivery(makeRow("failed", {}, { events: ["courseCompletion", "courseStarted"] }), DAY, null);
  assert.match(two.says.join(" "), /Only courseCompletion is delivered; if the day has no run yet, or is sent as delivered, all its event types are\./);
});

test("a test file is not promised a name that the row cannot know", () => {
  const says = askTestFile(makeRow("failed")).says.join(" ");
  assert.doesNotMatch(says, /courseCompletion/);
  assert.match(says, /with a name of its own/);
});

test("the headline counts what has not arrived", () => {
  const say = (expected, arrived, unconfirmed = 0) => describeNight({ expected, arrived, unconfirmed, day: DAY }).join("");
  assert.equal(say(0, 0), "No delivery was due yet.");
  const several = describeNight({ expected: 2, arrived: 2, unconfirmed: 0, day: null }).join("");
  assert.equal(several, "All 2 files of the last night arrived.");
  assert.equal(say(1, 1), "The one file of Mon, 9 Mar 2026 arrived.");
  assert.equal(say(1200, 1200), "All 1,200 files of Mon, 9 Mar 2026 arrived.");
  assert.equal(say(5, 4), "1 of 5 files of Mon, 9 Mar 2026 has not arrived.");
  assert.equal(say(5, 3), "2 of 5 files of Mon, 9 Mar 2026 have not arrived.");
  assert.equal(say(5, 4, 1), "1 of 5 files of Mon, 9 Mar 2026 is unconfirmed.");
  assert.equal(say(5, 1, 2), "2 of 5 files of Mon, 9 Mar 2026 have not arrived, 2 are unconfirmed.");
});

test("what was read long ago, or could not be read again, is out of date", () => {
  assert.deepEqual(describeAge(1, false), { stale: false, words: "Up to date" });
  assert.deepEqual(describeAge(14.7, false), { stale: false, words: "Read 14 s ago" });
  assert.deepEqual(describeAge(95, false), { stale: true, words: "Out of date: read 1 min 35 s ago" });
  assert.deepEqual(describeAge(1, true), { stale: true, words: "Out of date: read 1 s ago" });
});

test("a refusal is said in the server's own words, but for a login that has ended", () => {
  const older = { detail: "The ledger is older than this version: run its migrations." };
  assert.equal(explain(503, older), older.detail);
  assert.match(explain(401, { detail: "Not authenticated" }), /no longer logged in/);
  assert.match(explain(403, null), /may not do this/);
  assert.match(explain(500, { detail: [{ msg: "x" }] }), /error \(500\)/);
});
