// @ts-check
// How is a client taken on board: look at its server, have the host key confirmed, do the rest, send the test file?

/** @import { Boarding, BoardingPlace } from "./answers.js" */
/** @import { Form } from "./boarding_form.js" */

import { act, board, read, sayError } from "./api.js";
import { makeForm } from "./boarding_form.js";
import { find, make } from "./elements.js";
import { makeButton, makeCopyButton } from "./panel.js";

/**
 * The dialog's parts: what was asked, what came of it, what can be done next; `after` is called when something was kept.
 * @typedef {{ form: Form, told: HTMLElement, buttons: HTMLElement, after: (id: string) => void }} Parts
 */

/**
 * Offer the button to who may make Connections.
 * @param {boolean} may
 * @param {(id: string) => void} after called with the id of a destination that was taken on board
 */
export function offerBoarding(may, after) {
  const button = find("board", HTMLButtonElement);
  button.hidden = !may;
  button.onclick = () => void open(after);
}

/** @param {(id: string) => void} after */
async function open(after) {
  const dialog = find("dialog", HTMLDialogElement);
  const place = await read("onboarding", {}).catch(sayError);
  if (typeof place === "string") return showProblem(place);
  const form = makeForm(place);
  const parts = { form, told: make("div", { class: "told", role: "status", tabindex: -1 }), buttons: make("div", { class: "buttons" }), after };
  const submit = (/** @type {Event} */ event) => { event.preventDefault(); void look(parts); };
  dialog.replaceChildren(make("form", { class: "wide", method: "dialog", autocomplete: "off", submit },
    make("h2", { id: "dialog-title" }, "Take a client on board"),
    make("p", { class: "quiet" }, sayPlace(place)), form.element, parts.told, parts.buttons));
  dialog.addEventListener("close", () => { form.url.value = ""; dialog.replaceChildren(); }, { once: true });
  showStart(parts);
  dialog.showModal();
  form.element.querySelector("input")?.focus();
}

/** @param {string} problem */
function showProblem(problem) {
  const dialog = find("dialog", HTMLDialogElement);
  dialog.replaceChildren(make("div", { class: "answer" }, make("h2", { id: "dialog-title" }, "Take a client on board"),
    make("p", { class: "problem", role: "alert" }, problem), make("div", { class: "buttons" }, makeClose("Close"))));
  dialog.showModal();
}

/** @param {BoardingPlace} place */
function sayPlace({ folder, writable }) {
  const where = writable ? `is written into ${folder} on Airflow's API server` : `is shown, to be put where your destinations are kept: ${folder} cannot be written here`;
  return `The server is looked at from here first; no user and no password is sent before its host key is confirmed. The destination's file ${where}.`;
}

/** @param {Parts} parts */
function showStart(parts) {
  parts.form.element.disabled = false;
  parts.buttons.replaceChildren(
    make("button", { type: "submit", class: "button main" }, "Look at the server"), makeClose("Cancel"));
}

/** @param {Parts} parts */
async function look(parts) {
  const answer = await ask(parts, "onboarding/look", {});
  if (!answer) return;
  const { failed, fingerprint } = answer;
  if (failed) return showStart(parts);
  parts.told.append(...makeConfirmation(fingerprint));
  parts.buttons.replaceChildren(
    makeButton(fingerprint ? "The client named it: log in, and keep the client" : "Log in, and keep the client",
      () => void finish(parts, fingerprint), "main"),
    makeButton("Change", () => { parts.told.replaceChildren(); showStart(parts); }), makeClose("Cancel"));
}

/** @type {(parts: Parts, fingerprint: string | null) => Promise<void>} */
async function finish(parts, fingerprint) {
  const answer = await ask(parts, "onboarding/do", fingerprint ? { host_key: fingerprint } : {});
  if (!answer) return;
  if (!answer.aboard) return showStart(parts);
  parts.form.url.value = "";
  const id = String(parts.form.read().destination);
  parts.told.append(...makeKept(answer));
  parts.buttons.replaceChildren(answer.written ? makeTestFile(parts, id) : "", makeClose("Close"));
  if (answer.written) parts.after(id);
}

/**
 * Ask, and show the steps; null without an answer, when the reader may try again.
 * @type {(parts: Parts, endpoint: string, more: Record<string, string>) => Promise<Boarding | null>}
 */
async function ask(parts, endpoint, more) {
  const { form, told, buttons } = parts, body = { ...form.read(), ...more };
  form.element.disabled = true;
  buttons.replaceChildren(makeClose("Cancel"));
  told.replaceChildren(make("p", { class: "quiet" }, "Asking the server…"));
  try {
    const answer = await board(endpoint, body);
    told.replaceChildren(...makeSteps(answer));
    requestAnimationFrame(() => { told.focus({ preventScroll: true }); buttons.scrollIntoView({ block: "nearest" }); });
    return answer;
  } catch (error) {
    told.replaceChildren(make("p", { class: "problem", role: "alert" }, sayError(error)));
    showStart(parts);
    told.focus();
    return null;
  }
}

/** @param {Boarding} answer */
function makeSteps({ done, failed, hint, email }) {
  return [
    make("ul", { class: "steps" }, done.map((said) => make("li", {}, `✓ ${said}`)),
      failed && make("li", { class: "stopped" }, `✗ ${failed}`)),
    hint && make("p", { class: "quiet" }, hint),
    email && makeText("The client's next e-mail", email, "Copy the e-mail"),
  ].filter((part) => part instanceof Node);
}

/** @param {string | null} fingerprint */
function makeConfirmation(fingerprint) {
  if (!fingerprint) return [];
  return [make("p", {}, "The server's host key is ", make("code", { class: "fingerprint" }, fingerprint)),
    make("p", { class: "advice" }, "Has the client named this fingerprint, by another way than this server? Whoever shows it is sent the password.")];
}

/** @param {Boarding} answer */
function makeKept({ commands, yaml, file_name: name, written }) {
  return [
    commands && makeText("Run these where your destinations and secrets are kept", commands, "Copy the commands"),
    yaml && makeText(written ? `${name}, as it was written` : `Put this where your destinations are kept, as ${name}`, yaml, "Copy the file",
      make("a", { class: "link", href: `data:application/yaml;charset=utf-8,${encodeURIComponent(yaml)}`, download: name }, `Download ${name}`)),
  ].filter((part) => part instanceof Node);
}

/** @type {(title: string, text: string, copy: string, more?: HTMLElement) => HTMLElement} */
function makeText(title, text, copy, more) {
  return make("div", { class: "notes" }, make("p", { class: "masked" }, title), make("pre", { class: "content wraps", tabindex: 0 }, text),
    make("div", { class: "buttons" }, makeCopyButton(copy, text), more));
}

/** @type {(parts: Parts, id: string) => HTMLElement} */
function makeTestFile({ told, after }, id) {
  const send = async () => {
    const said = await act("onboarding/test-file", { destination: id }).then((answer) => answer.said, sayError);
    told.querySelector(".sent")?.remove();
    told.append(make("p", { class: "sent", role: "status" }, said));
    after(id);
  };
  return makeButton("Send the test file", () => void send(), "main");
}

/** @param {string} words */
function makeClose(words) {
  return make("button", { type: "button", class: "button", click: () => find("dialog", HTMLDialogElement).close() }, words);
}
