// @ts-check
// What can a person decide about a delivery that nobody can confirm, and what does that mean?

/** @import { Actions } from "./actions.js" */
/** @import { Decision } from "./answers.js" */
/** @import { Question } from "./dialog.js" */
/** @import { MatrixRow } from "./matrix_row.js" */

import { act } from "./api.js";
import { makeButton } from "./panel.js";
import { day } from "./words.js";

/** @type {Record<Decision, { verb: string, meaning: string, ask: (what: string, client: string) => string }>} */
const DECISIONS = {
  robot: {
    verb: "A robot takes files here",
    meaning: "This delivery counts as delivered, and from now on a file that vanishes from this folder counts as taken.",
    ask: (what, client) => `Count ${what} as delivered to ${client}?`,
  },
  "send again": {
    verb: "Send again",
    meaning: "The file is sent once more; if the client has it already, it gets a second copy.",
    ask: (what, client) => `Send ${what} to ${client} again?`,
  },
};
export const UNDECIDED = "Nothing is sent again until somebody decides.";
const CHOICES = /** @type {Decision[]} */ (Object.keys(DECISIONS));

/**
 * Return the question that is asked before a decision is taken.
 * @param {Pick<MatrixRow, "id" | "client">} row
 * @param {Decision} decision
 * @param {string | null} text the day; null for the latest test file
 * @returns {Question}
 */
export function askDecision({ id, client }, decision, text) {
  const { verb, meaning, ask } = DECISIONS[decision];
  /** @type {Record<string, string>} */
  const which = text ? { day: text } : { kind: "test" };
  return {
    title: ask(text ? `the file of ${day(text)}` : "the test file", client), verb, says: [meaning],
    act: () => act("resolve", { destination: id, ...which, decision }),
  };
}

/**
 * Make a button for each decision.
 * @param {Actions["resolve"]} resolve
 * @param {string | null} text the day; null for the latest test file
 */
export function makeDecisions(resolve, text) {
  return CHOICES.map((decision) => makeButton(DECISIONS[decision].verb, () => resolve(decision, text), "main"));
}
