// Does a chart show a value where it belongs, and does a trend tell what is sure and nothing else?

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  chooseDays, chooseTicks, makeScale, roundUp, share,
} from "../../plugins/event_delivery/page/assets/scale.js";
import { forecast } from "../../plugins/event_delivery/page/assets/trend.js";

const FRAME = { left: 0, right: 100, top: 0, base: 100 };
const TICKS = [0.1, 1, 10, 60, 600, 3600];

test("days lie evenly between the edges, and a single one at the right", () => {
  const scale = makeScale(["2026-03-01", "2026-03-11"], [10], TICKS, FRAME);
  assert.deepEqual(["2026-03-01", "2026-03-06", "2026-03-11"].map(scale.x), [0, 50, 100]);
  assert.equal(makeScale(["2026-03-01"], [10], TICKS, FRAME).x("2026-03-01"), 100);
});

test("tenfold is the same step anywhere, and nothing falls below the base", () => {
  const { y } = makeScale(["2026-03-01"], [1, 300], TICKS, FRAME);
  assert.ok(Math.abs(y(1) - y(10) - (y(10) - y(100))) < 1e-9);
  assert.deepEqual([y(0), y(1)], [100, 100]);
  assert.ok(y(300) > 0);
});

test("values are named within the scale, and none over the limit's name", () => {
  const scale = makeScale(["2026-03-01"], [1, 300], TICKS, FRAME);
  assert.deepEqual(chooseTicks(scale, TICKS), [1, 10, 60]);
  assert.deepEqual(chooseTicks(scale, TICKS, 60), [1, 10]);
});

test("each day of a week is named, of ninety the first, the last and three between", () => {
  const days = (from, to) => chooseDays({ first: Date.parse(from), last: Date.parse(to) });
  assert.equal(days("2026-03-01", "2026-03-07").length, 7);
  assert.deepEqual(days("2026-03-01", "2026-05-29"),
    ["2026-03-01", "2026-03-23", "2026-04-15", "2026-05-07", "2026-05-29"]);
});

test("the top of a chart is round, even, and not below its highest bar", () => {
  assert.deepEqual([1, 3, 41, 700, 1300].map(roundUp), [2, 4, 60, 800, 1600]);
});

test("a share is said in percent, and a trace of it as little", () => {
  assert.deepEqual([share(2, 300), share(150, 300)], ["less than 1 %", "50 %"]);
});

test("a line through steady growth foretells; scattered, falling or few points tell nothing", () => {
  const grow = (slope) => Array.from({ length: 30 }, (_, day) => [day, 100 + slope * day]);
  const noise = Array.from({ length: 30 }, (_, day) => [day, day % 2 ? 290 : 10]);
  const told = [grow(2), grow(8), grow(-1), grow(2).slice(0, 5), noise, grow(0.1)].map((points) => forecast(points, 300));
  assert.deepEqual(told, [71, 0, null, null, null, null]);
});
