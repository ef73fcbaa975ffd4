// @ts-check
// Did they get everything: what has been found for a period, and how is that asked?

/** @import { Actions } from "./actions.js" */
/** @import { DifferingInterval, Reconciliation, Reconciliations, UnreportedRun } from "./answers.js" */
/** @import { Question } from "./dialog.js" */
/** @import { MatrixRow } from "./matrix_row.js" */

import { act, addressOf } from "./api.js";
import { make } from "./elements.js";
import { makeMark } from "./mark.js";
import { makeAirflowLink, makeButton, makePart } from "./panel.js";
import { addDays, checkBounds, checkRange } from "./range.js";
import { count, day, instant, plural } from "./words.js";

const DAYS = 31, MOST = 3660;
const COMPARED = ["source", "delivered"]; // the numbers that are compared: no difference

/**
 * Say the numbers of events that a report counts, the differences last.
 * @param {Record<string, number | null>} counts
 */
export function sayCounts(counts) {
  const { source, delivered } = counts, compared = `${count(source)} at the source, ${count(delivered)} delivered`;
  const others = Object.entries(counts).filter(([name]) => !COMPARED.includes(name));
  return [compared, ...others.map(([name, number]) => `${number === null ? "unknown how many" : count(number)} ${name}`)].join(", ");
}

/**
 * Say what a report has found, in a sentence.
 * @param {Pick<Reconciliation, "clean" | "unknown">} report
 */
export function sayVerdict({ clean, unknown }) {
  if (clean) return "Every event was delivered, once.";
  return `Not every event was delivered once.${unknown ? ` In ${plural(unknown, "interval")} nobody can tell which events differ.` : ""}`;
}

/**
 * Make the panel's part about whole periods.
 * @param {Reconciliations} reconciliations
 * @param {string} id the destination's
 * @param {string | undefined} zone
 * @param {Actions | null} acts
 * @param {MatrixRow | undefined} row
 */
export function makeReconciliations({ reports, runs }, id, zone, acts, row) {
  const nothing = !reports.length && !runs.length;
  return makePart("Did they get everything?",
    nothing && make("p", { class: "quiet" }, "No period was compared with the source yet."),
    make("ol", { class: "attempts" }, runs.map((run) => makeRun(run, zone)), reports.map((report) => makeReport(report, id, zone))),
    acts && row && row.own !== "quarantined" && make("div", { class: "buttons" },
      makeButton("Compare a period…", () => acts.reconcile())));
}

/** @type {(run: UnreportedRun, zone: string | undefined) => HTMLElement} */
function makeRun({ running, first, last, asked_at: at, link }, zone) {
  const period = first || last ? `${first || "…"} to ${last || "…"}` : "yesterday";
  const said = running ? "is being compared, asked" : "could not be compared, asked";
  return make("li", {}, makeMark(running ? "running" : "failed"), make("div", {},
    make("p", {}, make("b", {}, period), ` ${said} at ${instant(at, zone)}`),
    make("p", { class: "links" }, makeAirflowLink(link, "DAG run"))));
}

/** @type {(report: Reconciliation, id: string, zone: string | undefined) => HTMLElement} */
function makeReport(report, id, zone) {
  const { first, last, queried_at: at, clean, totals, differing, differing_count: all, sha256, link } = report;
  const more = all - differing.length;
  return make("li", { "data-report": report.id }, makeMark(clean ? "delivered" : "failed"), make("div", {},
    make("p", {}, make("b", {}, `${day(first)} to ${day(last)}`)),
    make("p", { class: clean ? "" : "reason" }, sayVerdict(report)),
    make("p", {}, sayCounts(totals)),
    make("p", { class: "quiet" }, `As the source was at ${instant(at, zone)}`),
    differing.length > 0 && make("details", {}, make("summary", {}, `${plural(all, "interval")} with differences`),
      make("ul", {}, differing.map(makeInterval)), more > 0 && make("p", { class: "quiet" }, `and ${count(more)} more: in the files`)),
    make("p", { class: "quiet" }, "sha256 ", make("code", {}, sha256)),
    make("p", { class: "links" }, makeDownload(id, report.id, "json"), makeDownload(id, report.id, "csv"),
      makeAirflowLink(link, "DAG run"))));
}

/** @param {DifferingInterval} interval */
function makeInterval({ event, day: text, counts, note }) {
  return make("li", {}, `${day(text)}, ${event}: ${sayCounts(counts)}${note ? ` (${note})` : ""}`);
}

/** @type {(destination: string, report: number, format: "json" | "csv") => HTMLElement} */
function makeDownload(destination, report, format) {
  const href = addressOf("reconciliation", { destination, report: String(report), format }).href;
  return make("a", { class: "link", href, download: true, "data-name": `${report} ${format}` }, format.toUpperCase());
}

/**
 * Return the question that is asked before a period is compared with the source.
 * @param {MatrixRow} row
 * @returns {Question}
 */
export function askReconciliation({ id, client, lastDay }) {
  const bounds = { type: "date", max: lastDay, required: true };
  const from = make("input", { ...bounds, value: addDays(lastDay, 1 - DAYS) }), to = make("input", { ...bounds, value: lastDay });
  return {
    title: `Did ${client} get everything?`, verb: "Compare",
    says: ["A run compares the ids of all events of the period, as the source holds them, with those that were delivered, and looks for events that were changed since. Nothing is sent.",
      "Its report stays here, with a checksum, to be downloaded as JSON and CSV."],
    fields: make("div", { class: "fields" }, make("label", {}, "First day", from), make("label", {}, "Last day", to)),
    check: () => checkRange(from.value, to.value, MOST) || checkBounds(from.value, to.value, "", lastDay),
    act: () => act("reconcile", { destination: id, from: from.value, to: to.value }),
  };
}
