// What does the page say about itself: the last night, its age, and when there is nothing to show?

import { find, make } from "./elements.js";
import { countNight } from "./rows.js";
import { describeCell } from "./sentences.js";
import { count, day, plural, span } from "./words.js";

const STALE_SECONDS = 90;
const ANNOUNCED = 3;
const EXAMPLE = "client: Acme University\ncompany_id: 3aabdfb8-3891-5011-ad35-8e2351c5fdaf";

/** Say in one sentence whether every client got the last night's file. */
export function showHeadline(rows, overview) {
  const { expected, arrived } = countNight(rows);
  const when = day(overview.days.at(-1));
  const words = !expected ? [`No delivery was expected for ${when}.`]
    : arrived === expected ? [make("b", {}, expected === 1 ? "The one file" : `All ${count(expected)} files`), ` of ${when} arrived.`]
      : [make("b", {}, `${count(expected - arrived)} of ${plural(expected, "file")}`), ` of ${when} ${expected - arrived === 1 ? "has" : "have"} not arrived.`];
  find("headline").replaceChildren(...words);
}

/** Say how old the data is. */
export function showFreshness(source) {
  if (!source.readAt) return;
  const age = (Date.now() - source.readAt) / 1000;
  const stale = source.failed || age > STALE_SECONDS;
  find("freshness").classList.toggle("stale", stale);
  find("freshness").textContent = age < 3 && !stale ? "Up to date" : `${stale ? "Out of date: read" : "Read"} ${span(Math.floor(age) || 0).replace(".0", "")} ago`;
}

/** Show why the ledger cannot be read, or that it can again. */
export function showNotice(error, overview) {
  const notice = find("notice");
  notice.hidden = !error;
  notice.textContent = error?.message || "";
  if (error && !overview) {
    find("headline").textContent = "";
    find("scroller").replaceChildren();
  }
}

/** Tell a screen reader which deliveries have another state now: the first few by name. */
export function announceChanges(rows, changed) {
  const known = rows.flatMap((row) => [...row.cells.keys()].filter((text) => changed.has(`${row.key}/${text}`))
    .map((text) => describeCell(row, text)));
  const more = known.length > ANNOUNCED ? `, and ${plural(known.length - ANNOUNCED, "more change")}` : "";
  find("announcer").textContent = known.slice(0, ANNOUNCED).join(". ") + more;
}

/** Say why the matrix is empty, if it is. */
export function showNothing(rows, chosen, clear) {
  find("scroller").querySelector(".nothing")?.remove();
  if (chosen.length) return;
  find("scroller").append(rows.length ? makeNoMatch(clear) : makeNoDestination());
}

function makeNoMatch(clear) {
  return make("div", { class: "nothing" }, make("h2", {}, "No client matches"),
    make("p", {}, "Nothing fits the search and the chosen states together."),
    make("button", { type: "button", class: "button", click: clear }, "Show all"));
}

function makeNoDestination() {
  return make("div", { class: "nothing" }, make("h2", {}, "No destinations yet"),
    make("p", {}, "A destination is one file in include/destinations; two lines will do:"), make("pre", {}, EXAMPLE));
}
