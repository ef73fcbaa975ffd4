// Are numbers, sizes, spans, instants and values said as a person would?

import assert from "node:assert/strict";
import { test } from "node:test";

import { sayValue } from "../../plugins/event_delivery/page/assets/values.js";
import {
  count, day, dayParts, distance, instant, plural, sayInterval, size, span,
} from "../../plugins/event_delivery/page/assets/words.js";

test("what is not known is a dash, and nothing is nothing", () => {
  for (const say of [count, size, span, day, instant]) assert.equal(say(null), "—");
  assert.deepEqual([count(0), size(0)], ["0", "0 bytes"]);
});

test("numbers are separated by thousands, and things are counted in their plural", () => {
  assert.equal(count(1234567), "1,234,567");
  const said = [plural(1, "row"), plural(1200, "row"), plural(2, "delivery"), plural(0, "day")];
  assert.deepEqual(said, ["1 row", "1,200 rows", "2 deliveries", "0 days"]);
});

test("sizes change their unit at a thousand, and have a digit below a hundred", () => {
  assert.deepEqual([999, 1000, 640_000, 12_345_678].map(size), ["999 bytes", "1.0 kB", "640 kB", "12.3 MB"]);
  assert.equal(size(5e15), "5000 TB");
});

test("spans are said in two units at most", () => {
  const said = [0.04, 0.4, 12, 60, 250, 3600, 12_300, 172_800].map(span);
  const wanted = ["under 0.1 s", "0.4 s", "12 s", "1 min", "4 min 10 s", "1 h", "3 h 25 min", "2 days"];
  assert.deepEqual(said, wanted);
});

test("an instant lies ahead, behind, or is now", () => {
  const said = ["12:04:00", "11:00:00", "12:00:04"].map((time) =>
    distance(`2026-03-10T${time}Z`, "2026-03-10T12:00:00Z"));
  assert.deepEqual(said, ["in 4 min", "1 h ago", "now"]);
});

test("a day is the same day in every time zone of the reader", () => {
  assert.equal(day("2026-11-21"), "Sat, 21 Nov 2026");
  assert.deepEqual(dayParts("2026-11-01"), { number: 1, weekday: "Sun", month: "Nov" });
});

test("an instant names the zone that it is said in", () => {
  assert.equal(instant("2026-11-21T07:00:41Z"), "21 Nov 2026, 07:00:41 UTC");
  assert.equal(instant("2026-11-21T07:00:41Z", "America/New_York"), "21 Nov 2026, 02:00:41 America/New_York");
});

test("an interval is said by both its bounds", () => {
  assert.equal(sayInterval("2026-11-21T15:00:00Z", "2026-11-22T08:00:00Z", "America/Los_Angeles"),
    "21 Nov 2026, 07:00:00 to 22 Nov 2026, 00:00:00 America/Los_Angeles");
});

test("a field's value is said in words, and only what is literal stands as code", () => {
  const said = [null, true, 2222, "json", [], ["a", "b"], { suffix: ".tmp", folder: "" }].map(sayValue);
  assert.deepEqual(said.map(({ words }) => words), ["not set", "yes", "2222", "json", "none", "a, b", "suffix: .tmp"]);
  assert.deepEqual(said.map(({ kind }) => kind), ["quiet", "plain", "code", "code", "quiet", "plain", "plain"]);
  assert.equal(sayValue("2026-11-21T07:00:41Z").words, "21 Nov 2026, 07:00:41 UTC");
});
