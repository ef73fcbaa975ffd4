// What is said of a day whose events came late, or were deleted at the source?

import assert from "node:assert/strict";
import { test } from "node:test";

import { sayComparison } from "../../plugins/event_delivery/page/assets/completeness.js";
import { sayDifference } from "../../plugins/event_delivery/page/assets/sentences.js";

const AT = "2026-03-10T08:00:00Z", SINCE = "2026-03-10T07:00:00Z";
const found = (part) => ({ compared_at: AT, found_at: SINCE, difference: null, handling: null, outdated: false, ...part });

test("a difference names what is late and what was deleted, and no number that nobody knows", () => {
  assert.equal(sayDifference({ late: 2, deleted: 0 }), "2 events late");
  assert.equal(sayDifference({ late: 0, deleted: 1 }), "1 event deleted at the source");
  assert.equal(sayDifference({ late: 1200, deleted: 1 }), "1,200 events late, 1 event deleted at the source");
  assert.match(sayDifference({ late: null, deleted: null }), /nobody can tell/);
  assert.equal(sayDifference({ late: 0, deleted: 0 }), "some events are in two files");
});

test("a day that is as the source is, is complete at an instant", () => {
  assert.equal(sayComparison(found({ found_at: null })), "complete at 10 Mar 2026, 08:00:00 UTC");
  assert.equal(sayComparison(null), "never");
});

test("a day that differs says since when and what was done", () => {
  const said = sayComparison(found({ difference: { late: 2, deleted: 1 }, handling: "supplement 1" }));
  assert.equal(said, "2 events late, 1 event deleted at the source, since 10 Mar 2026, 07:00:00 UTC; "
    + "done: supplement 1; compared at 10 Mar 2026, 08:00:00 UTC");
  assert.match(sayComparison(found({ difference: { late: 2, deleted: 0 }, handling: "reported" })), /; reported; compared/);
});

test("what was delivered since a comparison makes it one of yesterday", () => {
  for (const part of [{}, { difference: { late: 2, deleted: 0 }, handling: "supplement 1" }]) {
    assert.match(sayComparison(found({ ...part, outdated: true })), /\. Delivered since, and not compared again yet$/);
  }
});
