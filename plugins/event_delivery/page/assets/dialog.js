// How is the reader asked once, and told what was started? (The frame's sandbox has no confirm().)

import { find, make } from "./elements.js";
import { makeAirflowLink } from "./panel.js";

/**
 * Ask, act, and show the answer in the same dialog.
 *
 * `question` has title, says (what will happen, a list of sentences), verb (the button), fields (elements), check
 * (returns what is wrong with the fields, or nothing) and act (does it; returns the server's answer).
 */
export function ask(question, done) {
  const dialog = find("dialog");
  const problem = make("p", { class: "problem", role: "alert", hidden: true });
  const confirm = make("button", { type: "submit", class: "button main" }, question.verb);
  const cancel = make("button", { type: "button", class: "button", click: () => dialog.close() }, "Cancel");
  const form = make("form", { method: "dialog", submit: (event) => submit(event, { question, problem, confirm, done }) },
    make("h2", { id: "dialog-title" }, question.title),
    question.says.map((sentence) => make("p", {}, sentence)), question.fields, problem,
    make("div", { class: "buttons" }, confirm, cancel));
  dialog.replaceChildren(form);
  dialog.showModal();
  (question.fields?.querySelector("input") || confirm).focus();
}

async function submit(event, { question, problem, confirm, done }) {
  event.preventDefault();
  const wrong = question.check?.();
  problem.hidden = !wrong;
  problem.textContent = wrong || "";
  if (wrong || confirm.disabled) return;
  confirm.disabled = true;
  try {
    const answer = await question.act();
    showAnswer(answer);
    done(answer);
  } catch (error) {
    problem.hidden = false;
    problem.textContent = error.message;
    confirm.disabled = false;
  }
}

function showAnswer(answer) {
  const dialog = find("dialog");
  const close = make("button", { type: "button", class: "button main", click: () => dialog.close() }, "Close");
  const run = answer.run_id || (answer.backfill_id && `backfill ${answer.backfill_id}`);
  dialog.replaceChildren(make("div", { class: "answer" },
    make("h2", { id: "dialog-title" }, "Started"), make("p", { role: "status" }, answer.said),
    run && make("p", {}, make("code", {}, run)),
    make("p", { class: "links" }, makeAirflowLink(answer.link, answer.backfill_id ? "Open the backfill" : answer.run_id ? "Open the run" : "Open the DAG")),
    make("p", { class: "quiet" }, "This page shows the result by itself as soon as it is there."),
    make("div", { class: "buttons" }, close)));
  close.focus();
}
