// Is the last look at the coming night said in words, and never better than it was?

import assert from "node:assert/strict";
import { test } from "node:test";

import { sayFine, sayWhose, summarizeLook } from "../../plugins/event_delivery/page/assets/preflight_words.js";

const NOW = "2026-03-11T20:00:00Z";
const LOOK = { now: NOW, looked_at: "2026-03-11T18:00:00Z", is_current: true, looked: 4, findings: [] };
const found = (...destinations) => ({ kind: "server", server: "a:22", destinations, told: "", advice: "" });

test("one line says when, over how many, and how many would fail", () => {
  assert.equal(summarizeLook(LOOK), "Tonight: looked over 2 h ago, 4 destinations: nothing would fail that shows without a login");
  const findings = [found(), found("acme", "birch"), found("acme")];
  assert.match(summarizeLook({ ...LOOK, findings }), /4 destinations: 2 would fail, 1 thing would hit all$/);
});

test("an old look is not one at tonight, and none is none", () => {
  assert.match(summarizeLook({ ...LOOK, is_current: false }), /^No look at tonight yet; the last one: /);
  assert.match(summarizeLook({ ...LOOK, looked_at: null }), /nobody has looked yet/);
});

test("a server that many share is said once, the first few by name", () => {
  const names = Array.from({ length: 14 }, (_, number) => `d${number}`);
  assert.match(sayWhose(found(...names)), /d11 and 2 more at a:22$/);
  assert.equal(sayWhose({ destinations: [], server: null }), "every destination");
});

test("what something hits that hits all is not called fine", () => {
  const fine = [{ destination: "acme", server: "a:22" }, { destination: "birch", server: null }];
  assert.equal(sayFine(fine, true), "Fine: acme (a:22), birch");
  assert.equal(sayFine(fine, false), "Nothing else was found at: acme (a:22), birch");
  assert.equal(sayFine([], true), "");
});
