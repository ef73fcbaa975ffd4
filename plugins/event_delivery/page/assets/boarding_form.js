// @ts-check
// What is asked of who takes a client on board? The URL is a secret: it goes by POST, and is shown nowhere.

/** @import { BoardingPlace } from "./answers.js" */

import { make } from "./elements.js";

/** @typedef {Record<string, string | boolean>} Body what a request holds */
/** @typedef {{ element: HTMLFieldSetElement, url: HTMLInputElement, keeps: HTMLInputElement, read: () => Body }} Form */

const MORE = /** @type {const} */ ([
  ["deliver_at", "Deliver at", "02:00"], ["path", "Folder", "the URL's"], ["connection", "Connection", "sftp_<id>"],
]);
const TEXTS = { autocomplete: "off", spellcheck: "false" };

/**
 * Make the fields; what is left empty is the default's.
 * @param {BoardingPlace} place
 * @returns {Form}
 */
export function makeForm(place) {
  const id = makeText("destination", "acme", { required: true, pattern: "[A-Za-z0-9_\\-]+" });
  const url = make("input", { name: "url", type: "password", autocomplete: "new-password", spellcheck: "false" });
  const keeps = make("input", { type: "checkbox", checked: place.database });
  const again = make("input", { type: "checkbox" });
  const format = make("select", { name: "format" }, ["", "csv", "json", "ndjson", "parquet"].map((name) =>
    make("option", { value: name }, name || "as the defaults say")));
  const texts = [id, makeText("client", "Acme University"), makeText("company_id", "3aabdfb8-…"),
    makeText("timezone", "as the defaults say"), ...MORE.map(([name, , hint]) => makeText(name, hint))];
  const [, client, company, zone, ...more] = texts;
  const element = make("fieldset", { class: "boarding" },
    make("div", { class: "fields" }, make("label", {}, "Id", id), make("label", {}, "Client", client)),
    make("div", { class: "fields" }, make("label", {}, "Company id", company), make("label", {}, "Time zone", zone)),
    make("label", { class: "whole" }, "The client's URL: sftp://user:password@host:port/path", url),
    make("details", {}, make("summary", {}, "More"),
      make("div", { class: "fields" }, MORE.map(([, words], place) => make("label", {}, words, more[place])),
        make("label", {}, "Format", format)),
      make("label", { class: "switch" }, again, "Put the Connection in the place of another (--replace)")),
    make("label", { class: "switch" }, keeps, "Keep the Connection in Airflow's database; else you are shown the commands"));
  const read = () => ({
    ...Object.fromEntries([...texts, format].filter((field) => field.value).map((field) => [field.name, field.value.trim()])),
    url: url.value, replace: again.checked, keeps: keeps.checked,
  });
  return { element, url, keeps, read };
}

/** @type {(name: string, placeholder: string, more?: Record<string, string | boolean>) => HTMLInputElement} */
function makeText(name, placeholder, more = {}) {
  return make("input", { name, type: "text", placeholder, ...TEXTS, ...more });
}
