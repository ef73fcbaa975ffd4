// Which rows are made of an overview, which pass a filter, in which order, and what has changed?

import assert from "node:assert/strict";
import { test } from "node:test";

import { findChanges } from "../../plugins/event_delivery/page/assets/changes.js";
import { makeRows } from "../../plugins/event_delivery/page/assets/matrix_row.js";
import { chooseRows, countNight, countStates, readStates } from "../../plugins/event_delivery/page/assets/rows.js";
import { WORST_FIRST, hasArrived, isExpected, rank } from "../../plugins/event_delivery/page/assets/states.js";
import { makeDestination, makeOverview, makeView } from "./overview.js";

const EARLIER = "2026-03-08", LAST = "2026-03-09";
const GOOD = makeDestination("good", [[EARLIER, "delivered"], [LAST, "delivered"]]);
const BAD = makeDestination("bad", [[EARLIER, "failed"], [LAST, "empty"]]);
const WORSE = makeDestination("worse", [[LAST, "failed"]]);
const BROKEN = makeDestination("broken", [[EARLIER, "delivered"]], { events: [], quarantined: "field 'format'" });
const OFF = makeDestination("off", [], { enabled: false });

const choose = (view, ...destinations) => chooseRows(makeRows(makeOverview(...destinations)), makeView(view));
const names = (rows) => rows.map((row) => row.id);

test("the worst comes first, of equals the one that is bad since today, and a name otherwise", () => {
  assert.deepEqual(names(choose({}, OFF, GOOD, BAD, WORSE, BROKEN)), ["broken", "worse", "bad", "good", "off"]);
  assert.deepEqual(names(choose({ sort: "client" }, WORSE, GOOD, BAD)), ["bad", "good", "worse"]);
  const numbered = ["site 10", "site 9"].map((client) => makeDestination(client));
  assert.deepEqual(names(choose({}, ...numbered)), ["site 9", "site 10"]);
});

test("every word of a search must be found in client, id or event", () => {
  assert.deepEqual(names(choose({ q: "GOOD  coursecomp" }, GOOD, BAD)), ["good"]);
  assert.deepEqual(names(choose({ q: "good bad" }, GOOD, BAD)), []);
  assert.deepEqual(names(choose({ client: "bad" }, GOOD, BAD)), ["bad"]);
});

test("a state is looked for in the last night, or in all days shown", () => {
  assert.deepEqual(names(choose({ state: "failed" }, BAD, WORSE)), ["worse"]);
  assert.deepEqual(names(choose({ state: "failed", scope: "all" }, BAD, WORSE)), ["worse", "bad"]);
  assert.deepEqual(readStates(makeView({ state: "failed,test" })), ["failed", "test"]);
});

test("a failed test file is a filter and a count of its own", () => {
  const sent = makeDestination("sent", [], { test_file: { state: "failed", at: null, error: "refused" } });
  assert.deepEqual(names(choose({ state: "test" }, sent, GOOD)), ["sent"]);
  assert.equal(countStates(choose({}, sent, GOOD), "").test, 1);
});

test("a test file of which nobody can tell is another filter, and another count", () => {
  const sent = makeDestination("sent", [], { test_file: { state: "unconfirmed", at: null, error: "gone" } });
  assert.deepEqual(names(choose({ state: "test-unconfirmed" }, sent, GOOD)), ["sent"]);
  assert.deepEqual(names(choose({ state: "test" }, sent, GOOD)), []);
  const counts = countStates(choose({}, sent, GOOD), "");
  assert.deepEqual([counts.test, counts["test-unconfirmed"], counts.unconfirmed], [0, 1, 0]);
});

test("an unconfirmed delivery is worse than a missing one, is a filter, and counts apart from what arrived", () => {
  const gone = makeDestination("gone", [[LAST, "unconfirmed"]]), away = makeDestination("away", [[LAST, "missing"]]);
  assert.deepEqual(names(choose({}, GOOD, away, gone, WORSE)), ["worse", "gone", "away", "good"]);
  assert.deepEqual(names(choose({ state: "unconfirmed" }, gone, WORSE)), ["gone"]);
  assert.equal(countStates(choose({}, gone, GOOD), "").unconfirmed, 1);
  assert.deepEqual(countNight(choose({}, gone, GOOD, WORSE)), { expected: 3, arrived: 1, unconfirmed: 1, day: LAST });
});

test("a quarantined destination shows the nights that it cost and no other, a disabled one the last day", () => {
  const rows = choose({}, BROKEN, OFF);
  assert.deepEqual(rows.map((row) => row.cells.get(LAST)?.state), [undefined, "disabled"]);
  const counts = countStates(rows, "all");
  assert.deepEqual([counts.quarantined, counts.disabled, counts.delivered], [1, 1, 1]);
  const cost = makeDestination("cost", [[LAST, "quarantined"]], { events: [], quarantined: "field 'format'" });
  assert.equal(countStates(choose({}, cost), "all").quarantined, 1);
  assert.deepEqual(countNight(choose({}, cost, BROKEN, GOOD)), { expected: 2, arrived: 1, unconfirmed: 0, day: LAST });
});

