// @ts-check
// What does the page say about itself: the last night, its age, and when there is nothing to show?

/** @import { Overview } from "./answers.js" */
/** @import { MatrixRow } from "./matrix_row.js" */
/** @import { Source } from "./source.js" */

import { find, make } from "./elements.js";
import { countNight } from "./rows.js";
import { describeAge, describeCell, describeNight } from "./sentences.js";
import { plural } from "./words.js";

const ANNOUNCED = 3;
const EXAMPLE = "client: Acme University\ncompany_id: 3aabdfb8-3891-5011-ad35-8e2351c5fdaf";
const CONNECTION = "python -m event_delivery.connection add sftp_acme  # asks for sftp://user:pa%40ss@host:22/path"
  + "\n# or, seen by whoever lists processes: airflow connections add sftp_acme --conn-uri '...'";

/**
 * Say in one sentence whether every client got the last night's file.
 * @param {MatrixRow[]} rows
 */
export function showHeadline(rows) {
  const [counted, rest] = describeNight(countNight(rows));
  find("headline").replaceChildren(make("b", {}, counted), rest);
}

/**
 * Say how old the data is.
 * @param {Source} source
 */
export function showFreshness(source) {
  if (!source.readAt) return;
  const { stale, words } = describeAge((Date.now() - source.readAt) / 1000, source.failed);
  find("freshness").classList.toggle("stale", stale);
  find("freshness").textContent = words;
}

/**
 * Show why the ledger cannot be read, or nothing when it can; what was read before stays.
 * @param {string} reason
 * @param {Overview | null} overview
 */
export function showNotice(reason, overview) {
  const notice = find("notice");
  notice.hidden = !reason;
  notice.textContent = reason;
  if (reason && !overview) {
    find("headline").textContent = "";
    find("scroller").replaceChildren();
  }
}

/**
 * Show quietly what the ledger itself has to say, and which of Airflow's settings are too low.
 * @param {{ledger_notice: string | null, capacity_notice: string | null}} overview
 */
export function showQuietNotices({ ledger_notice, capacity_notice }) {
  showQuietly("ledger-notice", ledger_notice);
  showQuietly("capacity-notice", capacity_notice);
}

/**
 * @param {string} id
 * @param {string | null} sentence
 */
function showQuietly(id, sentence) {
  find(id).hidden = !sentence;
  find(id).textContent = sentence;
}

/**
 * Tell a screen reader which deliveries have another state now: the first few by name.
 * @param {MatrixRow[]} rows
 * @param {Set<string>} changed
 */
export function announceChanges(rows, changed) {
  const known = rows.flatMap((row) => [...row.cells.keys()].filter((text) => changed.has(`${row.key}/${text}`))
    .map((text) => describeCell(row, text)));
  const more = known.length > ANNOUNCED ? `, and ${plural(known.length - ANNOUNCED, "more change")}` : "";
  find("announcer").textContent = known.slice(0, ANNOUNCED).join(". ") + more;
}

/**
 * Say why the matrix is empty, if it is.
 * @param {MatrixRow[]} rows
 * @param {MatrixRow[]} chosen
 * @param {() => void} clear
 */
export function showNothing(rows, chosen, clear) {
  find("scroller").querySelector(".nothing")?.remove();
  if (chosen.length) return;
  find("scroller").append(rows.length ? makeNoMatch(clear) : makeNoDestination());
}

/** @param {() => void} clear */
function makeNoMatch(clear) {
  return make("div", { class: "nothing" }, make("h2", {}, "No client matches"),
    make("p", {}, "Nothing fits the search and the chosen states together."),
    make("button", { type: "button", class: "button", click: clear }, "Show all"));
}

function makeNoDestination() {
  return make("div", { class: "nothing" }, make("h2", {}, "No destinations yet"),
    make("p", {}, "A destination is one file in include/destinations, or where EVENT_DELIVERY_DESTINATIONS says. "
      + "Two lines will do, such as acme.yaml:"), make("pre", {}, EXAMPLE),
    make("p", {}, "Then add its server, and unpause its two DAGs:"), make("pre", {}, CONNECTION));
}
