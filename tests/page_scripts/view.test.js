// Does an address bring a view back, a key lead where it should, and a range hold the days that it says?

import assert from "node:assert/strict";
import { test } from "node:test";

import { moveBy } from "../../plugins/event_delivery/page/assets/keyboard.js";
import { findInSight } from "../../plugins/event_delivery/page/assets/matrix_rows.js";
import { addDays, checkBounds, checkRange, countDays } from "../../plugins/event_delivery/page/assets/range.js";
import { formatView, parseView, withoutPanel } from "../../plugins/event_delivery/page/assets/view.js";

const SEARCH = "?from=2026-03-01&q=a+%26+b&state=failed%2Clate&destination=acme&event=courseCompletion&day=2026-03-09";

test("a view comes back from the address that it was written to", () => {
  const view = parseView(SEARCH);
  assert.deepEqual([view.q, view.state, view.day, view.to], ["a & b", "failed,late", "2026-03-09", ""]);
  assert.equal(formatView(view), SEARCH);
});

test("the first look needs no query, and a name that nobody knows is left out", () => {
  assert.equal(formatView(parseView("")), "");
  assert.equal(formatView(parseView("?theirs=1")), "");
});

test("without its panel a view keeps what narrows the matrix", () => {
  assert.equal(formatView(withoutPanel(parseView(SEARCH))), "?from=2026-03-01&q=a+%26+b&state=failed%2Clate");
});

test("days are counted across months, years and changes of the clock", () => {
  assert.deepEqual([addDays("2026-03-01", -1), addDays("2027-12-31", 1)], ["2026-02-28", "2028-01-01"]);
  assert.equal(countDays("2026-03-01", "2026-03-31"), 31);
});

test("a range that the server would refuse is refused in words", () => {
  assert.match(checkRange("", "2026-03-01", 366), /Both days/);
  assert.match(checkRange("2026-03-02", "2026-03-01", 366), /ends before it begins/);
  assert.match(checkRange("2026-03-01", "2026-03-08", 7), /at most 7 days: Sun, 1 Mar 2026/);
  assert.equal(checkRange("2026-03-01", "2026-03-07", 7), "");
});

test("a range of days that are not over, or lie before the start, is refused naming the day", () => {
  const check = (from, to) => checkBounds(from, to, "2026-03-05", "2026-03-09");
  assert.match(check("2026-03-04", "2026-03-06"), /Wed, 4 Mar 2026 lies before start_date, Thu, 5 Mar 2026/);
  assert.match(check("2026-03-05", "2026-03-10"), /Tue, 10 Mar 2026 is not over yet/);
  assert.equal(check("2026-03-05", "2026-03-09"), "");
  assert.equal(checkBounds("2000-01-01", "2026-03-09", "", "2026-03-09"), "");
});

test("keys move by a cell, a page, or to an end", () => {
  const lead = (key, ctrlKey = false) => moveBy({ key, ctrlKey }, 20, 5);
  assert.deepEqual(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"].map((key) => lead(key)),
    [[19, 5], [21, 5], [20, 4], [20, 6]]);
  assert.deepEqual([lead("PageUp"), lead("PageDown"), lead("Home"), lead("Home", true)],
    [[8, 5], [32, 5], [20, 0], [0, 0]]);
  assert.ok(lead("End")[1] > 1000 && lead("End", true)[0] > 1000);
  assert.equal(lead("a"), null);
});

test("of a thousand rows only those in sight are drawn, with some to spare", () => {
  assert.deepEqual(findInSight({ scrollTop: 0, clientHeight: 680 }, 1000), [0, 36]);
  assert.deepEqual(findInSight({ scrollTop: 3400, clientHeight: 680 }, 1000), [92, 128]);
  assert.deepEqual(findInSight({ scrollTop: 33_320, clientHeight: 680 }, 1000), [972, 1000]);
});
