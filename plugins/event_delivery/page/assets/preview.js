// @ts-check
// How would a file begin that nobody sends, and whose values in it may the reader see?

/** @import { Preview } from "./answers.js" */

import { read, sayError } from "./api.js";
import { find, make } from "./elements.js";

const SHOW = "Show learners' values: Airflow's audit log says that you did";

/**
 * Whose file is looked at; `lastDay`: the last that is over, empty where nobody knows.
 * @typedef {object} Subject
 * @property {string} id
 * @property {string} client
 * @property {string[]} events
 * @property {boolean} may_show_values
 * @property {string} lastDay
 */
/** @typedef {{ kind: HTMLSelectElement, event: HTMLSelectElement, day: HTMLInputElement, values: HTMLInputElement }} Fields */

/**
 * Open the dialog in which a file is looked at; it asks at once.
 * @param {Subject} subject
 */
export function openPreview(subject) {
  const dialog = find("dialog", HTMLDialogElement), fields = makeFields(subject);
  const place = make("div", { class: "notes", role: "status" });
  const show = make("button", { type: "submit", class: "button main" }, "Show");
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    show.disabled = true;
    place.replaceChildren(make("p", { class: "quiet" }, "Asking the source…"));
    place.replaceChildren(...await look(subject.id, fields));
    show.disabled = false;
  };
  const form = make("form", { class: "wide", method: "dialog", submit },
    make("h2", { id: "dialog-title" }, `What would ${subject.client} get?`),
    make("p", { class: "quiet" }, "Nothing is sent, and nothing is kept."),
    layOut(subject, fields), place,
    make("div", { class: "buttons" }, show,
      make("button", { type: "button", class: "button", click: () => dialog.close() }, "Close")));
  dialog.replaceChildren(form);
  dialog.showModal();
  form.requestSubmit();
}

/** @type {(subject: Subject) => Fields} */
function makeFields({ events, lastDay }) {
  const day = make("input", { type: "date", value: lastDay, max: lastDay || null, required: true });
  const kind = make("select", { change: () => { day.disabled = kind.value === "test"; } },
    make("option", { value: "nightly" }, "a day's file"), make("option", { value: "test" }, "the test file"));
  const event = make("select", {}, events.map((name) => make("option", {}, name)));
  return { kind, event, day, values: make("input", { type: "checkbox" }) };
}

/** @type {(subject: Subject, fields: Fields) => HTMLElement} */
function layOut({ events, may_show_values: maySee }, { kind, event, day, values }) {
  return make("div", { class: "notes" },
    make("div", { class: "fields" }, make("label", {}, "File", kind),
      events.length > 1 && make("label", {}, "Event type", event), make("label", {}, "Day", day)),
    maySee && make("label", { class: "switch" }, values, SHOW));
}

/** @type {(destination: string, fields: Fields) => Promise<HTMLElement[]>} */
async function look(destination, { kind, event, day, values }) {
  const query = {
    destination, event: event.value, kind: kind.value, day: kind.value === "test" ? "" : day.value,
    values: values.checked ? "shown" : "masked",
  };
  try {
    return makeAnswer(await read("preview", query));
  } catch (error) {
    return [make("p", { class: "problem", role: "alert" }, sayError(error))];
  }
}

/** @param {Preview} preview */
function makeAnswer({ file_name: name, text, notes, masked }) {
  return [
    make("p", {}, make("code", {}, name)),
    make("p", {}, notes.join(" ")),
    ...(masked.length ? [make("p", { class: "masked" }, `Masked, so shown as ***: ${masked.join(", ")}`)] : []),
    make("pre", { class: "content", tabindex: 0, dir: "ltr" }, text),
  ];
}
