// @ts-check
// How do address, ledger, matrix, tools and panel work together?

/** @import { ServedOverview } from "./answers.js" */
/** @import { MatrixRow } from "./matrix_row.js" */
/** @import { Bounds } from "./panel_view.js" */
/** @import { View } from "./view.js" */

import { makeActions } from "./actions.js";
import { readAddress, writeAddress } from "./address.js";
import { followTheme } from "./airflow.js";
import { showCounts, showLegend } from "./counts.js";
import { offerBoarding } from "./boarding.js";
import { find, findTarget } from "./elements.js";
import { showIncidents } from "./incidents.js";
import { followKeys, followShortcuts } from "./keyboard.js";
import { Matrix } from "./matrix.js";
import { makeRows } from "./matrix_row.js";
import { announceChanges, showFreshness, showHeadline, showQuietNotices, showNothing, showNotice } from "./messages.js";
import { hidePanel } from "./panel.js";
import { showOpen } from "./panel_view.js";
import { followPreflight } from "./preflight.js";
import { describePlace, standWhere } from "./places.js";
import { chooseRows, countStates, readStates } from "./rows.js";
import { followSecurityCheck, offerSecurityCheck } from "./security.js";
import { Source } from "./source.js";
import { followTools, showTools } from "./tools.js";
import { followPointer, hideTooltip } from "./tooltip.js";
import { withoutPanel } from "./view.js";

const search = find("q", HTMLInputElement);
const matrix = new Matrix(find("scroller"));
let view = readAddress();
/** @type {MatrixRow[]} */
let rows = [];
const source = new Source(view, receive, (reason) => showNotice(reason, source.overview));

writeAddress(view);
followTheme();
followSecurityCheck();
followPreflight();
showLegend();
followTools(change, () => source.overview?.limits);
followKeys(matrix, openAt);
followShortcuts(search, close);
followPointer(matrix.scroller, (cell) => describePlace(matrix, cell));
matrix.scroller.addEventListener("click", openClicked);
matrix.scroller.addEventListener("focusin", (event) => standWhere(matrix, findTarget(event)));
window.addEventListener("popstate", () => { view = readAddress(); source.load(view); showPanelOfView(); });
setInterval(() => showFreshness(source), 1000);
source.load();

/** @type {(overview: ServedOverview, changed: Set<string> | null) => void} */
function receive(overview, changed) {
  rows = makeRows(overview);
  showNotice("", overview);
  showQuietNotices(overview);
  showIncidents(source.incidents, () => source.hurry());
  offerSecurityCheck(overview.may.act);
  offerBoarding(overview.may.onboard, () => source.hurry());
  showLegend(overview.limits);
  showAll(changed);
  showPanelOfView(!changed);
  if (changed?.size) announceChanges(rows, changed);
}

/**
 * Show everything for the view; what changed since the last overview is marked.
 * @param {Set<string> | null} changed
 */
function showAll(changed = null) {
  const { overview } = source;
  if (!overview) return;
  const chosen = chooseRows(rows, view);
  const clients = [...new Set(rows.map((row) => row.client))].sort((one, other) => one.localeCompare(other));
  showHeadline(rows);
  showFreshness(source);
  showTools(view, overview, clients);
  showCounts(countStates(rows, view.scope), view, overview.limits, change);
  matrix.show(chosen, {
    days: overview.days, states: readStates(view), lastDay: overview.to, openId: view.destination,
    openEvent: view.event, changed,
  });
  showNothing(rows, chosen, () => change({ q: "", state: "", client: "" }));
}

/**
 * Change a part of the view; a new range is read from the server.
 * @param {Partial<View>} part
 * @param {boolean} [step]
 */
function change(part, step = false) {
  view = { ...view, ...part };
  writeAddress(view, step);
  if ("from" in part || "to" in part) source.load(view);
  else showAll();
}

/** @type {(place: number, column: number) => void} */
function openAt(place, column) {
  const row = matrix.rows[place];
  if (!row) return;
  const day = matrix.days[column - 2];
  const cell = row.cells.get(day);
  hideTooltip();
  if (cell && !(row.own && cell.state === row.own)) open({ destination: row.id, event: row.event, day });
  else if (!day || cell) openDestination(row);
}

/** @param {MatrixRow} row */
function openDestination(row) {
  open({ destination: row.id });
}

/** @param {Partial<View>} part */
function open(part) {
  change({ ...withoutPanel(view), ...part }, true);
  showPanelOfView();
}

function showPanelOfView(standing = true) {
  const { overview } = source;
  if (!view.destination) hidePanel();
  if (!view.destination || !overview) return;
  const row = rows.find((one) => one.id === view.destination && (!view.event || one.event === view.event));
  const acts = row && overview.may.act ? makeActions(row, () => source.hurry()) : null;
  const { now, limits } = overview;
  const openInterval = (/** @type {Bounds} */ bounds) => open({ ...view, ...bounds });
  showOpen(view, { row, acts, now, limits, close: () => close(), openDestination, openInterval });
  if (standing && row) matrix.standOn(row.key, view.day);
}

/** Close the panel, or clear the search that the reader is in; returns whether there was something to close. */
function close(searching = false) {
  if (searching && view.q) {
    search.value = "";
    change({ q: "" });
    return true;
  }
  if (!view.destination) return false;
  change(withoutPanel(view), true);
  hidePanel();
  matrix.focusActive();
  return true;
}

/** @param {Event} event */
function openClicked(event) {
  const place = standWhere(matrix, findTarget(event));
  if (place) openAt(place.row, place.column);
}
