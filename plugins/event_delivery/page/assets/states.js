// Which states has a delivery, in which words, and which is worse?

export const STATES = {
  quarantined: { name: "Quarantined", meaning: "The configuration is wrong; nothing is delivered until it is mended." },
  failed: { name: "Failed", meaning: "Not delivered, and nothing tries again by itself." },
  missing: { name: "Missing", meaning: "The due time has passed, nothing was delivered and nothing runs." },
  retrying: { name: "Retrying", meaning: "An attempt failed; the next one comes by itself." },
  late: { name: "Delivered late", meaning: "Delivered more than an hour after it was due." },
  running: { name: "Running", meaning: "The run is under way." },
  due: { name: "Due", meaning: "Not yet time, or just now." },
  delivered: { name: "Delivered", meaning: "The whole file is on the client's server." },
  empty: { name: "Empty day", meaning: "Delivered; the day had no events." },
  disabled: { name: "Disabled", meaning: "Switched off in its configuration." },
};

export const WORST_FIRST = Object.keys(STATES);
export const ARRIVED = ["delivered", "late", "empty"];
export const CHANGING = ["running", "retrying", "due"];

export const TEST_STATES = {
  ok: { name: "Test file arrived", symbol: "delivered" },
  failed: { name: "Test file failed", symbol: "failed" },
  pending: { name: "Test file under way", symbol: "running" },
  none: { name: "No test file sent yet", symbol: "none" },
};

/** Return how bad a state is: 0 is worst. */
export function rank(state) {
  const place = WORST_FIRST.indexOf(state);
  return place < 0 ? WORST_FIRST.length : place;
}
