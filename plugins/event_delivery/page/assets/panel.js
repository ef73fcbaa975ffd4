// @ts-check
// How does the side panel open, close, and show facts, links and things to copy?

/** @import { Child, Children } from "./elements.js" */

import { airflowAddress, goTo } from "./airflow.js";
import { copyText } from "./clipboard.js";
import { find, findFocused, listNodes, make, symbol } from "./elements.js";

/**
 * Show content in the panel, under a title; the focus moves there only when it opens.
 * @param {string} title
 * @param {string} subtitle
 * @param {Children[]} content
 * @param {() => void} close
 */
export function showPanel(title, subtitle, content, close) {
  const panel = find("panel"), opening = panel.hidden, place = panel.scrollTop;
  const focused = findFocused(), held = focused && panel.contains(focused) ? focused.dataset.name : null;
  const heading = make("h2", { id: "panel-title", tabindex: -1, "data-name": "title" }, title);
  const button = make("button", {
    type: "button", class: "icon", "aria-label": "Close", title: "Close (Esc)", "data-name": "close", click: close,
  }, symbol("close"));
  panel.replaceChildren(
    make("header", { class: "panel-head" }, make("div", {}, heading, subtitle && make("p", {}, subtitle)), button),
    make("div", { class: "panel-body" }, listNodes(content)));
  panel.hidden = false;
  if (opening) heading.focus({ preventScroll: true });
  else panel.scrollTop = place;
  const again = held && panel.querySelector(`[data-name="${CSS.escape(held)}"]`);
  if (again instanceof HTMLElement) again.focus({ preventScroll: true });
}

/** Hide the panel. */
export function hidePanel() {
  find("panel").hidden = true;
  find("panel").replaceChildren();
}

/**
 * Make a list of facts; those without a value are left out.
 * @param {Array<[string, Child]>} facts
 */
export function makeFacts(facts) {
  const known = facts.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== "");
  return make("dl", { class: "facts" }, known.flatMap(([name, value]) =>
    [make("dt", {}, name), make("dd", {}, value)]));
}

/**
 * Make a part of the panel with a heading of its own.
 * @param {string} title
 * @param {Children[]} content
 */
export function makePart(title, ...content) {
  return make("section", { class: "part" }, make("h3", {}, title), listNodes(content));
}

/**
 * Make a link to one of Airflow's own pages; null without a path.
 * @param {string | null} path
 * @param {string} words
 */
export function makeAirflowLink(path, words) {
  if (!path) return null;
  const attributes = { class: "link", href: airflowAddress(path), click: goTo, "data-name": words };
  return make("a", attributes, symbol("link"), words);
}

/**
 * Make a button that copies a text and says so.
 * @param {string} words
 * @param {string} text
 */
export function makeCopyButton(words, text) {
  const label = make("span", {}, words);
  const copy = async () => {
    label.textContent = (await copyText(text)) ? "Copied" : "Not copied: select the text by hand";
    find("announcer").textContent = label.textContent;
    setTimeout(() => { label.textContent = words; }, 2500);
  };
  return make("button", { type: "button", class: "button", click: copy, "data-name": words }, symbol("copy"), label);
}

/**
 * Make a button that acts.
 * @param {string} words
 * @param {() => void} act
 * @param {"" | "main"} [kind]
 */
export function makeButton(words, act, kind = "") {
  return make("button", { type: "button", class: `button ${kind}`, click: act, "data-name": words }, words);
}
