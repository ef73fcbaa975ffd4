// @ts-check
// How does the reader choose what the matrix shows: search, client, order, range?

/** @import { Overview, OverviewLimits } from "./answers.js" */
/** @import { View } from "./view.js" */
/** @typedef {(part: Partial<View>) => void} Change */

import { find, findField, findFocused, make } from "./elements.js";
import { addDays, checkRange, countDays } from "./range.js";

const PRESETS = [7, 30, 90, 365];
const PLAIN = /** @type {const} */ (["q", "client", "scope", "sort"]);
const ENDS = /** @type {const} */ (["from", "to"]);

/**
 * Listen to the tools; `limits` tells the server's, once it has answered.
 * @param {Change} change called with what changed in the view
 * @param {() => OverviewLimits | undefined} limits
 */
export function followTools(change, limits) {
  for (const name of PLAIN) {
    const field = findField(name);
    field.addEventListener(name === "q" ? "input" : "change", () => change({ [name]: field.value }));
  }
  find("tools").addEventListener("submit", (event) => event.preventDefault());
  for (const name of ENDS) find(name).addEventListener("change", () => readRange(change, limits()));
  const preset = findField("preset");
  preset.addEventListener("change", () => choosePreset(Number(preset.value), change, limits()));
}

/**
 * Show the view in the tools.
 * @param {View} view
 * @param {Overview} overview
 * @param {string[]} clients
 */
export function showTools(view, overview, clients) {
  const options = ["", ...clients].map((client) => make("option", { value: client }, client || "all clients"));
  if (find("client", HTMLSelectElement).length !== options.length) find("client").replaceChildren(...options);
  const focused = findFocused();
  for (const name of PLAIN) if (focused !== findField(name)) findField(name).value = view[name];
  const choosing = focused instanceof HTMLInputElement && focused.type === "date";
  for (const name of ENDS) if (!choosing) findField(name).value = overview[name];
  if (focused !== find("preset")) showPresets(view, overview);
}

/** @type {(view: View, overview: Overview) => void} */
function showPresets(view, overview) {
  const days = countDays(overview.from, overview.to);
  const standard = !view.to && PRESETS.includes(days);
  const options = PRESETS.map((preset) => make("option", { value: preset }, `last ${preset} days`));
  if (!standard) options.unshift(make("option", { value: 0 }, `${days} days`));
  find("preset").replaceChildren(...options);
  findField("preset").value = String(standard ? days : 0);
}

/** @type {(days: number, change: Change, limits: OverviewLimits | undefined) => void} */
function choosePreset(days, change, limits) {
  if (!days) return;
  const yesterday = addDays(new Date().toISOString().slice(0, 10), -1);
  change({ from: days === limits?.usual_days ? "" : addDays(yesterday, 1 - days), to: "" });
}

/** @type {(change: Change, limits: OverviewLimits | undefined) => void} */
function readRange(change, limits) {
  const [from, to] = [find("from", HTMLInputElement), find("to", HTMLInputElement)];
  const given = from.value && to.value; // not while one is half typed
  const wrong = given ? checkRange(from.value, to.value, limits?.days ?? Infinity) : "";
  to.setCustomValidity(wrong);
  if (wrong) to.reportValidity();
  else if (given) change({ from: from.value, to: to.value });
}
