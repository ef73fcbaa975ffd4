// @ts-check
// How many deliveries are in which state, what do the marks mean, and which states stand out?

/** @import { OverviewLimits } from "./answers.js" */
/** @import { Counted } from "./rows.js" */
/** @import { Change } from "./tools.js" */
/** @import { View } from "./view.js" */

import { find, findFocused, make } from "./elements.js";
import { SIGNS, makeMark, makeSign } from "./mark.js";
import { COUNTED, isCountedTest, readStates } from "./rows.js";
import { COUNTED_TESTS, STATES, TEST_STATES, WORST_FIRST, sayMeaning } from "./states.js";
import { count } from "./words.js";

/** @type {Counted[]} */
const ALWAYS = ["failed", "missing", "retrying", "delivered"];

/**
 * Show the counts; each is a button that filters by its state.
 * @param {Record<Counted, number>} counts
 * @param {View} view
 * @param {OverviewLimits} limits
 * @param {Change} change
 */
export function showCounts(counts, view, limits, change) {
  const chosen = readStates(view), held = findFocused()?.dataset.count;
  const shown = COUNTED.filter((state) =>
    counts[state] || chosen.includes(state) || ALWAYS.includes(state));
  const buttons = shown.map((state) => {
    const pressed = chosen.includes(state);
    const states = pressed ? chosen.filter((other) => other !== state) : [...chosen, state];
    return makeCount(state, counts[state], { pressed, limits, toggle: () => change({ state: states.join(",") }) });
  });
  if (chosen.length) buttons.push(makeReset(change));
  find("counts").replaceChildren(...buttons);
  const again = held && find("counts").querySelector(`[data-count="${held}"]`);
  if (again instanceof HTMLElement) again.focus();
}

/**
 * Show what the marks mean; in full as soon as the server has told its limits.
 * @param {OverviewLimits} [limits]
 */
export function showLegend(limits) {
  const items = WORST_FIRST.map((state) =>
    make("li", { title: limits && sayMeaning(state, limits) }, makeMark(state), STATES[state].name));
  const signs = /** @type {Array<keyof typeof SIGNS>} */ (Object.keys(SIGNS)).map((name) =>
    make("li", { title: SIGNS[name].meaning }, makeSign(name), SIGNS[name].name));
  find("legend").replaceChildren(...items, ...signs);
}

/**
 * @param {Counted} state
 * @param {number} number
 * @param {{ pressed: boolean, limits: OverviewLimits, toggle: () => void }} look
 */
function makeCount(state, number, { pressed, limits, toggle }) {
  const { mark, name, meaning } = describe(state, limits);
  const attributes = {
    type: "button", class: `count${number ? "" : " none"}`, "aria-pressed": String(pressed), title: meaning,
    "data-count": state, click: toggle,
  };
  return make("button", attributes, mark, make("b", {}, count(number)), name);
}

/** @type {(state: Counted, limits: OverviewLimits) => { mark: Node, name: string, meaning: string }} */
function describe(state, limits) {
  if (!isCountedTest(state)) return { mark: makeMark(state), name: STATES[state].name, meaning: sayMeaning(state, limits) };
  const test = COUNTED_TESTS[state];
  return { mark: makeMark(test.state, "test"), name: TEST_STATES[test.state].name, meaning: test.meaning };
}

/** @param {Change} change */
function makeReset(change) {
  return make("button", { type: "button", class: "count reset", click: () => change({ state: "" }) }, "Show all");
}
