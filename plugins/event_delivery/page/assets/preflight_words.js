// @ts-check
// What is said of the last look at the coming night?

/** @import { FineDestination, Foreseen, PreflightAnswer } from "./answers.js" */

import { distance, instant, plural } from "./words.js";

const NAMED = 12;

/**
 * Say in one line when it was, over how many, and how many would fail.
 * @param {Pick<PreflightAnswer, "now" | "looked_at" | "is_current" | "looked" | "findings">} look
 */
export function summarizeLook({ now, looked_at, is_current, looked, findings }) {
  if (!looked_at) return "Tonight: nobody has looked yet what would fail";
  const when = `looked over ${distance(looked_at, now)}, ${plural(looked, "destination")}`;
  return `${is_current ? "Tonight" : "No look at tonight yet; the last one"}: ${when}: ${sayResult(findings)}`;
}

/** @param {Foreseen[]} findings */
function sayResult(findings) {
  const failing = new Set(findings.flatMap((each) => each.destinations)).size;
  const common = findings.filter((each) => !each.destinations.length).length;
  const said = failing ? [`${failing} would fail`] : [];
  if (common) said.push(`${plural(common, "thing")} would hit all`);
  return said.join(", ") || "nothing would fail that shows without a login";
}

/**
 * Say whose a finding is: "acme, birch and 3 more at sftp.x:22".
 * @param {Pick<Foreseen, "destinations" | "server">} finding
 */
export function sayWhose({ destinations, server }) {
  const more = destinations.length > NAMED ? ` and ${destinations.length - NAMED} more` : "";
  const names = destinations.slice(0, NAMED).join(", ") + more || "every destination";
  return server ? `${names} at ${server}` : names;
}

/**
 * Say what was fine, each with its server.
 * @param {FineDestination[]} fine
 * @param {boolean} isAll nothing hits them all
 */
export function sayFine(fine, isAll) {
  const names = fine.map(({ destination, server }) => (server ? `${destination} (${server})` : destination));
  return fine.length ? `${isAll ? "Fine" : "Nothing else was found at"}: ${names.join(", ")}` : "";
}

/**
 * Say exactly when it was looked over.
 * @param {string | null} lookedAt
 */
export function sayWhen(lookedAt) {
  return lookedAt ? `Looked over at ${instant(lookedAt)}.` : "It is looked over each day, once the DAG is unpaused.";
}