test("a night counts once its day is over and due, and a cancelled one is neither expected nor delivered", () => {
  const early = makeDestination("early", [[EARLIER, "failed"], [LAST, "delivered"]], { last_due: EARLIER });
  assert.equal(choose({}, early)[0].last.day, EARLIER);
  const gone = makeDestination("gone", [[LAST, "cancelled"]]);
  assert.deepEqual(countNight(choose({}, gone, GOOD)), { expected: 1, arrived: 1, unconfirmed: 0, day: LAST });
  assert.equal(countStates(choose({}, gone), "all").cancelled, 1);
  assert.equal(hasArrived("cancelled"), false);
});

test("what is missing from the first to the last day can be delivered at once", () => {
  const gaps = makeDestination("gaps", [["2026-03-05", "missing"], [EARLIER, "delivered"], [LAST, "missing"]]);
  assert.deepEqual(choose({}, gaps)[0].missing, ["2026-03-05", LAST]);
  assert.equal(choose({}, GOOD)[0].missing, null);
  assert.equal(choose({}, makeDestination("rest", [[LAST, "missing", { part: true }]]))[0].missing, null);
});

test("what a run carried, or an event type that was taken out, is not offered as what a backfill delivers", () => {
  const marked = makeDestination("marked", [[EARLIER, "missing", { has_run: true }], [LAST, "missing"]]);
  assert.deepEqual(choose({}, marked)[0].missing, [LAST, LAST]);
  assert.equal(choose({}, makeDestination("cut", [[LAST, "missing", { has_run: true }]]))[0].missing, null);
  const left = makeDestination("left", [[LAST, "delivered"]]);
  left.cells.push({ day: LAST, event: "courseStarted", state: "missing" });
  assert.deepEqual(makeRows(makeOverview(left)).map((row) => row.missing), [null, null]);
});

test("the last night is the latest due one, of what is enabled and still delivered", () => {
  const off = makeDestination("off", [[EARLIER, "delivered"]], { enabled: false });
  const stopped = makeDestination("stopped", [[EARLIER, "delivered"]]), left = makeDestination("left", [[LAST, "empty"]]);
  left.cells.push({ day: EARLIER, event: "courseStarted", state: "failed" }, { day: LAST, event: "courseEnded", state: "failed" });
  const rows = choose({}, off, stopped, left);
  assert.deepEqual(countNight(rows), { expected: 1, arrived: 1, unconfirmed: 0, day: LAST });
  assert.equal(rows.find((row) => row.event === "courseStarted").rank, rank(null));
  assert.equal(rows.find((row) => row.event === "courseEnded").rank, rank("failed"));
  const older = { ...makeOverview(makeDestination("old", [[EARLIER, "late"]])), to: EARLIER, days: [EARLIER] };
  assert.equal(countNight(makeRows(older)).arrived, 1);
});

test("an event type that was taken out keeps a row for what is left of it", () => {
  const left = { day: LAST, event: "courseStarted", state: "failed" };
  const two = { ...makeDestination("two", [[LAST, "delivered"]]) };
  two.cells.push(left);
  const rows = makeRows(makeOverview(two));
  assert.deepEqual(rows.map((row) => [row.event, row.current]), [["courseCompletion", true], ["courseStarted", false]]);
});

test("the last night is the latest that is not merely due", () => {
  const waiting = makeDestination("waiting", [[EARLIER, "late"], [LAST, "due"]]);
  assert.equal(choose({}, waiting)[0].last.state, "late");
  assert.deepEqual(countNight(choose({}, waiting, BAD, WORSE, OFF)), { expected: 3, arrived: 2, unconfirmed: 0, day: null });
  assert.equal(countNight(choose({}, waiting)).day, EARLIER);
});

test("each event type has a row, and the test file stands in the first", () => {
  const two = makeDestination("two", [[LAST, "late"]], { events: ["courseCompletion", "courseStarted"] });
  const rows = makeRows(makeOverview(two));
  assert.deepEqual(rows.map((row) => [row.key, row.first, row.several, row.cells.size]),
    [["two/courseCompletion", true, true, 1], ["two/courseStarted", false, true, 0]]);
});

test("states have an order, and three of them mean that the client has the file", () => {
  assert.ok(rank("quarantined") < rank("failed") && rank("failed") < rank("delivered"));
  assert.ok(rank(null) > rank("disabled"));
  assert.deepEqual(WORST_FIRST.filter(hasArrived), ["late", "delivered", "empty"]);
  assert.deepEqual(WORST_FIRST.filter((state) => !isExpected(state)), ["due", "cancelled", "skipped", "disabled"]);
});

test("what has another state than before is found, in the same range only", () => {
  const before = makeOverview(GOOD, WORSE);
  const after = makeOverview(GOOD, makeDestination("worse", [[EARLIER, "late"], [LAST, "retrying"]]));
  assert.deepEqual([...findChanges(before, after)], [`worse/courseCompletion/${EARLIER}`, `worse/courseCompletion/${LAST}`]);
  assert.equal(findChanges(before, before).size, 0);
  assert.equal(findChanges(before, { ...after, from: "2026-03-07" }), null);
});
