// What is said of incidents?

import assert from "node:assert/strict";
import { test } from "node:test";

import { checkSnooze, chooseMorning, sayAge, sayAnswers, sayHits, sayMessage, summarizeIncidents } from "../../plugins/event_delivery/page/assets/incident_words.js";

const NOW = "2026-03-11T16:00:00Z";

test("they are counted by how grave they are, the gravest first", () => {
  const severities = ["info", "error", "warning", "error"].map((severity) => ({ severity }));
  assert.equal(summarizeIncidents(severities), "4 open incidents: 2 errors, 1 warning, 1 info");
  assert.equal(summarizeIncidents([{ severity: "error" }]), "1 open incident: 1 error");
});

test("an open one has an age, one that is over a length", () => {
  assert.equal(sayAge({ opened_at: "2026-03-11T13:00:00Z", closed_at: null }, NOW), "for 3 h");
  assert.equal(sayAge({ opened_at: "2026-03-11T13:00:00Z", closed_at: "2026-03-11T14:00:00Z" }, NOW), "lasted 1 h, over 2 h ago");
});

test("of many destinations the first few are named, and of many days the last", () => {
  const days = ["01", "02", "03", "04", "05", "06", "07"].map((day) => `2026-03-${day}`);
  assert.equal(sayHits([{ destination: "acme", stage: "", days }]), `acme (${days.slice(2).join(", ")} and 2 more days)`);
  const many = Array.from({ length: 500 }, (_, place) => ({ destination: `d${place}`, stage: "", days: [] }));
  assert.match(sayHits(many), /^d0, d1, .*d11, and 488 more$/);
});

test("a message says whether it arrived, and why not", () => {
  const message = { ending: "opened", recipient: "operators", state: "sent", made_at: NOW, sent_at: "2026-03-11T15:00:00Z", tries: 1, error: null };
  assert.equal(sayMessage(message, NOW), "operators was told that it has begun, 1 h ago");
  const stuck = { ...message, state: "to be sent", sent_at: null, tries: 2, error: "no answer" };
  assert.equal(sayMessage(stuck, NOW), "operators is still to be told that it has begun, after 2 tries: no answer");
  assert.match(sayMessage({ ...stuck, state: "failed", ending: "closed" }, NOW), /^operators could not be told that it is over, /);
});

test("a snooze that has run out is not said", () => {
  assert.equal(sayAnswers({ acknowledged_by: "vera", snoozed_until: "2026-03-11T15:00:00Z" }, NOW), "seen by vera");
  assert.match(sayAnswers({ acknowledged_by: null, snoozed_until: "2026-03-12T09:00:00Z" }, NOW), /^snoozed until 12 Mar 2026/);
});

test("a snooze wants an instant to come and a reason", () => {
  const now = Date.parse(NOW);
  assert.match(checkSnooze("", "Known.", now), /instant/);
  assert.match(checkSnooze("2026-03-01T09:00", "Known.", now), /instant/);
  assert.match(checkSnooze("2026-03-20T09:00", "  ", now), /why/);
  assert.equal(checkSnooze("2026-03-20T09:00", "Known.", now), "");
});

test("the morning after the last of a month is the first of the next", () => {
  assert.equal(chooseMorning(new Date(2026, 1, 28, 22)), "2026-03-01T09:00");
});
