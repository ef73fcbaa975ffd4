// @ts-check
// What is less safe here than it could be? Asked when an operator opens it; Airflow says who may read the answer.

/** @import { Weakness } from "./answers.js" */

import { read } from "./api.js";
import { find, make } from "./elements.js";
import { plural } from "./words.js";

/** Ask whenever the list is opened: what was mended is gone. */
export function followSecurityCheck() {
  const details = find("security", HTMLDetailsElement);
  details.addEventListener("toggle", () => { if (details.open) void showFindings(); });
}

/**
 * Offer the check to who may act at all.
 * @param {boolean} mayAct
 */
export function offerSecurityCheck(mayAct) {
  find("security").hidden = !mayAct;
}

async function showFindings() {
  const place = find("security-findings");
  place.replaceChildren(make("p", {}, "Looking…"));
  try {
    const { findings } = await read("security-check", {});
    place.replaceChildren(make("p", {}, summarize(findings)), make("ul", {}, findings.map(makeFinding)));
  } catch (refusal) {
    place.replaceChildren(make("p", {}, refusal instanceof Error ? refusal.message : String(refusal)));
  }
}

/** @param {Weakness[]} findings */
function summarize(findings) {
  const high = findings.filter((each) => each.severity === "high").length;
  return findings.length ? `${plural(findings.length, "finding")}, ${high} of them high.` : "Nothing was found.";
}

/** @param {Weakness} finding */
function makeFinding({ severity, where, what, advice }) {
  return make("li", {}, make("b", {}, severity), ` ${where}: ${what} `, make("span", { class: "quiet" }, advice));
}
