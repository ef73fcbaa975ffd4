// @ts-check
// Which view stands in the address bar, so that a link or a reload shows it again?

/** @import { View } from "./view.js" */

import { askAirflow, tellAirflow } from "./airflow.js";
import { formatView, parseView } from "./view.js";

/** Read the view from the address bar. */
export function readAddress() {
  return parseView(location.search || askAirflow());
}

/**
 * Write the view into the address bar; `step` makes an entry that the Back button returns from.
 * @param {View} view
 * @param {boolean} [step]
 */
export function writeAddress(view, step = false) {
  const search = formatView(view);
  if (search !== location.search) {
    history[step ? "pushState" : "replaceState"](null, "", location.pathname + search);
  }
  tellAirflow(search);
}
