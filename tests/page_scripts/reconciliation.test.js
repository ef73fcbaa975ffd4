// What is said of a report on a whole period?

import assert from "node:assert/strict";
import { test } from "node:test";

import { sayCounts, sayVerdict } from "../../plugins/event_delivery/page/assets/reconciliation.js";

test("a number that only the server knows of is said by itself, and one that nobody knows as such", () => {
  assert.equal(sayCounts({ source: 1200, delivered: 1198, missing: null, changed: 7 }),
    "1,200 at the source, 1,198 delivered, unknown how many missing, 7 changed");
});

test("the verdict says in how many intervals nobody can tell", () => {
  assert.equal(sayVerdict({ clean: true, unknown: 0 }), "Every event was delivered, once.");
  assert.equal(sayVerdict({ clean: false, unknown: 0 }), "Not every event was delivered once.");
  assert.match(sayVerdict({ clean: false, unknown: 2 }), / In 2 intervals nobody can tell which events differ\.$/);
});
