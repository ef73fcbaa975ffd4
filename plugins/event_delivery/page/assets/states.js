// @ts-check
// Which states has a delivery, in which words, and which is worse?

/** @import { OverviewLimits, State, TestFileState } from "./answers.js" */

import { span } from "./words.js";

/** @type {Record<State, { name: string, meaning: string }>} */
export const STATES = {
  quarantined: { name: "Quarantined", meaning: "The configuration is wrong; nothing is delivered until it is mended." },
  failed: { name: "Failed", meaning: "Not delivered, and nothing tries again by itself." },
  unconfirmed: {
    name: "Unconfirmed", meaning: "Nobody can tell whether the file arrived: it is gone from the server.",
  },
  held: {
    name: "Held", meaning: "Nothing was sent: its number of events is unusual, and a person has to release it.",
  },
  missing: { name: "Missing", meaning: "The due time has passed, nothing was delivered and nothing runs." },
  retrying: { name: "Retrying", meaning: "An attempt failed; the next one comes by itself." },
  late: { name: "Delivered late", meaning: "Delivered more than {late} after it was due." },
  running: { name: "Running", meaning: "The run is under way." },
  due: { name: "Due", meaning: "Not yet time, or just now." },
  cancelled: {
    name: "Cancelled", meaning: "Its event type was taken out of the YAML before it was delivered.",
  },
  delivered: { name: "Delivered", meaning: "The whole file is on the client's server." },
  empty: { name: "Empty day", meaning: "Delivered; the day had no events." },
  skipped: { name: "Skipped", meaning: "The day had no events, and nothing is sent of such a day." },
  disabled: { name: "Disabled", meaning: "Switched off in its configuration." },
};

/** @type {Record<TestFileState, { name: string, symbol: string }>} */
export const TEST_STATES = {
  ok: { name: "Test file arrived", symbol: "delivered" },
  failed: { name: "Test file failed", symbol: "failed" },
  unconfirmed: { name: "Test file unconfirmed", symbol: "unconfirmed" },
  pending: { name: "Test file under way", symbol: "running" },
  none: { name: "No test file sent yet", symbol: "none" },
};

/** The test files that are counted and filtered by, under which name, and what that means. */
export const COUNTED_TESTS = /** @type {const} */ ({
  test: { state: "failed", meaning: "The last test file did not arrive." },
  "test-unconfirmed": { state: "unconfirmed", meaning: "Nobody can tell whether the last test file arrived." },
});

export const WORST_FIRST = /** @type {State[]} */ (Object.keys(STATES));

/**
 * Say what a state means.
 * @param {State} state
 * @param {OverviewLimits} limits
 */
export function sayMeaning(state, limits) {
  return STATES[state].meaning.replace("{late}", span(limits.late_seconds));
}

/**
 * Return whether the client has the file.
 * @param {State | null} state
 */
export function hasArrived(state) {
  return state === "delivered" || state === "late" || state === "empty";
}

/**
 * Return whether a night in this state was to be delivered by now.
 * @param {State} state
 */
export function isExpected(state) {
  return !["due", "cancelled", "skipped", "disabled"].includes(state);
}

/**
 * Return how bad a state is: 0 is worst.
 * @param {State | null | undefined} state
 */
export function rank(state) {
  return state ? WORST_FIRST.indexOf(state) : WORST_FIRST.length;
}
