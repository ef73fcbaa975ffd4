// @ts-check
// What can a person decide about a delivery that nobody can confirm, and what does that mean?

/** @import { Actions } from "./actions.js" */
/** @import { Decision } from "./answers.js" */
/** @import { Question } from "./dialog.js" */
/** @import { MatrixRow } from "./matrix_row.js" */
/** @import { Bounds } from "./panel_view.js" */

/** @typedef {{ ask: (client: string, day: string) => string, meaning: string }} Words */

import { act } from "./api.js";
import { makeButton } from "./panel.js";
import { day } from "./words.js";

/** @type {Record<Decision, { verb: string, night: Words, test: Words }>} */
const DECISIONS = {
  robot: {
    verb: "A robot takes files here",
    night: {
      ask: (client, text) => `Count the file of ${text} as delivered to ${client}?`,
      meaning: "This delivery counts as delivered, and from now on a file that vanishes from this folder counts as taken. "
        + "If events have come late since, the new file is sent.",
    },
    test: {
      ask: (client) => `Does a robot take files at ${client}?`,
      meaning: "Another test file is sent, and from now on a file that vanishes from this folder counts as taken.",
    },
  },
  "send again": {
    verb: "Send again",
    night: {
      ask: (client, text) => `Send the file of ${text} to ${client} again?`,
      meaning: "The file is sent once more; if the client has it already, it gets a second copy.",
    },
    test: { ask: (client) => `Send the test file to ${client} again?`, meaning: "Another test file is sent." },
  },
};
export const UNDECIDED = "Nothing is sent again until somebody decides.";
const CHOICES = /** @type {Decision[]} */ (Object.keys(DECISIONS));

/**
 * Return the question that is asked before a decision is taken.
 * @param {Pick<MatrixRow, "id" | "client">} row
 * @param {Decision} decision
 * @param {string | null} text the day; null for the latest test file
 * @param {Bounds | null} [bounds] the interval of the day's delivery
 * @returns {Question}
 */
export function askDecision({ id, client }, decision, text, bounds = null) {
  const { verb, night, test } = DECISIONS[decision];
  const { ask, meaning } = text ? night : test;
  /** @type {Record<string, string>} */
  const which = text ? { day: text, ...bounds } : { kind: "test" };
  return {
    title: ask(client, text ? day(text) : ""), verb, says: [meaning],
    act: () => act("resolve", { destination: id, ...which, decision }),
  };
}

/**
 * Make a button for each decision.
 * @param {Actions["resolve"]} resolve
 * @param {string | null} text the day; null for the latest test file
 * @param {Bounds | null} [bounds] the interval of the day's delivery
 */
export function makeDecisions(resolve, text, bounds = null) {
  return CHOICES.map((decision) => makeButton(DECISIONS[decision].verb, () => resolve(decision, text, bounds), "main"));
}
