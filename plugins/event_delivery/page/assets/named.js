// @ts-check
// Which deliveries are called by one day, after a change of time zone or where somebody asked for both?

/** @import { DeliveryDetail, NamedDelivery } from "./answers.js" */
/** @import { Around } from "./panel_view.js" */

import { make } from "./elements.js";
import { makeMark } from "./mark.js";
import { makeButton, makePart } from "./panel.js";
import { STATES } from "./states.js";
import { sayInterval } from "./words.js";

/**
 * List them, named by their intervals; null where there is only one.
 * @param {DeliveryDetail} delivery
 * @param {Around} around
 */
export function makeNamed({ named, start }, around) {
  if (!named.length) return null;
  const items = named.map((one) => makeOne(one, one.start === start, around));
  return makePart(`${named.length} deliveries are called by this day`, make("ul", { class: "attempts" }, items));
}

/** @type {(one: NamedDelivery, shown: boolean, around: Around) => HTMLElement} */
function makeOne({ start, end, state }, shown, { row, openInterval }) {
  const words = sayInterval(start, end, row?.zone);
  return make("li", {}, makeMark(state), make("div", {},
    make("p", {}, make("b", {}, STATES[state].name), ` ${words}`),
    shown ? make("p", { class: "quiet" }, "This one is shown.")
      : makeButton("Show this one", () => openInterval({ start, end }))));
}
