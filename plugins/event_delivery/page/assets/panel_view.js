// @ts-check
// What does the panel show for the view: a delivery, or a destination?

/** @import { OverviewLimits } from "./answers.js" */
/** @import { Actions } from "./actions.js" */
/** @import { Children } from "./elements.js" */
/** @import { MatrixRow } from "./matrix_row.js" */
/** @import { View } from "./view.js" */
/** @typedef {{ start: string, end: string }} Bounds the interval of a delivery */

import { read, readIncidents, sayError } from "./api.js";
import { makeDelivery } from "./delivery.js";
import { makeDestination } from "./destination.js";
import { find, make } from "./elements.js";
import { makeIncidentHistory } from "./incidents.js";
import { showPanel } from "./panel.js";
import { day } from "./words.js";

/**
 * What the page knows beside the answer: the matrix's row, if it has one, and the actions, if the reader may act.
 * @typedef {object} Around
 * @property {MatrixRow | undefined} row
 * @property {Actions | null} acts
 * @property {string} now
 * @property {OverviewLimits} limits
 * @property {() => void} close
 * @property {(row: MatrixRow) => void} openDestination
 * @property {(interval: Bounds) => void} openInterval opens another delivery that is called by the same day
 */

const HISTORY = 90 * 86_400_000; // ms
let shown = "";

/**
 * Show what the view has open.
 * @param {View} view
 * @param {Around} around
 */
export async function showOpen(view, around) {
  const wanted = [view.destination, view.event, view.day, view.kind, view.start, view.end].join("|");
  const title = around.row?.client || view.destination;
  const subtitle = view.day ? `${day(view.day)} · ${view.event}` : view.destination;
  if (wanted !== shown || find("panel").hidden) {
    shown = wanted;
    showPanel(title, subtitle, [make("p", { class: "quiet" }, "Reading…")], around.close);
  }
  const content = await readContent(view, around).catch((error) => [make("p", { class: "problem" }, sayError(error))]);
  if (wanted === shown && !find("panel").hidden) showPanel(title, subtitle, content, around.close);
}

/**
 * @param {View} view
 * @param {Around} around
 * @returns {Promise<Children[]>}
 */
async function readContent(view, around) {
  if (!view.day && !view.start) {
    const { destination } = view;
    const since = new Date(Date.parse(around.now) - HISTORY).toISOString();
    const [found, incidents] = await Promise.all([
      read("destination", { id: destination }), readIncidents({ destination, closed_since: since })]);
    return makeDestination(found, around, makeIncidentHistory(incidents));
  }
  const { destination, event, day: text, kind, start, end } = view;
  return makeDelivery(await read("delivery", { destination, event, day: text, kind, start, end }), around);
}
