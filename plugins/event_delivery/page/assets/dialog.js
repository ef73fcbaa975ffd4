// @ts-check
// How is the reader asked once, and told what was started? (The frame's sandbox has no confirm().)

/** @import { Answered, Started } from "./answers.js" */

import { sayError } from "./api.js";
import { find, make } from "./elements.js";
import { makeAirflowLink } from "./panel.js";

/**
 * What is asked: what will happen, in sentences; the button; fields and what is wrong with them, or nothing; the deed.
 * @typedef {object} Question
 * @property {string} title
 * @property {string} verb
 * @property {string[]} says
 * @property {HTMLElement} [fields]
 * @property {() => string} [check]
 * @property {() => Promise<Started | Answered>} act
 */
/** @typedef {{ problem: HTMLElement, confirm: HTMLButtonElement }} Parts */

/**
 * Ask, act, and show the answer in the same dialog.
 * @param {Question} question
 * @param {() => void} done called after the deed
 */
export function ask(question, done) {
  const dialog = find("dialog", HTMLDialogElement);
  const problem = make("p", { class: "problem", role: "alert", hidden: true });
  const confirm = make("button", { type: "submit", class: "button main" }, question.verb);
  const cancel = make("button", { type: "button", class: "button", click: () => dialog.close() }, "Cancel");
  const send = (/** @type {SubmitEvent} */ event) => submit(event, question, { problem, confirm }, done);
  dialog.replaceChildren(make("form", { method: "dialog", submit: send },
    make("h2", { id: "dialog-title" }, question.title),
    question.says.map((sentence) => make("p", {}, sentence)), question.fields, problem,
    make("div", { class: "buttons" }, confirm, cancel)));
  dialog.showModal();
  (question.fields?.querySelector("input") || confirm).focus();
}

/** @type {(event: SubmitEvent, question: Question, parts: Parts, done: () => void) => Promise<void>} */
async function submit(event, question, { problem, confirm }, done) {
  event.preventDefault();
  const wrong = question.check?.() || "";
  problem.hidden = !wrong;
  problem.textContent = wrong;
  if (wrong || confirm.disabled) return;
  confirm.disabled = true;
  try {
    showAnswer(await question.act());
    done();
  } catch (error) {
    problem.hidden = false;
    problem.textContent = sayError(error);
    confirm.disabled = false;
  }
}

/** @param {Started | Answered} answer */
function showAnswer(answer) {
  if (!("link" in answer)) return showRecorded(answer.said);
  const dialog = find("dialog", HTMLDialogElement);
  const close = make("button", { type: "button", class: "button main", click: () => dialog.close() }, "Close");
  const run = answer.run_id || (answer.backfill_id && `backfill ${answer.backfill_id}`);
  const opens = answer.backfill_id ? "Open the backfill" : answer.run_id ? "Open the run" : "Open the DAG";
  dialog.replaceChildren(make("div", { class: "answer" },
    make("h2", { id: "dialog-title" }, "Started"), make("p", { role: "status" }, answer.said),
    run && make("p", {}, make("code", {}, run)),
    make("p", { class: "links" }, makeAirflowLink(answer.link, opens)),
    make("p", { class: "quiet" }, "This page shows the result by itself as soon as it is there."),
    make("div", { class: "buttons" }, close)));
  return close.focus();
}

/** @param {string} said */
function showRecorded(said) {
  const dialog = find("dialog", HTMLDialogElement);
  const close = make("button", { type: "button", class: "button main", click: () => dialog.close() }, "Close");
  dialog.replaceChildren(make("div", { class: "answer" }, make("h2", { id: "dialog-title" }, "Recorded"),
    make("p", { role: "status" }, said), make("div", { class: "buttons" }, close)));
  close.focus();
}
