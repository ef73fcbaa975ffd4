// @ts-check
// Has the client every event of a day: what did the last comparison with the source find, which further files came?

/** @import { Comparison, DeliveryDetail, Supplement } from "./answers.js" */
/** @import { Children } from "./elements.js" */

import { make } from "./elements.js";
import { makeMark } from "./mark.js";
import { makeCopyButton, makeFacts, makePart } from "./panel.js";
import { sayDifference } from "./sentences.js";
import { STATES, hasArrived } from "./states.js";
import { count, instant, plural } from "./words.js";

/**
 * Say what was found when a day was last compared with the source.
 * @param {Comparison | null} comparison
 * @param {string} [zone]
 */
export function sayComparison(comparison, zone) {
  if (!comparison) return "never";
  const { compared_at: at, found_at: since, difference, handling, outdated } = comparison;
  const later = outdated ? ". Delivered since, and not compared again yet" : "";
  if (!difference) return `complete at ${instant(at, zone)}${later}`;
  const done = handling?.startsWith("reported") ? handling : `done: ${handling}`;
  const found = `${sayDifference(difference)}, since ${instant(since, zone)}`;
  return `${found}; ${handling ? `${done}; ` : ""}compared at ${instant(at, zone)}${later}`;
}

/**
 * Make the panel's parts about a day that was delivered; nothing of a test file.
 * @param {DeliveryDetail} delivery
 * @param {string | undefined} zone
 * @returns {Children}
 */
export function makeCompleteness(delivery, zone) {
  const { kind, state, comparison, supplements, unready, unusual } = delivery;
  const told = comparison || unready || unusual;
  if (kind === "test" || !(told || supplements.length || (state && hasArrived(state)))) return null;
  return [
    makePart("Does the client have every event?", makeFacts([
      ["Compared with the source", sayComparison(comparison, zone)], ["Unusual", unusual], ["Source", unready],
    ])),
    supplements.length > 0 && makePart(`Further ${supplements.length === 1 ? "file" : "files"} of this day`,
      make("ol", { class: "attempts" }, supplements.map((supplement) => makeSupplement(supplement, zone)))),
  ];
}

/** @type {(supplement: Supplement, zone: string | undefined) => HTMLElement} */
function makeSupplement({ number, state, file_name: name, rows, sha256, delivered_at: at, replaced, error }, zone) {
  const facts = [at ? instant(at, zone) : STATES[state].name, rows !== null && plural(rows, "row")].filter(Boolean);
  return make("li", {}, makeMark(state), make("div", {},
    make("p", {}, make("b", {}, `Supplement ${count(number)}`), ` ${facts.join(" · ")}`),
    name && make("p", {}, make("code", {}, name)),
    sha256 && make("p", {}, make("code", {}, sha256)),
    replaced && make("p", { class: "quiet" }, "Replaced: the whole day was delivered again since, and holds its events."),
    error && make("p", { class: "reason" }, error),
    sha256 && makeCopyButton(`Copy sha256 of supplement ${number}`, sha256)));
}
