// How do address, ledger, matrix, tools and panel work together?

import { makeActions } from "./actions.js";
import { readAddress, withoutPanel, writeAddress } from "./address.js";
import { followTheme } from "./airflow.js";
import { find } from "./elements.js";
import { followKeys, followShortcuts } from "./keyboard.js";
import { Matrix } from "./matrix.js";
import { announceChanges, showFreshness, showHeadline, showNothing, showNotice } from "./messages.js";
import { hidePanel } from "./panel.js";
import { showOpen } from "./panel_view.js";
import { chooseRows, countStates, makeRows, readStates } from "./rows.js";
import { Source } from "./source.js";
import { followTools, showCounts, showLegend, showTools } from "./tools.js";
import { followPointer, hideTooltip } from "./tooltip.js";

const matrix = new Matrix(find("scroller"));
const source = new Source(receive, (error) => showNotice(error, source.overview));
let view = readAddress();
let rows = [];

writeAddress(view);
followTheme();
showLegend();
followTools(change);
followKeys(matrix, openAt);
followShortcuts(find("q"), close);
followPointer(matrix.scroller, findPlace);
matrix.scroller.addEventListener("click", openClicked);
matrix.scroller.addEventListener("focusin", (event) => standWhere(event.target));
window.addEventListener("popstate", () => { view = readAddress(); source.load(view); showPanelOfView(); });
setInterval(() => showFreshness(source), 1000);
source.load(view);

/** Take a new overview; what changed since the last is marked. */
function receive(overview, changed) {
  rows = makeRows(overview);
  showNotice(null);
  showAll(changed);
  showPanelOfView(!changed);
  if (changed?.size) announceChanges(rows, changed);
}

/** Show everything for the view. */
function showAll(changed = null) {
  const { overview } = source;
  if (!overview) return;
  const lastDay = overview.days.at(-1);
  const chosen = chooseRows(rows, view);
  const clients = [...new Set(rows.map((row) => row.client))].sort((one, other) => one.localeCompare(other));
  showHeadline(rows, overview);
  showFreshness(source);
  showTools(view, overview, clients);
  showCounts(countStates(rows, view.scope), view, change);
  matrix.show(chosen, {
    days: overview.days, states: readStates(view), lastDay, openId: view.destination, openEvent: view.event, changed,
  });
  showNothing(rows, chosen, () => change({ q: "", state: "", client: "" }));
}

/** Change a part of the view; a new range is read from the server. */
function change(part, step = false) {
  view = { ...view, ...part };
  writeAddress(view, step);
  if ("from" in part || "to" in part) source.load(view);
  else showAll();
}

function openAt(place, column) {
  const row = matrix.rows[place];
  if (!row) return;
  const day = matrix.days[column - 2];
  const cell = day && row.cells.get(day);
  hideTooltip();
  if (cell && !(row.own && cell.state === row.own)) openDelivery(row, day);
  else if (!day || cell) openDestination(row);
}

function openDelivery(row, day) {
  change({ ...withoutPanel(view), destination: row.id, event: row.event, day }, true);
  showPanelOfView();
}

function openDestination(row) {
  change({ ...withoutPanel(view), destination: row.id }, true);
  showPanelOfView();
}

function showPanelOfView(standing = true) {
  const row = rows.find((one) => one.id === view.destination && (!view.event || one.event === view.event));
  if (!view.destination) return hidePanel();
  if (!source.overview) return undefined;
  const acts = row && source.overview.may.act && makeActions(row, source.overview.days.at(-1), () => source.hurry());
  const showing = showOpen(view, { row, acts, now: source.overview.now, close, openDestination });
  if (standing && row) matrix.standOn(row.key, view.day);
  return showing;
}

/** Close the panel, or clear the search that the reader is in; returns whether there was something to close. */
function close(searching = false) {
  if (searching === true && view.q) {
    find("q").value = "";
    change({ q: "" });
    return true;
  }
  if (!view.destination) return false;
  change(withoutPanel(view), true);
  hidePanel();
  matrix.focusActive();
  return true;
}

function openClicked(event) {
  const place = standWhere(event.target);
  if (place) openAt(place.row, place.column);
}

/** Let the arrow keys go on from the cell that a click or a screen reader chose. */
function standWhere(element) {
  const place = locate(element);
  if (place) Object.assign(matrix, { active: place }).markActive(place.row);
  return place;
}

function locate(element) {
  const cell = element.closest("tbody th, tbody td"), key = cell?.parentElement.dataset.row;
  if (!key) return null;
  return { row: matrix.rows.findIndex((row) => row.key === key), column: Number(cell.dataset.column) };
}

function findPlace(cell) {
  const place = locate(cell);
  return { row: place && matrix.rows[place.row], day: cell.dataset.day };
}
