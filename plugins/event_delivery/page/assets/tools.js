// How does the reader choose what the matrix shows: counts, search, client, range?

import { find, make } from "./elements.js";
import { makeMark } from "./matrix_parts.js";
import { readStates } from "./rows.js";
import { STATES, WORST_FIRST } from "./states.js";
import { addDays, count, countDays, day } from "./words.js";

const PRESETS = [7, 30, 90, 365];
const ALWAYS = ["failed", "missing", "retrying", "delivered"];
const PLAIN = ["q", "client", "scope", "sort"];

/** Listen to the tools; `change(part)` is called with what changed in the view. */
export function followTools(change) {
  for (const name of PLAIN) {
    const input = find(name);
    input.addEventListener(name === "q" ? "input" : "change", () => change({ [name]: input.value }));
  }
  find("tools").addEventListener("submit", (event) => event.preventDefault());
  for (const name of ["from", "to"]) find(name).addEventListener("change", () => readRange(change));
  find("preset").addEventListener("change", (event) => choosePreset(Number(event.target.value), change));
}

/** Show the view in the tools. */
export function showTools(view, overview, clients) {
  const options = ["", ...clients].map((client) => make("option", { value: client }, client || "all clients"));
  if (find("client").length !== options.length) find("client").replaceChildren(...options);
  for (const name of PLAIN) if (document.activeElement !== find(name)) find(name).value = view[name];
  if (document.activeElement?.type !== "date") Object.assign(find("from"), { value: overview.from });
  if (document.activeElement?.type !== "date") Object.assign(find("to"), { value: overview.to });
  showPresets(view, overview);
}

/** Show the counts; each is a button that filters by its state. */
export function showCounts(counts, view, change) {
  const chosen = readStates(view);
  const toggle = (state) => {
    const without = chosen.filter((other) => other !== state);
    change({ state: (without.length < chosen.length ? without : [...chosen, state]).join(",") });
  };
  const held = document.activeElement?.dataset?.count;
  const shown = [...WORST_FIRST, "test"].filter((state) =>
    counts[state] || chosen.includes(state) || ALWAYS.includes(state));
  const reset = chosen.length > 0 && make("button", {
    type: "button", class: "count reset", click: () => change({ state: "" }),
  }, "Show all");
  find("counts").replaceChildren(
    ...shown.map((state) => makeCount(state, counts[state], chosen.includes(state), toggle)), ...[reset].filter(Boolean));
  if (held) find("counts").querySelector(`[data-count="${held}"]`)?.focus();
}

/** Show what the marks mean. */
export function showLegend() {
  const items = WORST_FIRST.map((state) =>
    make("li", { title: STATES[state].meaning }, makeMark(state), STATES[state].name));
  find("legend").replaceChildren(...items);
}

function makeCount(state, number, pressed, toggle) {
  const { name, meaning } = STATES[state] || { name: "Test file failed", meaning: "The last test file did not arrive." };
  const attributes = {
    type: "button", class: `count${number ? "" : " none"}`, "aria-pressed": String(pressed), title: meaning,
    "data-count": state, click: () => toggle(state),
  };
  const mark = state === "test" ? makeMark("failed", "test") : makeMark(state);
  return make("button", attributes, mark, make("b", {}, count(number)), name);
}

function showPresets(view, overview) {
  const days = countDays(overview.from, overview.to);
  const standard = !view.to && PRESETS.includes(days);
  const options = PRESETS.map((preset) => make("option", { value: preset }, `last ${preset} days`));
  if (!standard) options.unshift(make("option", { value: 0 }, `${days} days`));
  if (document.activeElement === find("preset")) return;
  find("preset").replaceChildren(...options);
  find("preset").value = standard ? days : 0;
}

function choosePreset(days, change) {
  if (!days) return;
  const yesterday = addDays(new Date().toISOString().slice(0, 10), -1);
  change({ from: days === 30 ? "" : addDays(yesterday, 1 - days), to: "" });
}

function readRange(change) {
  const [from, to] = [find("from"), find("to")];
  const wrong = !from.value || !to.value ? "" : from.value > to.value ? "The range ends before it begins."
    : countDays(from.value, to.value) > 366 ? `Wanted at most 366 days: ${day(from.value)} is too early.` : "";
  to.setCustomValidity(wrong);
  if (wrong) to.reportValidity();
  else if (from.value && to.value) change({ from: from.value, to: to.value });
}
